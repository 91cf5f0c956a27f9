// The rules of a rollout, row by row: what is recorded, what is counted, what happens.

import { millis, parseName } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import {
  advance,
  boardsLetIn,
  type GivenApproval,
  type Rollout,
  type RolloutState,
  type World,
} from '../../src/domain/rollout.ts';
import { aRollout, aWorld, HOUR_MS, policyOf, tallyOf } from '../support/paper-rollout.ts';
import { NOW_MS, need } from '../support/told-board.ts';

interface Row {
  readonly when: string;
  readonly rollout?: Partial<Rollout>;
  readonly world?: Partial<World>;
  /** The decision, or the state in a word or two. */
  readonly what: string;
}

const inStage = (stage: number, changes: Partial<Rollout> = {}): Partial<Rollout> => ({ stage, ...changes });
const ago = (hours: number) => millis(NOW_MS - hours * HOUR_MS);
const crew = need(parseName('ground-crew'));
const withApproval = policyOf({
  stages: ['{ limit: 1 }', '{ limit: 100% }'],
  approvals: ['{ role: ground-crew, stage: 2 }'],
});

const inGit: GivenApproval = { role: crew, stage: 2, by: 'crew@example.com', source: 'document' };

const ROWS: readonly Row[] = [
  { when: 'it has not begun', what: 'stage-entered' },
  {
    when: 'it has not begun and the fleet is suspended',
    world: { suspended: true },
    what: 'waiting end-of-suspension',
  },
  { when: 'the release is not signed', world: { signed: false }, what: 'waiting signatures' },
  { when: 'no board follows the fleet', world: { cohort: 0 }, what: 'waiting boards' },
  {
    when: 'a board of the stage has not finished',
    rollout: inStage(1),
    world: { moved: tallyOf({ updating: 1 }) },
    what: 'advancing',
  },
  {
    when: 'a gated board has time left to become able to act',
    rollout: inStage(1),
    world: { moved: tallyOf({ gated: 1 }) },
    what: 'advancing',
  },
  {
    when: 'no board of the stage could act in time',
    rollout: inStage(1, { stageEnteredAtMs: ago(6) }),
    world: { moved: tallyOf({ gated: 1, unreachable: 2 }) },
    what: 'waiting a-board-that-can-act',
  },
  {
    when: 'an earlier stage had boards that could act and this one has none',
    rollout: inStage(2, { stageEnteredAtMs: ago(6), atEntry: { moved: 1, acted: 1 } }),
    world: { moved: tallyOf({ upToDate: 1, unreachable: 4 }) },
    what: 'waiting a-board-that-can-act',
  },
  {
    when: 'some could act and succeeded, and the others had their time',
    rollout: inStage(1, { stageEnteredAtMs: ago(6) }),
    world: { moved: tallyOf({ upToDate: 1, gated: 1 }) },
    what: 'stage-entered',
  },
  {
    when: 'a board came late and is still at it',
    rollout: inStage(1, { stageEnteredAtMs: ago(7) }),
    world: { moved: tallyOf({ upToDate: 1, updating: 1 }) },
    what: 'advancing',
  },
  {
    when: 'the time of those that came late is over as well',
    rollout: inStage(1, { stageEnteredAtMs: ago(12) }),
    world: { moved: tallyOf({ upToDate: 1, updating: 1 }) },
    what: 'stage-entered',
  },
  {
    when: 'the stage moved nobody',
    rollout: inStage(1),
    world: { resting: tallyOf({ upToDate: 10 }) },
    what: 'stage-entered',
  },
  {
    when: 'a stage with a soak has succeeded',
    rollout: inStage(2),
    world: { moved: tallyOf({ upToDate: 5 }) },
    what: 'soak-started',
  },
  {
    when: 'a stage with a soak moved nobody',
    rollout: inStage(2, { atEntry: { moved: 5, acted: 5 } }),
    world: { moved: tallyOf({ upToDate: 5 }) },
    what: 'stage-entered',
  },
  {
    when: 'the soak is not over',
    rollout: inStage(2, { soakUntilMs: millis(NOW_MS + 1) }),
    world: { moved: tallyOf({ upToDate: 5 }) },
    what: 'soaking',
  },
  {
    when: 'the soak is over',
    rollout: inStage(2, { soakUntilMs: millis(NOW_MS) }),
    world: { moved: tallyOf({ upToDate: 5 }) },
    what: 'stage-entered',
  },
  {
    when: 'a board joins during the soak',
    rollout: inStage(2, { soakUntilMs: millis(NOW_MS + 1) }),
    world: { moved: tallyOf({ upToDate: 5, pending: 1 }) },
    what: 'soaking',
  },
  {
    when: 'the budget is spent during the soak',
    rollout: inStage(2, { soakUntilMs: millis(NOW_MS + 1) }),
    world: { moved: tallyOf({ upToDate: 4, failed: 1 }) },
    what: 'rollout-paused',
  },
  {
    when: 'one failed and none may',
    rollout: inStage(1),
    world: { moved: tallyOf({ failed: 1, updating: 3 }) },
    what: 'rollout-paused',
  },
  {
    when: 'one did not finish in time and none may fail',
    rollout: inStage(1),
    world: { moved: tallyOf({ overdue: 1, updating: 3 }) },
    what: 'rollout-paused',
  },
  {
    when: 'one failed and one may, and the threshold holds',
    rollout: inStage(1),
    world: {
      policy: policyOf({ failureBudget: '1', successThreshold: '50%' }),
      moved: tallyOf({ failed: 1, upToDate: 1 }),
    },
    what: 'stage-entered',
  },
  {
    when: 'the budget holds and the threshold can not be reached any more',
    rollout: inStage(1),
    world: {
      policy: policyOf({ failureBudget: '5', successThreshold: '90%' }),
      moved: tallyOf({ failed: 2, upToDate: 3, updating: 5 }),
    },
    what: 'rollout-paused',
  },
  {
    when: 'the budget holds and the threshold can still be reached',
    rollout: inStage(1),
    world: {
      policy: policyOf({ failureBudget: '5', successThreshold: '80%' }),
      moved: tallyOf({ failed: 2, upToDate: 3, updating: 5 }),
    },
    what: 'advancing',
  },
  {
    when: 'boards are blocked and the threshold can not be reached',
    rollout: inStage(1),
    world: { moved: tallyOf({ blocked: 1 }) },
    what: 'rollout-paused',
  },
  {
    when: 'boards that were up to date before would hide the failures',
    rollout: inStage(1),
    world: {
      policy: policyOf({ failureBudget: '5', successThreshold: '98%' }),
      moved: tallyOf({ failed: 1 }),
      resting: tallyOf({ upToDate: 999 }),
      cohort: 1_000,
    },
    what: 'rollout-paused',
  },
  {
    when: 'it is paused, whatever the boards do',
    rollout: inStage(1, { pause: { reason: 'operator', message: 'wait', atMs: ago(1), by: 'ada' } }),
    world: { moved: tallyOf({ failed: 9, upToDate: 1 }) },
    what: 'paused operator',
  },
  {
    when: 'the next stage needs an approval',
    rollout: inStage(1),
    world: { policy: withApproval, moved: tallyOf({ upToDate: 1 }) },
    what: 'waiting approval',
  },
  {
    when: 'the approval is for another stage',
    rollout: inStage(1),
    world: { policy: withApproval, moved: tallyOf({ upToDate: 1 }), approvals: [{ ...inGit, stage: 1 }] },
    what: 'waiting approval',
  },
  {
    when: 'the approval is given',
    rollout: inStage(1),
    world: { policy: withApproval, moved: tallyOf({ upToDate: 1 }), approvals: [inGit] },
    what: 'stage-approved, stage-entered',
  },
  {
    when: 'the approval was given in a review',
    rollout: inStage(1, { approvals: [{ ...inGit, source: 'review' }] }),
    world: { policy: withApproval, moved: tallyOf({ upToDate: 1 }) },
    what: 'stage-approved, stage-entered',
  },
  {
    when: 'a review approved another stage',
    rollout: inStage(1, { approvals: [{ ...inGit, stage: 1, source: 'review' }] }),
    world: { policy: withApproval, moved: tallyOf({ upToDate: 1 }) },
    what: 'waiting approval',
  },
  {
    when: 'a stage was promoted and the next needs an approval',
    rollout: inStage(1, { promoted: 1 }),
    world: { policy: withApproval, moved: tallyOf({ blocked: 1 }) },
    what: 'waiting approval',
  },
  {
    when: 'a stage was promoted that proves nothing',
    rollout: inStage(1, { promoted: 1 }),
    world: { moved: tallyOf({ unreachable: 1 }) },
    what: 'stage-entered',
  },
  {
    when: 'the last stage has succeeded',
    rollout: inStage(3),
    world: { moved: tallyOf({ upToDate: 10 }) },
    what: 'rollout-completed',
  },
  {
    when: 'git has taken stages away and the rollout is beyond the last',
    rollout: inStage(3),
    world: { policy: policyOf({ stages: ['{ limit: 100% }'] }), moved: tallyOf({ upToDate: 10 }) },
    what: 'rollout-completed',
  },
  {
    when: 'it has ended',
    rollout: inStage(3, { outcome: 'completed' }),
    world: { moved: tallyOf({ failed: 10 }) },
    what: 'done completed',
  },
];

