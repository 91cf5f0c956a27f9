// A fleet that is lived through twice: by the product's ledger, steering and rollouts, and by counting board by board.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { DesiredState, Millis } from '@seatrial/spec';
import { worldOf } from '../../src/domain/ledger.ts';
import type { OrderKind } from '../../src/domain/rollout-orders.ts';
import { takePresence } from '../../src/domain/take-report.ts';
import { FIELD, FleetSimulation } from './fleet-simulation.ts';
import { type NaiveBoard, NaiveFleet, type Said } from './naive-fleet.ts';
import { deviceId, NOW_MS, need } from './told-board.ts';
import { desiredOf, type WrittenFleet } from './written-fleet.ts';

const UNHEARD_MS = 900_000;
const SILENCE_MS = 600_000;

/** Each can be rolled out once; a floor fits between any two. */
export const RELEASES = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'e', 'f'].map((os, index) => [`r-${index + 1}`, { fw: `1.${2 * index + 1}`, os }]),
);
/** What boards run that join later: older than any release. */
const FACTORY = 'factory';
const runsOf = (release: string) => (release === FACTORY ? { fw: '1.0', os: '9' } : need(RELEASES[release]));
export const numberOf = (release: string): number => Number(release.slice(2));
const floorAbove = (release: string): string => `1.${2 * numberOf(release)}`;

export const POLICIES: readonly WrittenFleet[] = [
  { stages: ['{ limit: 1 }', '{ limit: 100% }'] },
  {
    stages: ['{ limit: 1, soak: 2h }', '{ limit: 50%, soak: 1h }', '{ limit: 100% }'],
    failureBudget: '20%',
    successThreshold: '70%',
  },
  {
    stages: ['{ limit: 2, soak: 1h }', '{ limit: 3 }', '{ limit: 100%, soak: 3h }'],
    failureBudget: '2',
    successThreshold: '50%',
    approvals: ['{ role: ground-crew, stage: 2 }'],
  },
  {
    stages: ['{ limit: 2 }', '{ limit: 100% }'],
    failureBudget: '100%',
    successThreshold: '1%',
    approvals: ['{ role: ground-crew, stage: 1 }', '{ role: operator, stage: 2 }'],
  },
];

const known = new Map<string, DesiredState>();

/** Files are validated once: histories repeat them. */
function desiredBy(written: WrittenFleet): DesiredState {
  const key = JSON.stringify(written);
  const desired = known.get(key) ?? desiredOf(written);
  known.set(key, desired);
  return desired;
}

/** The fleet as git has it, the product's ledger over it, and the sheet of paper beside them. */
export class Pair {
  readonly real = new FleetSimulation();
  readonly naive: NaiveFleet;
  written: WrittenFleet;
  policy: number;
  approved: readonly number[] = [];

  constructor(policy: number, boards: number) {
    this.policy = policy;
    const devices = Array.from({ length: boards }, (_, index) => `hub-${index + 1}`);
    this.written = { releases: RELEASES, devices, release: 'r-1', gates: '{ parked: true }' };
    this.naive = new NaiveFleet(NOW_MS, need(desiredBy({ ...this.written, ...POLICIES[policy] }).fleets[0]).rollout);
    for (const device of devices) this.real.report({ device, runs: runsOf('r-1') });
    for (const id of devices)
      this.naive.boards.push(newBoard(id, { runs: 'r-1', silentAtMs: Number.POSITIVE_INFINITY }));
    this.commit({});
  }

  commit(changes: WrittenFleet): void {
    const before = this.naive.release;
    this.written = { ...this.written, ...changes };
    if (this.written.release !== before) this.approved = [];
    const given = this.approved.flatMap(stage =>
      (POLICIES[this.policy]?.approvals ?? []).flatMap(text => approvalIn(text, stage)),
    );
    const desired = desiredBy({ ...this.written, ...POLICIES[this.policy], given });
    this.real.commit(desired);
    const { naive } = this;
    const fleet = need(desired.fleets[0]);
    naive.policy = fleet.rollout;
    naive.suspended = fleet.suspend;
    for (const id of this.written.devices ?? []) {
      if (typeof id === 'string' && !naive.boards.some(board => board.id === id))
        naive.boards.push(newBoard(id, { runs: FACTORY, silentAtMs: naive.nowMs + UNHEARD_MS }));
    }
    naive.approved.clear();
    for (const stage of this.approved) naive.approved.add(stage);
    if (this.written.release === before) naive.settle();
    else {
      naive.push(need(this.written.release), this.real.rollout().salt);
      for (const stage of this.approved) naive.approved.add(stage);
    }
  }

