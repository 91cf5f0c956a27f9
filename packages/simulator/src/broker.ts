// An MQTT broker and the network around it: QoS 1 with retained messages and last wills, delay, loss of connections,
// duplicates and, when told, messages that overtake each other.

import type { Chance } from './chance.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Will {
  readonly topic: string;
  readonly payload: Uint8Array;
}

export interface Session {
  readonly client: string;
  /** What is behind it, where two may have one name. */
  readonly who?: object;
  readonly filters: Set<string>;
  isOpen: boolean;
  /** Undefined for a client that leaves none. */
  readonly will: Will | undefined;
  readonly deliver: (message: { topic: string; payload: Uint8Array; retained: boolean }) => void;
  readonly ended: (why: string) => void;
  /** What is under way to the broker: told when the connection is lost first. */
  readonly underWay: Set<() => void>;
  lastDeliveryMs: number;
}

export interface Weather {
  /** Shares of messages. */
  slow: number;
  doubled: number;
  /** Messages may overtake each other. */
  overtaking: boolean;
}

/** After so long a connection without an answer counts as lost, and the last will is sent. */
const KEEP_ALIVE_MS = 90_000;

export class SimBroker {
  readonly retained = new Map<string, Uint8Array>();
  readonly sessions = new Set<Session>();
  readonly weather: Weather = { slow: 0, doubled: 0, overtaking: false };
  /** Who asked for exactly this topic, and who for more than one: asking every board about every message would cost more than all the rest. */
  readonly #exact = new Map<string, ReadonlySet<Session>>();
  readonly #wild = new Map<Session, readonly Filter[]>();
  readonly #byClient = new Map<string, Session>();
  readonly #cutOff = new Set<string>();
  isUp = true;
  messages = 0;
  /** Sees every message as a client sends it. */
  onSent: (topic: string, payload: Uint8Array, sender: object | undefined) => void = () => {};
  /** Sees every message that the broker takes. */
  onPublished: (topic: string, payload: Uint8Array) => void = () => {};
  readonly #time: VirtualTime;
  readonly #chance: Chance;

  constructor(time: VirtualTime, chance: Chance) {
    this.#time = time;
    this.#chance = chance;
  }

  /** Undefined where the broker can not be reached. */
  connect(how: Pick<Session, 'client' | 'who' | 'will' | 'deliver' | 'ended'>): Session | undefined {
    if (!this.isUp || this.#cutOff.has(how.client)) return undefined;
    const other = this.#byClient.get(how.client);
    if (other !== undefined) this.close(other, 'taken over');
    const session = {
      ...how,
      filters: new Set<string>(),
      isOpen: true,
      underWay: new Set<() => void>(),
      lastDeliveryMs: 0,
    };
    this.sessions.add(session);
    this.#byClient.set(how.client, session);
    return session;
  }

  subscribe(session: Session, filter: string): void {
    session.filters.add(filter);
    if (isExact(filter)) this.#exact.set(filter, new Set([...(this.#exact.get(filter) ?? []), session]));
    else this.#keepWild(session);
    if (filter.startsWith('$share/')) return;
    const exact = this.retained.get(filter);
    if (exact !== undefined) this.#send(session, { topic: filter, payload: exact, retained: true });
    if (isExact(filter)) return;
    const parsed = filterOf(filter);
    for (const [topic, payload] of this.retained) {
      if (fits(parsed, topic.split('/'))) this.#send(session, { topic, payload, retained: true });
    }
  }

  unsubscribe(session: Session, filter: string): void {
    session.filters.delete(filter);
    if (isExact(filter)) this.#leave(filter, session);
    else this.#keepWild(session);
  }

  #keepWild(session: Session): void {
    const wild = [...session.filters].filter(filter => !isExact(filter));
    if (wild.length === 0) this.#wild.delete(session);
    else this.#wild.set(session, wild.map(filterOf));
  }

