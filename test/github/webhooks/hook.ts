// Delivers what happens to the app's webhook: signed, in order, one at a time, unless a test asks for worse.

import { createHmac, randomUUID } from 'node:crypto';
import type { Contract } from '../contract/contract.ts';
import type { Violation } from '../contract/violations.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { App, Installation } from '../model/accounts.ts';
import type { Happening, World } from '../model/world.ts';
import { WEBHOOKS, type WebhookName } from '../openapi/operations.ts';
import { covers } from '../operations/apps.ts';
import type { Deliveries, Delivery } from '../operations/call.ts';
import { simpleOrganization, simpleUser } from '../payloads/accounts.ts';
import { pushedRepository, repository as repositoryPayload } from '../payloads/repository.ts';
import { nodeId } from '../payloads/urls.ts';

/** What becomes of a delivery on its way. */
type Mishap = 'lost' | 'twice' | 'wrong-signature' | 'altered';

/** What is on its way, before it is known how it ends. */
interface Parcel {
  readonly guid: string;
  readonly app: App;
  readonly event: string;
  readonly action: string | undefined;
  readonly repositoryId: number | undefined;
  readonly installationId: number | undefined;
  readonly payload: JsonObject;
  readonly isRedelivery: boolean;
}

export class Webhooks implements Deliveries {
  readonly #world: World;
  readonly #contract: Contract;
  readonly #report: (violations: readonly Violation[]) => void;
  readonly #sent: Delivery[] = [];
  readonly #held: Parcel[] = [];
  readonly #mishaps: Mishap[] = [];
  #isHolding = false;
  #last: Promise<void> = Promise.resolve();

  constructor(world: World, contract: Contract, report: (violations: readonly Violation[]) => void) {
    this.#world = world;
    this.#contract = contract;
    this.#report = report;
  }

  /** The next delivery never arrives; the API lists it as failed. */
  loseNext(): void {
    this.#mishaps.push('lost');
  }

  deliverNextTwice(): void {
    this.#mishaps.push('twice');
  }

  /** Signed with another secret. */
  forgeNext(): void {
    this.#mishaps.push('wrong-signature');
  }

  /** Altered after it was signed. */
  alterNext(): void {
    this.#mishaps.push('altered');
  }

  /** Keeps deliveries back until `release`. */
  hold(): void {
    this.#isHolding = true;
  }

  /** Sends what was held back, in the order of happening or the other way round, and waits for it. */
  async release(order: 'as-happened' | 'reversed' = 'as-happened'): Promise<void> {
    this.#isHolding = false;
    const parcels = this.#held.splice(0);
    for (const parcel of order === 'reversed' ? parcels.reverse() : parcels) this.#send(parcel);
    await this.settled();
  }

  /** Every delivery so far has arrived or failed. */
  async settled(): Promise<void> {
    for (let last: Promise<void> | undefined; last !== this.#last; ) {
      last = this.#last;
      await last;
    }
  }

