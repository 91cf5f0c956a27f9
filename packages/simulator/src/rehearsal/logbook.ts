// Writes down, fleet by fleet, what the controller decided and what became of the boards.

import { entryState } from '@seatrial/capsule-plan';
import type { Changes } from '@seatrial/controller/parts';
import type { DesiredState, DeviceId, Name, OstreeCommit } from '@seatrial/spec';
import type { BoardWatch, SimBoard } from '../board.ts';
import type { Started } from '../start.ts';

/** The highest of a count, and when it was first reached. */
export interface Peak {
  readonly boards: number;
  readonly atMs: number;
}

export interface StageLog {
  readonly stage: number;
  /** The cohort up to and including it. */
  readonly boards: number;
  readonly enteredAtMs: number;
  soak?: { readonly fromMs: number; readonly untilMs: number };
  endedAtMs?: number;
  moved: number;
  failed: number;
  /** In the midst of the update at once. */
  mostUpdating: Peak;
}

export interface FleetLog {
  readonly stages: StageLog[];
  readonly moved: Set<DeviceId>;
  /** Moved, and neither arrived nor failed. */
  readonly inMotion: Set<DeviceId>;
  readonly updating: Set<DeviceId>;
  mostInMotion: Peak;
  mostUpdating: Peak;
  readonly failed: Map<DeviceId, { readonly reason: string; readonly message: string; readonly atMs: number }>;
  readonly osWentBack: Set<DeviceId>;
  readonly firmwareWentBack: Set<DeviceId>;
  /** Boards that each closed window, gate or network has held, by its reason. */
  readonly heldBy: Map<string, Set<DeviceId>>;
  pause?: {
    readonly atMs: number;
    readonly stage: number;
    readonly reason: string;
    readonly message: string;
  } & Exposure;
  completedAtMs?: number;
  revertWanted: boolean;
  capsuleBytes: number;
  commitsPulled: number;
  reboots: number;
  starts: number;
  /** When anything of this fleet was last decided, planned or judged otherwise. */
  lastChangeMs: number;
}

/** Where the boards of a fleet were at one moment. */
interface Exposure {
  readonly moved: number;
  readonly inMotion: number;
  readonly failed: number;
}

const NO_PEAK: Peak = { boards: 0, atMs: 0 };

const emptyLog = (): FleetLog => ({
  stages: [],
  moved: new Set(),
  inMotion: new Set(),
  updating: new Set(),
  mostInMotion: NO_PEAK,
  mostUpdating: NO_PEAK,
  failed: new Map(),
  osWentBack: new Set(),
  firmwareWentBack: new Set(),
  heldBy: new Map(),
  revertWanted: false,
  capsuleBytes: 0,
  commitsPulled: 0,
  reboots: 0,
  starts: 0,
  lastChangeMs: 0,
});

type Decision = NonNullable<Changes['decisions']>[number]['decision'];
type Plan = NonNullable<Changes['plans']>[number];
type Judged = NonNullable<Changes['judgements']>[number];

export class Logbook implements BoardWatch {
  readonly fleets: ReadonlyMap<Name, FleetLog>;
  /** When anything was last decided, planned or judged otherwise than before. */
  lastChangeMs = 0;
  readonly #fleetOf: ReadonlyMap<DeviceId, Name>;
  readonly #verdicts = new Map<DeviceId, string>();
  readonly #nowMs: () => number;
  /** What boards do before the merge is not the rollout's. */
  isOpen = false;

  constructor({ fleets, targets }: DesiredState, nowMs: () => number) {
    this.fleets = new Map(fleets.map(({ name }) => [name, emptyLog()]));
    this.#fleetOf = new Map(targets.map(({ device, fleet }) => [device, fleet]));
    this.#nowMs = nowMs;
  }

  /** Everything that the controller has stored, in its order. */
  stored({ decisions = [], plans = [], judgements = [] }: Changes): void {
    for (const { decision } of decisions) this.#decided(decision);
    for (const plan of plans) this.#planned(plan);
    for (const judged of judgements) this.#judged(judged);
  }

