// Answers the API's questions from the ledger and the store, and takes the orders of engineers to the desk.

import { decodeReport, type Report } from '@seatrial/capsule-plan';
import { type DesiredState, type DeviceId, err, type Millis, type Name, ok, type Result } from '@seatrial/spec';
import type { DevicePage, DeviceView, OrderBody, RolloutView, SnapshotView, StatusView } from '../domain/api.ts';
import { idOf } from '../domain/boards.ts';
import { type DeviceQuery, deviceFilter, deviceSummary, deviceView, whyView } from '../domain/device-views.ts';
import type { FleetEntry } from '../domain/ledger.ts';
import { worldOf } from '../domain/ledger.ts';
import { type OrderKind, takeOrder } from '../domain/rollout-orders.ts';
import { judgementOf } from '../domain/take-report.ts';
import { fleetView, releaseViews, rolloutView } from '../domain/views.ts';
import type { ControllerErrorCode } from '../errors.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Follower, Office } from '../ports/office.ts';
import type { EventQuery } from '../ports/store.ts';
import type { Desk } from './desk.ts';
import type { Snapshots } from './snapshots.ts';

export interface FrontOfficeOptions {
  readonly desk: Desk;
  readonly metrics: Metrics;
  readonly status: () => StatusView;
  readonly desired: () => DesiredState | undefined;
  readonly lookAtGit: () => void;
  readonly followers: Set<Follower>;
  readonly snapshots: Snapshots;
}

export class FrontOffice implements Office {
  readonly #options: FrontOfficeOptions;
  /** Ids in order, made anew when their number changes: rows are never removed. */
  #sorted: readonly DeviceId[] = [];

  constructor(options: FrontOfficeOptions) {
    this.#options = options;
  }

  status = (): StatusView => this.#options.status();
  lookAtGit = (): void => this.#options.lookAtGit();

  fleets() {
    const { ledger, clock } = this.#options.desk;
    return this.#entries().map(entry => fleetView(ledger, entry, clock.now()));
  }

  rollouts(): readonly RolloutView[] {
    const { ledger, clock } = this.#options.desk;
    return this.#entries().flatMap(entry => rolloutView(ledger, entry, clock.now()) ?? []);
  }

  releases() {
    const desired = this.#options.desired();
    return desired === undefined ? [] : releaseViews(this.#options.desk.ledger, desired);
  }

  devices({ limit, after, ...filter }: DeviceQuery): DevicePage {
    const { ledger } = this.#options.desk;
    const rows = this.#ids()
      .flatMap(id => ledger.boards.rows.get(id) ?? [])
      .filter(deviceFilter(ledger, filter));
    const start = after === undefined ? 0 : rows.findIndex(row => idOf(ledger.boards, row) > after);
    const page = start === -1 ? [] : rows.slice(start, start + limit);
    const isLast = start === -1 || start + limit >= rows.length;
    const devices = page.map(row => deviceSummary(ledger, row));
    const last = devices.at(-1)?.device;
    return { devices, total: rows.length, ...(isLast || last === undefined ? {} : { next: last }) };
  }

  async device(id: DeviceId): Promise<DeviceView | undefined> {
    const { ledger, store } = this.#options.desk;
    const row = ledger.boards.rows.get(id);
    if (row === undefined) return undefined;
    const report = await this.#report(id);
    const plan = await store.plan(id);
    const judgement = report && judgementOf(ledger, report.value);
    const labels = this.#options.desired()?.devices.find(device => device.id === id)?.labels ?? {};
    return deviceView(ledger, row, {
      labels,
      ...(plan && { plan }),
      ...(report && { report }),
      ...(judgement && { judgement }),
    });
  }

  async why(id: DeviceId) {
    const { ledger, clock } = this.#options.desk;
    const row = ledger.boards.rows.get(id);
    if (row === undefined) return undefined;
    const report = await this.#report(id);
    return whyView(ledger, row, report?.value, clock.now());
  }

  events = (query: EventQuery) => this.#options.desk.store.events(query);

  snapshot = (): Promise<SnapshotView> => this.#options.snapshots.view();

  async order(
    kind: OrderKind,
    fleet: Name,
    { by, reason }: OrderBody,
  ): Promise<Result<RolloutView, ControllerErrorCode>> {
    const { desk } = this.#options;
    return desk.decide((draft): Result<RolloutView, ControllerErrorCode> => {
      const entry = desk.ledger.fleets.get(fleet);
      const rollout = desk.ledger.rollouts.get(fleet);
      if (!desk.mayDecide) return err('controller-not-ready');
      if (entry === undefined) return err('fleet-unknown');
      if (rollout === undefined) return err('rollout-unknown');
      const { moved } = worldOf(desk.ledger, entry, draft.nowMs);
      const taken = takeOrder(kind, rollout, { by, reason, nowMs: draft.nowMs, moved });
      if (!taken.ok) return taken;
      desk.ledger.rollouts.set(fleet, taken.value.rollout);
      draft.rollouts.set(taken.value.rollout.id, taken.value.rollout);
      for (const decision of taken.value.decisions) draft.decide(decision);
      draft.lookAfter(fleet, 'all');
      const view = rolloutView(desk.ledger, entry, draft.nowMs);
      return view === undefined ? err('rollout-unknown') : ok(view);
    });
  }

  follow(follower: Follower): () => void {
    this.#options.followers.add(follower);
    return () => this.#options.followers.delete(follower);
  }

  metrics(): Promise<string> {
    return this.#options.metrics.text({ fleets: this.fleets(), status: this.status() });
  }

  #entries(): readonly FleetEntry[] {
    return [...this.#options.desk.ledger.fleets.values()].sort((a, b) => (a.fleet.name < b.fleet.name ? -1 : 1));
  }

  #ids(): readonly DeviceId[] {
    const { ids, count } = this.#options.desk.ledger.boards;
    if (this.#sorted.length !== count) this.#sorted = ids.toSorted();
    return this.#sorted;
  }

  async #report(id: DeviceId): Promise<{ readonly value: Report; readonly receivedAtMs: Millis } | undefined> {
    const [stored] = await this.#options.desk.store.reports([id]);
    const report = stored && decodeReport(stored.body);
    return report?.ok && stored ? { value: report.value, receivedAtMs: stored.receivedAtMs } : undefined;
  }
}
