// The outbox: plans that are stored and not yet published are signed and handed to the broker, until there are none.

import { encodePlan, MAX_PLAN_BYTES, topic } from '@seatrial/capsule-plan';
import type { Sha256, Signer } from '@seatrial/spec';
import { type PlanContent, type PlanRecord, planOf } from '../domain/plan-record.ts';
import { PortError } from '../errors.ts';
import type { Broker } from '../ports/broker.ts';
import type { Desk } from './desk.ts';
import type { LoopOutcome } from './loop.ts';
import { markerTopic } from './marker.ts';
import { sendWindowed } from './windowed.ts';

export interface PublishOptions {
  readonly desk: Desk;
  readonly broker: Broker;
  /** Undefined while no commit is in force. */
  readonly signer: () => Signer | undefined;
  /** Publications that the broker has not acknowledged. */
  readonly window: number;
  readonly onPublished: (count: number) => void;
}

const BATCH = 5_000;

export class Publisher {
  readonly #options: PublishOptions;
  readonly #contents = new Map<Sha256, PlanContent>();
  /** Plans too large for a board, by device and generation: told once, and passed over until they change. */
  readonly #withheld = new Set<string>();

  constructor(options: PublishOptions) {
    this.#options = options;
  }

  async drain(): Promise<LoopOutcome> {
    const { desk, onPublished, signer } = this.#options;
    if (signer() === undefined) return { kind: 'done' };
    const records = await desk.store.unpublished(BATCH);
    const sendable = records.filter(record => !this.#withheld.has(keyOf(record)));
    if (sendable.length === 0)
      return this.#withheld.size === 0 ? { kind: 'done' } : { kind: 'failed', problem: OVERSIZED };
    const { done, failure } = await this.#publish(sendable);
    if (done.length > 0) await this.#remember(done);
    onPublished(done.length);
    if (failure !== undefined) throw failure;
    return { kind: 'again', afterMs: 0 };
  }

  async #publish(records: readonly PlanRecord[]) {
    const { broker, signer, window } = this.#options;
    await this.#learnContents(records);
    const by = signer();
    const signers = by === undefined ? [] : [by];
    const send = async (record: PlanRecord): Promise<void> => {
      const content = this.#contents.get(record.content);
      const message = content && encodePlan(planOf(record, content), signers);
      if (message === undefined || message.byteLength > MAX_PLAN_BYTES) this.#withheld.add(keyOf(record));
      else await broker.publish(topic(record.device, 'plan'), message, { retain: true });
    };
    return sendWindowed({ items: records, send, window });
  }

  async #learnContents(records: readonly PlanRecord[]): Promise<void> {
    const unknown = new Set(records.map(({ content }) => content).filter(hash => !this.#contents.has(hash)));
    if (this.#contents.size > MOST_CONTENTS) this.#contents.clear();
    for (const content of await this.#options.desk.store.contents([...unknown]))
      this.#contents.set(content.hash, content);
  }

  /** The marker is raised after the plans: a broker that lost one of them has lost this marker too. */
  async #remember(done: readonly PlanRecord[]): Promise<void> {
    const { desk, broker } = this.#options;
    const publishedSerial = desk.meta.publishedSerial + 1;
    const published = done.filter(record => !this.#withheld.has(keyOf(record)));
    await desk.note({ published, meta: { publishedSerial } });
    await broker.publish(markerTopic(desk.meta.id), Buffer.from(String(publishedSerial)), { retain: true });
  }
}

const MOST_CONTENTS = 10_000;

const keyOf = ({ device, generation }: PlanRecord): string => `${device} ${generation}`;

const OVERSIZED = {
  code: 'plan-oversized',
  element: 'plan',
  message: new PortError('plan-oversized', `plans of more than ${MAX_PLAN_BYTES} bytes`).message,
} as const;