  report(index: number, said: Said | 'upToDate'): void {
    const { naive, real } = this;
    const board = need(naive.boards[index % naive.boards.length]);
    const { release } = naive;
    const plan = real.plans.get(board.id);
    const isItsTurn = board.planned === release;
    if (said === 'upToDate' && isItsTurn) board.runs = release;
    const payloadHash = plan?.payloadHash;
    const isDone = board.runs === release;
    real.report({
      device: board.id,
      runs: runsOf(board.runs),
      ...(plan && { plan }),
      ...(isDone && payloadHash && isItsTurn ? { earned: payloadHash } : {}),
      ...(said === 'failed' && isItsTurn && plan && !isDone ? { failed: plan } : {}),
      ...(said === 'gated' && isItsTurn && !isDone ? { fetched: runsOf(release), facts: { parked: false } } : {}),
      ...(said === 'blocked' && isItsTurn && !isDone ? { floor: floorAbove(release) } : {}),
    });
    board.silentAtMs = Number.POSITIVE_INFINITY;
    if (isItsTurn && said !== 'upToDate') board.said = { what: said, release, attempt: board.attempt };
    naive.settle();
  }

  silence(index: number): void {
    const { naive, real } = this;
    const board = need(naive.boards[index % naive.boards.length]);
    board.silentAtMs = naive.nowMs + SILENCE_MS;
    const row = need(real.ledger.boards.rows.get(deviceId(board.id)));
    takePresence(real.ledger, row, { online: false, unreachableAtMs: board.silentAtMs as Millis }, real.nowMs);
    real.steer(FIELD, [row]);
    naive.settle();
  }

  pass(ms: number): void {
    this.naive.nowMs += ms;
    this.real.pass(ms);
    this.naive.settle();
  }

  order(kind: OrderKind): void {
    strictEqual(this.real.order(kind) === undefined, this.naive.order(kind), `${kind} is taken by one of them only`);
  }

  /** Everything that both can say must be the same. */
  compare(): void {
    const { naive, real } = this;
    const { stage, attempt, outcome, pause } = real.rollout();
    const state = real.state();
    const detail = state.kind === 'waiting' ? state.for : state.kind === 'paused' ? state.reason : '';
    const tail = state.kind === 'done' ? state.outcome : detail;
    const counted = naive.movedTally();
    const { moved: tally } = worldOf(real.ledger, real.entry(), real.nowMs);
    const said = {
      state: `${state.kind} ${tail}`.trim(),
      rollout: { stage, attempt, outcome, isPaused: pause !== undefined },
      boards: naive.boards.map(({ id }) => `${id} ${inNaiveWords(real.standing(id))}`),
      moved: Object.fromEntries(
        Object.keys(counted).map(standing => [standing, tally[standing as keyof typeof counted]]),
      ), // its own keys
      decisions: real.kinds().filter(kind => kind !== 'board-failed' && kind !== 'revert-wanted'),
      failures: real.decisions.flatMap(one => (one.kind === 'board-failed' ? [failureOf(one)] : [])).toSorted(),
    };
    deepStrictEqual(said, {
      state: naive.state,
      rollout: {
        stage: naive.rollout?.stage,
        attempt: naive.rollout?.attempt,
        outcome: naive.rollout?.outcome,
        isPaused: naive.rollout?.pausedAtMs !== undefined,
      },
      boards: naive.boards.map(board => `${board.id} ${naive.standing(board)}`),
      moved: { ...counted },
      decisions: naive.decisions,
      failures: [...naive.failures].toSorted(),
    });
  }

  /** Of every rollout, at every moment: what is set in motion is inside the budget and inside the stage. */
  hold(): void {
    const { naive } = this;
    strictEqual(naive.movedBeyondBudget, 0, 'a board is set in motion beyond the budget');
    const { rollout } = naive;
    if (rollout === undefined) return;
    const moved = naive.boards.filter(({ movedIn }) => movedIn === rollout.number);
    const lately = moved.filter(({ id }) => !this.#movedBefore.has(`${rollout.number} ${id}`));
    const stages = Array.from({ length: rollout.stage }, (_, index) => naive.widthOf(index + 1));
    const widest = rollout.outcome === 'completed' ? naive.boards.length : Math.max(0, ...stages);
    for (const board of lately) {
      ok(naive.placeOf(board) < widest, `${board.id} is moved out of its turn`);
      this.#movedBefore.add(`${rollout.number} ${board.id}`);
    }
    const stage = { number: rollout.number, stage: rollout.stage };
    ok(
      this.#stageBefore.number !== stage.number || stage.stage >= this.#stageBefore.stage,
      'a stage is left backwards',
    );
    this.#stageBefore = stage;
  }

  readonly #movedBefore = new Set<string>();
  #stageBefore = { number: 0, stage: 0 };
}

const newBoard = (id: string, { runs, silentAtMs }: Pick<NaiveBoard, 'runs' | 'silentAtMs'>): NaiveBoard => ({
  id,
  runs,
  planned: '',
  attempt: 0,
  said: undefined,
  movedIn: 0,
  dueAtMs: Number.POSITIVE_INFINITY,
  silentAtMs,
  stood: 'queued',
});

const approvalIn = (text: string, stage: number): readonly { role: string; stage: number }[] => {
  const [, role = '', of] = /role: ([\w-]+), stage: (\d+)/.exec(text) ?? [];
  return Number(of) === stage ? [{ role, stage }] : [];
};

const inNaiveWords = (standing: string): string =>
  standing === 'pending' || standing === 'updating' ? 'acting' : standing;

const failureOf = ({ device, rollout, attempt }: { device: string; rollout: string; attempt: number }): string =>
  `${device} ${rollout.replace(/^.*-r/, '')} ${attempt}`;
