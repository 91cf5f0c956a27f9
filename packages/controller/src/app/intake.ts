// What boards tell, in batches: decoded, judged, stored in one commit, and only then acknowledged to the broker.

import {
  type BoardEvent,
  type Channel,
  decodeEvent,
  decodePresence,
  decodeReport,
  MAX_REPORT_BYTES,
  parseTopic,
  type Report,
} from '@seatrial/capsule-plan';
import type { DeviceId, Millis } from '@seatrial/spec';
import { NEVER, rowOf } from '../domain/boards.ts';
import { takePresence, takeReport } from '../domain/take-report.ts';
import type { ControllerErrorCode } from '../errors.ts';
import type { BrokerMessage } from '../ports/broker.ts';
import type { Desk } from './desk.ts';
import type { Draft } from './draft.ts';
import { noteChange } from './note-change.ts';

export interface IntakeOptions {
  readonly desk: Desk;
  readonly unreachableAfterMs: number;
  /** Progress of boards: shown as it happens, not kept. */
  readonly onBoardEvent: (event: BoardEvent) => void;
  readonly onMessage: (channel: Channel, result: 'taken' | Refusal) => void;
}

export type Refusal = Extract<
  ControllerErrorCode,
  'report-oversized' | 'report-malformed' | 'report-foreign' | 'report-old' | 'report-unjudgeable'
>;

interface Arrived {
  readonly message: BrokerMessage;
  readonly taken: () => void;
}

/** One commit carries at most so many messages. */
const BATCH = 1_000;

export class Intake {
  readonly #options: IntakeOptions;
  #waiting: Arrived[] = [];
  #running: Promise<void> | undefined;
  /** When a message last came: start-up waits for the retained ones to have come in. */
  lastArrivalMs = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  arrive(message: BrokerMessage, taken: () => void): void {
    this.lastArrivalMs = this.#options.desk.clock.now();
    this.#waiting.push({ message, taken });
    this.#running ??= this.#drain();
  }

  /**
   * What was known of connections is not known any more: a broker that was restarted sends no last will. Boards that are
   * there say so again; the others count as silent from now on.
   */
  async forgetConnections(): Promise<void> {
    const { desk, unreachableAfterMs } = this.#options;
    await desk.decide(draft => {
      const { boards } = desk.ledger;
      for (let row = 0; row < boards.count; row += 1) {
        if (boards.unreachableAtMs[row] === NEVER) boards.unreachableAtMs[row] = draft.nowMs + unreachableAfterMs;
      }
    });
  }

  /** Resolves when everything that arrived so far is stored. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    // Gives the socket a turn, so that what came in one piece is one batch.
    await new Promise(resolve => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH);
      try {
        await this.#options.desk.decide(draft => {
          for (const { message } of batch) this.#take(draft, message);
        });
      } catch {
        // Nothing was stored, nothing is acknowledged: the broker delivers all of it again. The desk has told why.
        this.#waiting = [];
        break;
      }
      for (const { taken } of batch) taken();
      this.#waiting = this.#waiting.slice(batch.length);
    }
    this.#running = undefined;
  }

  #take(draft: Draft, message: BrokerMessage): void {
    const topic = parseTopic(message.topic);
    if (topic === undefined) return;
    const result = this.#takers[topic.channel](draft, topic.device, message);
    this.#options.onMessage(topic.channel, result ?? 'taken');
    if (result !== undefined && result !== 'report-old') draft.tell({ kind: result, ...refusal(topic.device, result) });
  }

  readonly #takers: Readonly<
    Record<Channel, (draft: Draft, device: DeviceId, message: BrokerMessage) => Refusal | undefined>
  > = {
    report: (draft, device, message) => this.#takeReport(draft, device, message),
    presence: (draft, device, { payload }) => this.#takePresence(draft, device, payload),
    event: (_draft, device, { payload }) => this.#takeEvent(device, payload),
    plan: () => undefined,
  };

  #takeReport(draft: Draft, device: DeviceId, { payload, retained }: BrokerMessage): Refusal | undefined {
    const report = decodeReport(payload);
    if (!report.ok) return REFUSALS[report.error];
    if (report.value.device !== device) return 'report-foreign';
    const keep = () =>
      draft.reports.push({ device, sequence: report.value.sequence, receivedAtMs: draft.nowMs, body: payload });
    try {
      if (!this.#judge(draft, report.value, { isLive: !retained })) return 'report-old';
      keep();
      return undefined;
    } catch {
      // One board that makes our rules fail must not keep the others of its batch from being heard.
      keep();
      return 'report-unjudgeable';
    }
  }

  /** False for a report that is not newer than what is known. */
  #judge(draft: Draft, report: Report, { isLive }: { readonly isLive: boolean }): boolean {
    const { ledger } = this.#options.desk;
    const taken = takeReport(ledger, report, { nowMs: draft.nowMs, isLive });
    if (taken === undefined) return false;
    if (taken.judgement !== undefined) draft.judgements.push({ device: report.device, judgement: taken.judgement });
    if (taken.change !== undefined) noteChange(ledger, draft, taken.change, taken.judgement);
    else this.#lookAfter(draft, taken.row);
    return true;
  }

  #takePresence(draft: Draft, device: DeviceId, payload: Uint8Array): Refusal | undefined {
    const { desk, unreachableAfterMs } = this.#options;
    const presence = decodePresence(payload);
    if (!presence.ok) return REFUSALS[presence.error];
    if (presence.value.device !== device) return 'report-foreign';
    const { online } = presence.value;
    const row = rowOf(desk.ledger.boards, device);
    const unreachableAtMs = (draft.nowMs + unreachableAfterMs) as Millis; // a moment plus a length of time
    const wasOnline = desk.ledger.boards.unreachableAtMs[row] === NEVER;
    if (online === wasOnline) return undefined;
    const change = takePresence(desk.ledger, row, { online, unreachableAtMs }, draft.nowMs);
    draft.presences.push({ device, online, sinceMs: draft.nowMs });
    if (change !== undefined) noteChange(desk.ledger, draft, change);
    return undefined;
  }

  #takeEvent(device: DeviceId, payload: Uint8Array): Refusal | undefined {
    const event = decodeEvent(payload);
    if (!event.ok) return REFUSALS[event.error];
    if (event.value.device !== device) return 'report-foreign';
    this.#options.onBoardEvent(event.value);
    return undefined;
  }

  /** A board that stands as it stood may still have told of a plan that we did not know. */
  #lookAfter(draft: Draft, row: number): void {
    const { ledger } = this.#options.desk;
    const fleet = ledger.groups.describe(ledger.boards.group[row] ?? 0)?.fleet;
    if (fleet !== undefined) draft.lookAfter(fleet, [row]);
  }
}

const REFUSALS = { oversized: 'report-oversized', malformed: 'report-malformed' } as const;

const refusal = (device: DeviceId, code: Refusal) => ({
  device,
  message: `${device}: ${code === 'report-oversized' ? `a message of more than ${MAX_REPORT_BYTES} bytes` : code}`,
});