  #decided(decision: Decision): void {
    if (!('fleet' in decision)) return;
    const log = this.fleets.get(decision.fleet);
    if (log === undefined) return;
    const atMs = this.#changed(log);
    const write = DECIDED[decision.kind] as ((log: FleetLog, decision: Decision, atMs: number) => void) | undefined;
    write?.(log, decision, atMs); // the table's key and the decision's kind are one
  }

  #planned({ device, fleet, movedIn }: Plan): void {
    const log = this.fleets.get(fleet);
    if (log === undefined || movedIn === undefined || log.moved.has(device)) return;
    const atMs = this.#changed(log);
    log.moved.add(device);
    log.inMotion.add(device);
    changeStage(log, stage => {
      stage.moved += 1;
    });
    log.mostInMotion = higher(log.mostInMotion, log.inMotion.size, atMs);
  }

  #judged({ device, judgement }: Judged): void {
    const log = this.#logOf(device);
    const verdict = `${judgement.kind} ${judgement.reason}`;
    if (log === undefined || this.#verdicts.get(device) === verdict) return;
    this.#verdicts.set(device, verdict);
    const atMs = this.#changed(log);
    if (judgement.kind === 'updating') log.updating.add(device);
    else log.updating.delete(device);
    if (judgement.kind === 'upToDate' || judgement.kind === 'failed') log.inMotion.delete(device);
    if (judgement.kind === 'gated' || judgement.kind === 'blocked') {
      const held = log.heldBy.get(judgement.reason) ?? new Set();
      log.heldBy.set(judgement.reason, held.add(device));
    }
    log.mostUpdating = higher(log.mostUpdating, log.updating.size, atMs);
    changeStage(log, stage => {
      stage.mostUpdating = higher(stage.mostUpdating, log.updating.size, atMs);
    });
  }

  /* ---- Boards ---- */

  effect(): void {}
  planKept(): void {}
  log(): void {}

  started({ device, hardware }: SimBoard, { os, starts, log: events }: Started): void {
    const log = this.isOpen ? this.#logOf(device) : undefined;
    if (log === undefined) return;
    log.starts += starts;
    if (events.some(({ kind }) => kind === 'rolled-back')) log.firmwareWentBack.add(device);
    const givenUp = hardware.boot.deployed.find(({ entry }) => entryState(entry) === 'bad');
    if (givenUp !== undefined && givenUp.commit !== os) log.osWentBack.add(device);
  }

  rebootAsked({ device }: SimBoard): void {
    const log = this.isOpen ? this.#logOf(device) : undefined;
    if (log !== undefined) log.reboots += 1;
  }

  fetched({ device }: SimBoard, what: { readonly sizeBytes: number } | { readonly commit: OstreeCommit }): void {
    const log = this.#logOf(device);
    if (log === undefined) return;
    if ('sizeBytes' in what) log.capsuleBytes += what.sizeBytes;
    else log.commitsPulled += 1;
  }

  #logOf(device: DeviceId): FleetLog | undefined {
    const fleet = this.#fleetOf.get(device);
    return fleet === undefined ? undefined : this.fleets.get(fleet);
  }

  #changed(log: FleetLog): number {
    this.lastChangeMs = this.#nowMs();
    log.lastChangeMs = this.lastChangeMs;
    return this.lastChangeMs;
  }
}

/** Decisions of which something is written down. */
const DECIDED: {
  readonly [K in Decision['kind']]?: (log: FleetLog, decision: Extract<Decision, { kind: K }>, atMs: number) => void;
} = {
  'stage-entered': (log, { stage, boards }, atMs) => {
    endStage(log, atMs);
    const mostUpdating = { boards: log.updating.size, atMs };
    log.stages.push({ stage, boards, enteredAtMs: atMs, moved: 0, failed: 0, mostUpdating });
  },
  'soak-started': (log, { untilMs }, atMs) =>
    changeStage(log, stage => {
      stage.soak = { fromMs: atMs, untilMs };
    }),
  'board-failed': (log, { device, reason, message }, atMs) => {
    log.failed.set(device, { reason, message, atMs });
    changeStage(log, stage => {
      stage.failed += 1;
    });
  },
  'rollout-paused': (log, { stage, reason, message }, atMs) => {
    log.pause = { atMs, stage, reason, message, ...exposure(log) };
  },
  'revert-wanted': log => {
    log.revertWanted = true;
  },
  'rollout-completed': (log, _decision, atMs) => {
    log.completedAtMs = atMs;
    endStage(log, atMs);
  },
};

const endStage = (log: FleetLog, atMs: number): void =>
  changeStage(log, stage => {
    stage.endedAtMs ??= atMs;
  });

function changeStage({ stages }: FleetLog, change: (stage: StageLog) => void): void {
  const stage = stages.at(-1);
  if (stage !== undefined) change(stage);
}

const exposure = ({ moved, inMotion, failed }: FleetLog): Exposure => ({
  moved: moved.size,
  inMotion: inMotion.size,
  failed: failed.size,
});

const higher = (peak: Peak, boards: number, atMs: number): Peak => (boards > peak.boards ? { boards, atMs } : peak);