  /** Newest first. */
  list(): readonly Delivery[] {
    return [...this.#sent].reverse();
  }

  /** The same guid and payload again. */
  redeliver({ guid, event, action, repositoryId, installationId, payload }: Delivery): void {
    const [app] = this.#world.apps;
    if (app === undefined || !isObject(payload)) return;
    this.#send({ guid, app, event, action, repositoryId, installationId, payload, isRedelivery: true });
  }

  /** Of events that the app subscribed to, in repositories where it is installed. */
  readonly tell = (happening: Happening): void => {
    const { event, action, repository } = happening;
    for (const installation of this.#world.installations) {
      const { app } = installation;
      if (!app.events.includes(event) || installation.suspended || !covers(installation, repository)) continue;
      const payload = this.#payload(happening, installation);
      this.#check({ event, action, payload });
      const parcel = { guid: randomUUID(), app, event, action, repositoryId: repository.id };
      this.#take({ ...parcel, installationId: installation.id, payload, isRedelivery: false });
    }
  };

  /** What GitHub sends when a hook is set up. */
  ping(app: App): void {
    const { id, url } = app.hook;
    const config = { content_type: 'json', insecure_ssl: '0', url };
    const times = {
      created_at: new Date(app.createdAtMs).toISOString(),
      updated_at: new Date(app.createdAtMs).toISOString(),
    };
    const hook = { type: 'App', id, name: 'web', active: true, events: app.events, app_id: app.id, config, ...times };
    const payload = { zen: 'Design for failure.', hook_id: id, hook };
    this.#check({ event: 'ping', action: undefined, payload });
    const nowhere = { repositoryId: undefined, installationId: undefined };
    this.#take({ guid: randomUUID(), app, event: 'ping', action: undefined, ...nowhere, payload, isRedelivery: false });
  }

  #payload({ event, action, repository, sender, payload }: Happening, installation: Installation): JsonObject {
    const { owner } = repository;
    const show = event === 'push' ? pushedRepository : repositoryPayload;
    return {
      ...(action !== undefined && { action }),
      ...payload,
      repository: show(this.#world, repository),
      ...(owner.kind === 'Organization' && { organization: simpleOrganization(this.#world, owner) }),
      sender: simpleUser(this.#world, sender),
      installation: { id: installation.id, node_id: nodeId('Integration', installation.id) },
    };
  }

  #check({ event, action, payload }: Pick<Parcel, 'event' | 'action' | 'payload'>): void {
    const name = [event, action]
      .filter(part => part !== undefined)
      .join('-')
      .replaceAll('_', '-');
    if (!isKnown(name)) {
      this.#report([{ kind: 'webhook-payload', where: name, details: ['not among the webhooks of the extract'] }]);
      return;
    }
    // What is checked is what travels.
    this.#report(this.#contract.checkPayload(name, JSON.parse(JSON.stringify(payload))));
  }

  #take(parcel: Parcel): void {
    if (this.#isHolding) this.#held.push(parcel);
    else this.#send(parcel);
  }

  #send(parcel: Parcel): void {
    const mishap = this.#mishaps.shift();
    this.#queue(() => this.#deliver(parcel, mishap));
    if (mishap === 'twice') this.#queue(() => this.#deliver(parcel, undefined));
  }

  #queue(act: () => Promise<void>): void {
    this.#last = this.#last.then(act);
  }

  async #deliver(parcel: Parcel, mishap: Mishap | undefined): Promise<void> {
    const { app, event, payload, guid } = parcel;
    const { url, secret, id } = app.hook;
    if (url === undefined) return;
    const text = JSON.stringify(payload);
    const key = mishap === 'wrong-signature' ? `not ${secret}` : secret;
    const headers = {
      accept: '*/*',
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/5ea7a1e',
      'x-github-event': event,
      'x-github-delivery': guid,
      'x-github-hook-id': String(id),
      'x-github-hook-installation-target-id': String(app.id),
      'x-github-hook-installation-target-type': 'integration',
      'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(text).digest('hex')}`,
    };
    const body = mishap === 'altered' ? text.replace(/"id":(\d)/, '"id":1$1') : text;
    const answer = mishap === 'lost' ? LOST : await post(url, headers, body);
    this.#sent.push({
      ...parcel,
      id: this.#world.nextId(),
      deliveredAtMs: this.#world.clock.nowMs(),
      headers,
      url,
      payload,
      ...answer,
    });
  }
}

type Ending = Pick<Delivery, 'status' | 'statusCode' | 'responseText'>;

const LOST: Ending = { status: 'failed to connect to host', statusCode: 502, responseText: '' };

/** GitHub waits ten seconds for an answer. */
const PATIENCE_MS = 10_000;

async function post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Ending> {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
    const responseText = await response.text();
    const status = response.ok ? 'OK' : `Invalid HTTP Response: ${response.status}`;
    return { status, statusCode: response.status, responseText };
  } catch {
    return LOST;
  }
}

const isKnown = (name: string): name is WebhookName => WEBHOOKS.some(known => known === name);
