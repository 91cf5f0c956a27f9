// What is to be done after every connection to the broker: take what it retains, find out what it can, and see whether it
// has lost anything.

import { randomUUID } from 'node:crypto';
import { topicOfAll } from '@seatrial/capsule-plan';
import type { Broker, BrokerMessage } from '../ports/broker.ts';
import type { Desk } from './desk.ts';
import type { Intake } from './intake.ts';
import { markerOf, markerTopic, probeTopic } from './marker.ts';

export interface SessionOptions {
  readonly desk: Desk;
  readonly broker: Broker;
  readonly intake: Intake;
  /** How long nothing must come before what is retained counts as taken, and a probe as lost. */
  readonly quietMs: number;
}

export class BrokerSession {
  readonly #options: SessionOptions;
  readonly #probes = new Map<string, () => void>();
  #marker: number | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Our own messages to ourselves; false for those of boards. */
  takeOwn({ topic, payload }: BrokerMessage): boolean {
    const { id } = this.#options.desk.meta;
    if (topic === markerTopic(id)) this.#marker = markerOf(payload);
    else if (topic === probeTopic(id)) this.#probes.get(Buffer.from(payload).toString())?.();
    else return false;
    return true;
  }

  /**
   * Reports are subscribed to plainly first, because a broker sends no retained message for a shared subscription
   * [MQTT-5 4.8.2]. Only when those are in, and the broker has been seen to deliver to a group, does the group take over.
   */
  async begin(): Promise<{ readonly sharesReports: boolean }> {
    const { desk, broker, intake } = this.#options;
    const { id, publishedSerial } = desk.meta;
    this.#marker = undefined;
    await this.#options.intake.forgetConnections();
    await broker.subscribe(markerTopic(id));
    for (const channel of ['presence', 'report', 'event'] as const) await broker.subscribe(topicOfAll(channel));
    await this.#untilQuiet();
    await intake.idle();
    const sharesReports = await this.#sharesReports();
    if (sharesReports) {
      await broker.subscribe(`$share/${id}/${topicOfAll('report')}`);
      await broker.unsubscribe(topicOfAll('report'));
    }
    if (this.#marker !== publishedSerial && publishedSerial > 0) await desk.note({ republish: true });
    return { sharesReports };
  }

  async #untilQuiet(): Promise<void> {
    const { desk, intake, quietMs } = this.#options;
    const startedMs = desk.clock.now();
    const quietSince = () => Math.max(startedMs, intake.lastArrivalMs);
    while (desk.clock.now() - quietSince() < quietMs) await pause(Math.min(quietMs, 20));
  }

  /** A broker without shared subscriptions grants them all the same, and delivers nothing. */
  async #sharesReports(): Promise<boolean> {
    const { desk, broker, quietMs } = this.#options;
    const filter = `$share/${desk.meta.id}/${probeTopic(desk.meta.id)}`;
    const word = randomUUID();
    try {
      await broker.subscribe(filter);
      const heard = new Promise<boolean>(resolve => this.#probes.set(word, () => resolve(true)));
      await broker.publish(probeTopic(desk.meta.id), Buffer.from(word), { retain: false });
      return await Promise.race([heard, pause(Math.max(quietMs, 200)).then(() => false)]);
    } finally {
      this.#probes.delete(word);
      await broker.unsubscribe(filter);
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