  /** Resolves with whether the broker took it. */
  publish(session: Session, topic: string, payload: Uint8Array, { retain }: { retain: boolean }): Promise<boolean> {
    this.onSent(topic, payload, session.who);
    return new Promise(resolve => {
      const lost = () => resolve(false);
      if (!session.isOpen) return lost();
      session.underWay.add(lost);
      this.#time.after(this.#delayMs(), () => {
        if (!session.isOpen || this.#cutOff.has(session.client)) return;
        this.take(topic, payload, retain);
        if (this.#chance.happens(this.weather.doubled)) this.take(topic, payload, retain);
        this.#time.after(this.#delayMs(), () => {
          session.underWay.delete(lost);
          resolve(true);
        });
      });
    });
  }

  /** As if somebody had published it, whoever that may be. */
  take(topic: string, payload: Uint8Array, retain: boolean): void {
    this.messages += 1;
    this.onPublished(topic, payload);
    if (retain) this.retained.set(topic, payload);
    const exact = this.#exact.get(topic);
    for (const session of exact ?? []) this.#send(session, { topic, payload, retained: false });
    const parts = topic.split('/');
    for (const [session, filters] of this.#wild) {
      if (exact?.has(session) === true || !filters.some(filter => fits(filter, parts))) continue;
      this.#send(session, { topic, payload, retained: false });
    }
  }

  /** Without a goodbye the last will is sent. */
  close(session: Session, why: string, { goodbye = false }: { goodbye?: boolean } = {}): void {
    if (!session.isOpen) return;
    session.isOpen = false;
    this.sessions.delete(session);
    this.#wild.delete(session);
    for (const filter of session.filters) this.#leave(filter, session);
    if (this.#byClient.get(session.client) === session) this.#byClient.delete(session.client);
    for (const lost of session.underWay) lost();
    session.ended(why);
    if (!goodbye && session.will !== undefined && this.isUp) this.take(session.will.topic, session.will.payload, true);
  }

  /** The client is gone without a word; the broker notices later. */
  vanish(client: string): void {
    const session = this.#byClient.get(client);
    if (session !== undefined) this.#time.after(KEEP_ALIVE_MS, () => this.close(session, 'no answer'));
  }

  kick(client: string): void {
    const session = this.#byClient.get(client);
    if (session !== undefined) this.close(session, 'kicked');
  }

  /** Half-open: both sides believe in the connection until the keep-alive runs out. */
  cutOff(client: string): void {
    this.#cutOff.add(client);
    this.vanish(client);
  }

  reconnectable(client: string): void {
    this.#cutOff.delete(client);
  }

  isCutOff(client: string): boolean {
    return this.#cutOff.has(client);
  }

  stop({ forgets }: { forgets: boolean }): void {
    this.isUp = false;
    for (const session of this.sessions) this.close(session, 'the broker is gone');
    if (forgets) this.retained.clear();
  }

  start(): void {
    this.isUp = true;
  }

  #leave(filter: string, session: Session): void {
    const others = [...(this.#exact.get(filter) ?? [])].filter(other => other !== session);
    if (others.length > 0) this.#exact.set(filter, new Set(others));
    else this.#exact.delete(filter);
  }

  #send(session: Session, message: { topic: string; payload: Uint8Array; retained: boolean }): void {
    const times = this.#chance.happens(this.weather.doubled) ? 2 : 1;
    for (let copy = 0; copy < times; copy += 1) {
      const soonestMs = this.#time.now() + this.#delayMs();
      const atMs = this.weather.overtaking ? soonestMs : Math.max(session.lastDeliveryMs, soonestMs);
      session.lastDeliveryMs = Math.max(atMs, session.lastDeliveryMs);
      this.#time.after(atMs - this.#time.now(), () => {
        if (session.isOpen && !this.#cutOff.has(session.client)) session.deliver(message);
      });
    }
  }

  #delayMs(): number {
    return this.#chance.happens(this.weather.slow) ? this.#chance.between(1_000, 45_000) : this.#chance.between(5, 150);
  }
}

const isExact = (filter: string): boolean => !filter.includes('+') && !filter.startsWith('$');

/** A filter with `+`, level by level; `$share/GROUP/` before it says nothing about topics. */
type Filter = readonly string[];

const filterOf = (text: string): Filter => (text.startsWith('$share/') ? text.split('/').slice(2) : text.split('/'));

const fits = (filter: Filter, levels: readonly string[]): boolean =>
  filter.length === levels.length && filter.every((level, at) => level === '+' || level === levels[at]);