function inWords(state: RolloutState): string {
  const detail =
    'for' in state ? state.for : 'reason' in state ? state.reason : 'outcome' in state ? state.outcome : '';
  return `${state.kind} ${detail}`.trim();
}

describe('when a rollout looks at the world', () => {
  test.each(ROWS)('and $when, then $what', ({ rollout, world, what }) => {
    const { decisions, state } = advance(aRollout(rollout), aWorld(world));
    const told = decisions.map(({ kind }) => kind).join(', ');
    expect(told === '' ? inWords(state) : told).toBe(what);
  });

  test('and the fleet asks for a revert, then a pause asks for it as well', () => {
    const world = aWorld({ policy: policyOf({ onFailure: 'revert' }), moved: tallyOf({ failed: 1 }) });
    const { decisions } = advance(aRollout({ stage: 1 }), world);
    expect(decisions.map(({ kind }) => kind)).toEqual(['rollout-paused', 'revert-wanted']);
  });
});

describe('when an approved stage is entered', () => {
  test('then who approved which release, in what role and where, is decided as well', () => {
    const world = aWorld({ policy: withApproval, moved: tallyOf({ upToDate: 1 }) });
    const review = { ...inGit, by: 'grace', source: 'review', number: 7, url: 'https://forge.example/7' } as const;
    const { decisions } = advance(aRollout({ stage: 1, approvals: [review] }), world);
    const { release, id, fleet } = aRollout();
    expect(decisions[0]).toEqual({ kind: 'stage-approved', fleet, rollout: id, release, ...review });
  });
});

describe('when boards are let in', () => {
  test.each([
    ['before the first stage', {}, {}, 0],
    ['in the first', { stage: 1 }, {}, 1],
    ['in the second', { stage: 2 }, {}, 5],
    ['in the second of a fleet of three', { stage: 2 }, { cohort: 3 }, 2],
    ['while paused', { stage: 2, pause: { reason: 'operator', message: '', atMs: ago(1) } }, {}, 0],
    ['while suspended', { stage: 2 }, { suspended: true }, 0],
    ['of a release that lost its signatures', { stage: 2 }, { signed: false }, 0],
    ['of a stage that is about to pause', { stage: 3 }, { moved: tallyOf({ failed: 1 }) }, 0],
    ['after it was completed', { stage: 3, outcome: 'completed' }, {}, 10],
    ['after it was superseded', { stage: 3, outcome: 'superseded' }, {}, 0],
  ] as const)('%s, then so many', (_when, rollout, world, count) => {
    expect(boardsLetIn(aRollout(rollout), aWorld(world))).toBe(count);
  });
});
