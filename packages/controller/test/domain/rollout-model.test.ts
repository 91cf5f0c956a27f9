// The real ledger, steering and rollouts beside a fleet that is counted board by board: whatever git, engineers, boards and
// clocks do, both must say the same.

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { OrderKind } from '../../src/domain/rollout-orders.ts';
import { numberOf, Pair, POLICIES, RELEASES } from '../support/fleet-pair.ts';
import { HOUR_MS } from '../support/paper-rollout.ts';
import { need } from '../support/told-board.ts';

/* ---- Commands ---- */

interface Model {
  readonly tally: Map<string, number>;
}

/** A command is one line of what may happen; both sides are compared after every one. */
class Happening implements fc.Command<Model, Pair> {
  readonly name: string;
  readonly act: (pair: Pair) => void;

  constructor(name: string, act: (pair: Pair) => void) {
    this.name = name;
    this.act = act;
  }

  check = (): boolean => true;

  run(model: Model, pair: Pair): void {
    this.act(pair);
    pair.compare();
    pair.hold();
    model.tally.set(this.#kind, (model.tally.get(this.#kind) ?? 0) + 1);
  }

  toString = (): string => this.name;

  get #kind(): string {
    return this.name.replace(/[ (].*$/, '');
  }
}

const SAID = ['acting', 'upToDate', 'upToDate', 'failed', 'gated', 'blocked'] as const;
const ORDERS = ['pause', 'resume', 'promote', 'retry'] as const satisfies readonly OrderKind[];

const HAPPENINGS = [
  fc
    .record({ board: fc.nat(11), said: fc.constantFrom(...SAID) })
    .map(({ board, said }) => new Happening(`report ${board} ${said}`, pair => pair.report(board, said))),
  fc
    .record({ board: fc.nat(11), said: fc.constantFrom(...SAID) })
    .map(({ board, said }) => new Happening(`report ${board} ${said}`, pair => pair.report(board, said))),
  fc
    .integer({ min: 1, max: 60 })
    .map(tenths => new Happening(`pass ${tenths / 4} h`, pair => pair.pass((tenths * HOUR_MS) / 4))),
  fc.nat(11).map(board => new Happening(`silence ${board}`, pair => pair.silence(board))),
  fc.constantFrom(...ORDERS).map(order => new Happening(`order ${order}`, pair => pair.order(order))),
  fc.constant(
    new Happening('push the next release', pair => {
      const next = `r-${numberOf(need(pair.written.release)) + 1}`;
      if (next in RELEASES) pair.commit({ release: next });
    }),
  ),
  fc.nat(POLICIES.length - 1).map(
    policy =>
      new Happening(`edit to policy ${policy}`, pair => {
        pair.policy = policy;
        pair.approved = pair.approved.filter(stage => (POLICIES[policy]?.stages?.length ?? 0) >= stage);
        pair.commit({});
      }),
  ),
  fc.boolean().map(suspend => new Happening(`suspend ${suspend}`, pair => pair.commit({ suspend }))),
  fc.integer({ min: 1, max: 2 }).map(
    stage =>
      new Happening(`approve stage ${stage}`, pair => {
        if (!pair.approved.includes(stage)) pair.approved = [...pair.approved, stage];
        pair.commit({});
      }),
  ),
  fc.constant(
    new Happening('join', pair => {
      const { devices = [] } = pair.written;
      if (devices.length >= 12) return;
      pair.commit({ devices: [...devices, `hub-${devices.length + 1}`] });
    }),
  ),
];

const RUNS = Number(process.env['ROLLOUT_RUNS'] ?? 150);
const tally = new Map<string, number>();
const endings = new Map<string, number>();

afterAll(() => {
  const words = (counts: ReadonlyMap<string, number>) =>
    [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
  console.log(
    `rollout: ${RUNS} histories against the naive fleet: ${words(tally)}; they came to rest ${words(endings)}`,
  );
});

describe('when a fleet lives through any history', () => {
  test('then ledger, steering and rollout say what counting on paper says, and nothing hangs', {
    timeout: 300_000,
  }, () => {
    const starts = fc.record({ policy: fc.nat(POLICIES.length - 1), boards: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(starts, fc.commands([...HAPPENINGS], { maxCommands: 60, size: 'max' }), (start, commands) => {
        const pair = new Pair(start.policy, start.boards);
        pair.compare();
        fc.modelRun(() => ({ model: { tally }, real: pair }), commands);
        // Time alone: each stage has twice its timeout and its soak.
        const { stages, deviceTimeoutMs } = pair.naive.policy;
        for (const { soakMs } of stages) {
          pair.pass(2 * deviceTimeoutMs);
          pair.compare();
          pair.pass(soakMs);
          pair.compare();
        }
        const { kind } = pair.real.state();
        expect(['waiting', 'paused', 'done']).toContain(kind);
        endings.set(kind, (endings.get(kind) ?? 0) + 1);
      }),
      { numRuns: RUNS, seed: 20_261_121 },
    );
  });
});
