// What holds for every rollout, whatever boards, clocks and engineers do.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failuresAllowed, stageSize } from '../../src/domain/cohort.ts';
import type { OrderKind } from '../../src/domain/rollout-orders.ts';
import { HOUR_MS, PaperRollout, policyOf } from '../support/paper-rollout.ts';

const FATES = ['updating', 'upToDate', 'failed', 'gated', 'blocked', 'unreachable'] as const;

type Step =
  | { readonly kind: 'board'; readonly pick: number; readonly fate: (typeof FATES)[number] }
  | { readonly kind: 'pass'; readonly hours: number }
  | { readonly kind: 'join' }
  | { readonly kind: 'suspend'; readonly suspended: boolean }
  | { readonly kind: 'order'; readonly order: OrderKind };

const boardStep = fc.record({ kind: fc.constant('board' as const), pick: fc.nat(), fate: fc.constantFrom(...FATES) });
const passStep = fc.record({ kind: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 15 }) });
const joinStep = fc.record({ kind: fc.constant('join' as const) });
const suspendStep = fc.record({ kind: fc.constant('suspend' as const), suspended: fc.boolean() });
const orderStep = fc.record({
  kind: fc.constant('order' as const),
  order: fc.constantFrom<OrderKind>('pause', 'resume', 'promote', 'retry'),
});

const worldSteps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: boardStep },
  { weight: 3, arbitrary: passStep },
  { weight: 1, arbitrary: joinStep },
  { weight: 1, arbitrary: suspendStep },
);
const anySteps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 9, arbitrary: worldSteps },
  { weight: 1, arbitrary: orderStep },
);

const POLICIES = [
  policyOf({ stages: ['{ limit: 1 }', '{ limit: 100% }'] }),
  policyOf({
    stages: ['{ limit: 1%, soak: 2h }', '{ limit: 10%, soak: 1h }', '{ limit: 50% }', '{ limit: 100% }'],
    failureBudget: '10%',
    successThreshold: '80%',
  }),
  policyOf({
    stages: ['{ limit: 2, soak: 1h }', '{ limit: 5 }', '{ limit: 100%, soak: 3h }'],
    failureBudget: '2',
    successThreshold: '50%',
  }),
];

const rolloutOf = fc.record({ policy: fc.constantFrom(...POLICIES), count: fc.integer({ min: 1, max: 40 }) }).map(
  ({ policy, count }) =>
    () =>
      new PaperRollout(policy, count),
);

function take(paper: PaperRollout, step: Step): void {
  if (step.kind === 'pass') paper.pass(step.hours * HOUR_MS);
  else if (step.kind === 'order') paper.order(step.order);
  else if (step.kind === 'join') paper.boards.push({ standing: 'queued', moved: false, movedAtMs: 0 });
  else if (step.kind === 'suspend') paper.suspended = step.suspended;
  else {
    const moving = paper.boards.filter(({ moved }) => moved);
    const board = moving[step.pick % Math.max(1, moving.length)];
    if (board !== undefined) board.standing = step.fate;
  }
  paper.look();
}

/** How far into the cohort the stage reaches. */
const reach = ({ policy, rollout, boards }: PaperRollout): number => {
  const limit = policy.stages[rollout.stage - 1]?.limit;
  return limit === undefined ? 0 : stageSize(limit, boards.length);
};

const failedIn = (paper: PaperRollout): number =>
  paper.boards.filter(({ standing }) => standing === 'failed' || standing === 'overdue').length;

const RUNS = { numRuns: 500 };

describe('when anything happens in any order', () => {
  test('then stages only grow, and no board beyond the stage is let in', () => {
    fc.assert(
      fc.property(rolloutOf, fc.array(anySteps, { maxLength: 80 }), (start, steps) => {
        const paper = start();
        let stage = paper.rollout.stage;
        let widest = reach(paper);
        for (const step of steps) {
          take(paper, step);
          widest = Math.max(widest, reach(paper));
          expect(paper.rollout.stage).toBeGreaterThanOrEqual(stage);
          expect(paper.boards.findLastIndex(({ moved }) => moved)).toBeLessThan(widest);
          stage = paper.rollout.stage;
        }
      }),
      RUNS,
    );
  });

  test('then it always says what it is at, and time alone ends advancing and soaking', () => {
    fc.assert(
      fc.property(rolloutOf, fc.array(anySteps, { maxLength: 60 }), (start, steps) => {
        const paper = start();
        for (const step of steps) take(paper, step);
        // Nothing happens any more but time: each stage has at most twice its timeout and its soak.
        const longestMs = paper.policy.stages.reduce(
          (sum, { soakMs }) => sum + soakMs + 2 * paper.policy.deviceTimeoutMs,
          0,
        );
        for (let ms = 0; ms <= longestMs + HOUR_MS; ms += HOUR_MS) paper.pass(HOUR_MS);
        expect(['waiting', 'paused', 'done']).toContain(paper.state.kind);
      }),
      RUNS,
    );
  });

  test('then a rollout that waits or is paused goes on once the world or an engineer lets it', () => {
    fc.assert(
      fc.property(rolloutOf, fc.array(anySteps, { maxLength: 60 }), (start, steps) => {
        const paper = start();
        for (const step of steps) take(paper, step);
        paper.suspended = false;
        for (let turn = 0; turn < 20; turn += 1) {
          if (paper.state.kind === 'paused') paper.order('resume');
          for (const board of paper.boards) if (board.moved) board.standing = 'upToDate';
          paper.pass(24 * HOUR_MS);
        }
        expect(paper.state).toMatchObject({ kind: 'done', outcome: 'completed' });
        expect(paper.boards.every(({ standing }) => standing === 'upToDate')).toBe(true);
      }),
      RUNS,
    );
  });
});

describe('when nobody orders anything', () => {
  test('then no more boards fail than the budget and those in flight when it was spent', () => {
    fc.assert(
      fc.property(rolloutOf, fc.array(worldSteps, { maxLength: 120 }), (start, steps) => {
        const paper = start();
        let inFlightWhenSpent: number | undefined;
        for (const step of steps) {
          // Boards that join raise a budget that is a share of them.
          if (step.kind === 'join' && inFlightWhenSpent !== undefined) continue;
          const couldStillFail = paper.moved - failedIn(paper);
          take(paper, step);
          const allowed = failuresAllowed(paper.policy.failureBudget, paper.boards.length);
          if (inFlightWhenSpent === undefined && failedIn(paper) > allowed) inFlightWhenSpent = couldStillFail;
          const limit = inFlightWhenSpent === undefined ? paper.boards.length : allowed + inFlightWhenSpent;
          expect(failedIn(paper)).toBeLessThanOrEqual(limit);
        }
      }),
      RUNS,
    );
  });

  test('then nobody is let in once the budget is spent', () => {
    fc.assert(
      fc.property(rolloutOf, fc.array(worldSteps, { maxLength: 120 }), (start, steps) => {
        const paper = start();
        const movedWhilePaused = steps.map(step => {
          const moved = paper.rollout.pause === undefined ? undefined : paper.moved;
          take(paper, step);
          return moved === undefined || moved === paper.moved;
        });
        expect(movedWhilePaused).not.toContain(false);
      }),
      RUNS,
    );
  });
});
