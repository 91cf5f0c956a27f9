// A store in memory, with the same promises as the real one except durability.

import type { DeviceId } from '@seatrial/spec';
import type { RecordedDecision } from '../../src/domain/decision.ts';
import type { PlanContent, PlanRecord } from '../../src/domain/plan-record.ts';
import type { Rollout } from '../../src/domain/rollout.ts';
import type { Judgement } from '../../src/domain/take-report.ts';
import {
  type Changes,
  DELIVERIES_KEPT,
  type FleetEvent,
  type Store,
  type StoredBoard,
  type StoredPresence,
  type StoredReport,
  type StoreMeta,
  type Told,
} from '../../src/ports/store.ts';

export class MemoryStore implements Store {
  /** Thrown by the next commits, as a full disk would. */
  failure: Error | undefined;
  commits = 0;
  #meta: StoreMeta = { id: 'memory', decisions: 0, lastEvent: 0, publishedSerial: 0 };
  readonly #reports = new Map<DeviceId, StoredReport>();
  readonly #judgements = new Map<DeviceId, Judgement>();
  readonly #presences = new Map<DeviceId, StoredPresence>();
  readonly #clocks = new Map<DeviceId, StoredBoard['overdueAtMs']>();
  readonly #plans = new Map<DeviceId, { readonly record: PlanRecord; readonly published: boolean }>();
  readonly #contents = new Map<string, PlanContent>();
  readonly #rollouts = new Map<string, Rollout>();
  readonly #decisions = new Map<string, { readonly decision: RecordedDecision; readonly audited: boolean }>();
  readonly #events: FleetEvent[] = [];
  readonly #told = new Map<string, Told>();
  readonly #deliveries: string[] = [];

  meta = async () => this.#meta;
  close = async () => {};

  /** A backup: what is committed from now on to the one is not in the other. */
  copy(): MemoryStore {
    const copy = new MemoryStore();
    copy.#meta = this.#meta;
    fill(copy.#reports, this.#reports);
    fill(copy.#judgements, this.#judgements);
    fill(copy.#presences, this.#presences);
    fill(copy.#clocks, this.#clocks);
    fill(copy.#plans, this.#plans);
    fill(copy.#contents, this.#contents);
    fill(copy.#rollouts, this.#rollouts);
    fill(copy.#decisions, this.#decisions);
    fill(copy.#told, this.#told);
    copy.#events.push(...this.#events);
    copy.#deliveries.push(...this.#deliveries);
    return copy;
  }

  async commit(changes: Changes): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.commits += 1;
    this.#meta = { ...this.#meta, ...changes.meta };
    for (const report of changes.reports ?? []) {
      if (report.sequence > (this.#reports.get(report.device)?.sequence ?? -1))
        this.#reports.set(report.device, report);
    }
    for (const { device, judgement } of changes.judgements ?? []) this.#judgements.set(device, judgement);
    for (const presence of changes.presences ?? []) this.#presences.set(presence.device, presence);
    for (const { device, overdueAtMs } of changes.clocks ?? []) this.#clocks.set(device, overdueAtMs);
    for (const content of changes.contents ?? []) this.#contents.set(content.hash, content);
    for (const record of changes.plans ?? []) this.#plans.set(record.device, { record, published: false });
    for (const { device, generation } of changes.published ?? []) {
      const plan = this.#plans.get(device);
      if (plan?.record.generation === generation) this.#plans.set(device, { ...plan, published: true });
    }
    if (changes.republish)
      for (const [device, plan] of this.#plans) this.#plans.set(device, { ...plan, published: false });
    for (const rollout of changes.rollouts ?? []) this.#rollouts.set(rollout.id, rollout);
    for (const decision of changes.decisions ?? []) {
      if (!this.#decisions.has(decision.id)) this.#decisions.set(decision.id, { decision, audited: false });
    }
    for (const id of changes.audited ?? []) {
      const known = this.#decisions.get(id);
      if (known !== undefined) this.#decisions.set(id, { ...known, audited: true });
    }
    this.#events.push(...(changes.events ?? []));
    for (const told of changes.told ?? []) this.#told.set(told.topic, told);
    for (const topic of changes.forgotten ?? []) this.#told.delete(topic);
    this.#deliveries.push(...(changes.deliveries ?? []));
    this.#deliveries.splice(0, this.#deliveries.length - DELIVERIES_KEPT);
  }

  async *boards(): AsyncIterable<StoredBoard> {
    for (const device of new Set([...this.#known(), ...this.#plans.keys()])) {
      const report = this.#reports.get(device);
      const judgement = this.#judgements.get(device);
      const presence = this.#presences.get(device);
      const overdueAtMs = this.#clocks.get(device);
      const plan = this.#plans.get(device)?.record;
      yield {
        device,
        ...(report && { report: { sequence: report.sequence, receivedAtMs: report.receivedAtMs } }),
        ...(judgement && { judgement }),
        ...(presence && { presence: { online: presence.online, sinceMs: presence.sinceMs } }),
        ...(overdueAtMs !== undefined && { overdueAtMs }),
        ...(plan && { plan }),
      };
    }
  }

  async rollouts(perFleet: number) {
    const sorted = [...this.#rollouts.values()].sort((a, b) =>
      a.fleet < b.fleet ? -1 : a.fleet > b.fleet ? 1 : a.number - b.number,
    );
    return sorted.filter(
      rollout =>
        sorted.filter(({ fleet, number }) => fleet === rollout.fleet && number > rollout.number).length < perFleet,
    );
  }

  reports = async (devices: readonly DeviceId[]) => devices.flatMap(device => this.#reports.get(device) ?? []);
  plan = async (device: DeviceId) => this.#plans.get(device)?.record;
  contents = async (hashes: readonly string[]) => hashes.flatMap(hash => this.#contents.get(hash) ?? []);

  async unpublished(limit: number) {
    const waiting = [...this.#plans.values()].filter(({ published }) => !published).map(({ record }) => record);
    return waiting.sort((a, b) => a.issuedAtMs - b.issuedAtMs).slice(0, limit);
  }

  unaudited = async (limit: number) =>
    [...this.#decisions.values()]
      .filter(({ audited }) => !audited)
      .map(({ decision }) => decision)
      .slice(0, limit);

  decisions = async (kind: string, limit: number) =>
    [...this.#decisions.values()]
      .map(({ decision }) => decision)
      .filter(({ decision }) => decision.kind === kind)
      .slice(-limit);

  knownDeliveries = async (keys: readonly string[]) => new Set(keys.filter(key => this.#deliveries.includes(key)));
  told = async () => [...this.#told.values()];
  knownDecisions = async (ids: readonly string[]) => new Set(ids.filter(id => this.#decisions.has(id)));

  async events({ limit, after, fleet, device }: Parameters<Store['events']>[0]) {
    const matching = this.#events
      .filter(event => fleet === undefined || event.fleet === fleet)
      .filter(event => device === undefined || event.device === device);
    return after === undefined ? matching.slice(-limit) : matching.filter(({ seq }) => seq > after).slice(0, limit);
  }

  #known = (): readonly DeviceId[] => [
    ...this.#reports.keys(),
    ...this.#judgements.keys(),
    ...this.#presences.keys(),
    ...this.#clocks.keys(),
  ];
}

function fill<K, V>(empty: Map<K, V>, from: ReadonlyMap<K, V>): void {
  for (const [key, value] of from) empty.set(key, value);
}
