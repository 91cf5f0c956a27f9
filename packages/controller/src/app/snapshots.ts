// What every board was last seen to be: for the API, for the branch that pipelines read, and for reviews.

import { decodeReport, type Report } from '@seatrial/capsule-plan';
import type { DeviceId } from '@seatrial/spec';
import type { SnapshotView } from '../domain/api.ts';
import { snapshotDevice } from '../domain/device-views.ts';
import type { StoredReport } from '../ports/store.ts';
import type { ObservedFleet, SnapshotHeader } from '../review/index.ts';
import type { Desk } from './desk.ts';

const REPORTS_AT_A_TIME = 500;

export class Snapshots {
  readonly #desk: Desk;
  readonly #header: () => SnapshotHeader;

  /** `header` says of which repository and commit, and when. */
  constructor(desk: Desk, header: () => SnapshotHeader) {
    this.#desk = desk;
    this.#header = header;
  }

  async view(): Promise<SnapshotView> {
    const devices: SnapshotView['devices'] = [];
    for await (const device of this.#devices()) devices.push(device);
    return { schema: 1, ...this.#header(), devices };
  }

  /** The same as text, in pieces: the header, then one for each board, then the end. */
  async *text(): AsyncGenerator<string> {
    yield `${JSON.stringify({ schema: 1, ...this.#header() }).slice(0, -1)},"devices":[`;
    let comma = '\n';
    for await (const device of this.#devices()) {
      yield comma + JSON.stringify(device);
      comma = ',\n';
    }
    yield '\n]}\n';
  }

  /** Of the boards that a review will ask for: a change of one fleet costs the reports of that fleet. */
  async fleet(wanted: ReadonlySet<DeviceId>): Promise<ObservedFleet> {
    const bodies = new Map<DeviceId, Uint8Array>();
    for await (const { device, body } of this.#reports([...wanted])) bodies.set(device, body);
    const { boards } = this.#desk.ledger;
    const size = boards.reported
      .subarray(0, boards.count)
      .reduce((count, sequence) => count + (sequence > 0 ? 1 : 0), 0);
    return {
      ...this.#header(),
      size,
      device: id => {
        const report = decoded(bodies.get(id));
        return report && { ...report, unreachable: this.#isUnreachable(id) };
      },
    };
  }

  async *#devices(): AsyncGenerator<SnapshotView['devices'][number]> {
    for await (const { body } of this.#reports(this.#desk.ledger.boards.ids.toSorted())) {
      const report = decoded(body);
      if (report !== undefined) yield snapshotDevice(report, { unreachable: this.#isUnreachable(report.device) });
    }
  }

  /** In the order of the ids where those are sorted. */
  async *#reports(ids: readonly DeviceId[]): AsyncGenerator<StoredReport> {
    for (let at = 0; at < ids.length; at += REPORTS_AT_A_TIME) {
      const stored = await this.#desk.store.reports(ids.slice(at, at + REPORTS_AT_A_TIME));
      yield* stored.toSorted((a, b) => (a.device < b.device ? -1 : 1));
    }
  }

  readonly #isUnreachable = (device: DeviceId): boolean => {
    const { boards } = this.#desk.ledger;
    const row = boards.rows.get(device);
    return row !== undefined && this.#desk.clock.now() >= (boards.unreachableAtMs[row] ?? 0);
  };
}

function decoded(body: Uint8Array | undefined): Report | undefined {
  const report = body && decodeReport(body);
  return report?.ok ? report.value : undefined;
}
