// Approvals by review: whose count, for what, and until when they can be taken back.

import { type GitCommit, type Millis, millis } from '@seatrial/spec';
import { beforeEach, describe, expect, test } from 'vitest';
import { specValidator } from '../../../src/adapters/spec-validator.ts';
import type { Desk } from '../../../src/app/desk.ts';
import { Approver } from '../../../src/app/forge/approval-loop.ts';
import { Checkouts } from '../../../src/app/forge/checkouts.ts';
import { HousePolicy } from '../../../src/app/forge/house-policy.ts';
import { Origins } from '../../../src/app/forge/origins.ts';
import { recover } from '../../../src/app/recover.ts';
import { assign } from '../../../src/domain/assign.ts';
import { emptyLedger } from '../../../src/domain/ledger.ts';
import { standingApprovals } from '../../../src/domain/reviews.ts';
import type { PullRequest, Review } from '../../../src/ports/forge.ts';
import { FIELD } from '../../support/fleet-simulation.ts';
import { commitOf, MemoryForge } from '../../support/memory-forge.ts';
import { MemoryRepository, rememberingValidator } from '../../support/memory-repository.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { openDesk } from '../../support/open-desk.ts';
import { NOW_MS, need } from '../../support/told-board.ts';
import { desiredFrom, filesOf, type WrittenFleet } from '../../support/written-fleet.ts';

const VALIDATOR = rememberingValidator(specValidator());
const CREW = 'example/ground-crew';
const SAFETY = 'example/safety';

const policyFile = `apiVersion: seatrial.dev/v1alpha1
kind: ReviewPolicy
metadata: { name: house }
spec:
  teams:
    ground-crew: [${CREW}]
    operator: [${SAFETY}]
`;

const WAITS: WrittenFleet = { release: 'r-2', approvals: ['{ role: ground-crew, stage: 1 }'] };

let forge: MemoryForge;
let repository: MemoryRepository;
let store: MemoryStore;
let desk: Desk;
let approver: Approver;
let pull: PullRequest;

const withPolicy = (fleet: WrittenFleet) => new Map([...filesOf(fleet), ['seatrial.policy.yaml', policyFile]]);

async function start(requireSignatures = false): Promise<void> {
  const ledger = emptyLedger();
  await recover(ledger, store, { nowMs: millis(NOW_MS), unreachableAfterMs: 1 });
  desk = await openDesk(store, ledger);
  desk.mayDecide = true;
  const checkouts = new Checkouts(repository, VALIDATOR);
  approver = new Approver({
    desk,
    forge,
    checkouts,
    origins: new Origins({ checkouts, forge, now: () => millis(NOW_MS) }),
    policy: new HousePolicy(checkouts, async () => undefined),
    takeHead: async number => (await forge.pullRequest(number)).head,
    requireSignatures,
    pollMs: 1_000,
  });
}

/** Puts a commit in force, as the source loop does. */
const putInForce = (fleet: WrittenFleet, gitCommit: GitCommit) =>
  desk.decide(draft => {
    const unheardUntilMs = (NOW_MS + 1_000) as Millis;
    assign(desk.ledger, desiredFrom(filesOf(fleet)), { gitCommit, requireSignatures: false, unheardUntilMs });
    draft.meta = { ...draft.meta, goodCommit: gitCommit };
    draft.lookAfter(FIELD, 'all');
  });

/** r-2 is merged through a pull request of ada's, and waits for the ground crew. */
async function merged(fleet: WrittenFleet = WAITS, head: WrittenFleet = fleet): Promise<void> {
  forge = new MemoryForge();
  repository = new MemoryRepository();
  store = new MemoryStore();
  await start();
  await putInForce({ release: 'r-1' }, repository.commit(withPolicy({ release: 'r-1' })));
  const headCommit = repository.aside(withPolicy(head));
  const mergedAs = repository.commit(withPolicy(fleet));
  pull = forge.open({ author: 'ada', head: headCommit });
  forge.merge(pull.number, mergedAs);
  forge.members.add(`${CREW} grace`).add(`${SAFETY} mary`);
  await putInForce(fleet, mergedAs);
}

const stage = () => need(desk.ledger.rollouts.get(FIELD)).stage;
const approvals = async () => (await store.decisions('stage-approved', 9)).map(({ decision }) => decision);

describe('when a stage waits for a role and its team reviews the merged pull request', () => {
  beforeEach(() => merged());

  test('then the approval of a member opens it, and who, when and where are decided with it', async () => {
    expect(stage()).toBe(0);
    forge.review(pull.number, { by: 'grace', atMs: millis(NOW_MS - 5) });
    await approver.look();
    expect(stage()).toBe(1);
    const { number, url, head } = pull;
    const review = { by: 'grace', source: 'review', number, url, gitCommit: head, givenAtMs: NOW_MS - 5 };
    expect(await approvals()).toMatchObject([
      { fleet: FIELD, rollout: 'field-r2', stage: 1, role: 'ground-crew', release: 'r-2', ...review },
    ]);
    await approver.look();
    expect(await approvals()).toHaveLength(1);
  });

  test('then what was opened stays open after a restart, and when the review is taken back', async () => {
    forge.review(pull.number, { by: 'grace' });
    await approver.look();
    forge.review(pull.number, { by: 'grace', verdict: 'dismissed', atMs: millis(NOW_MS + 1) });
    await start();
    await putInForce(WAITS, need(pull.mergedAs ?? forge.pulls[0]?.mergedAs));
    await approver.look();
    expect(stage()).toBe(1);
    expect(await approvals()).toHaveLength(1);
  });

  test.each([
    ['by nobody', []],
    ['by somebody of another team', [{ by: 'mary' }]],
    ['by the author', [{ by: 'ada' }]],
    ['of an earlier commit', [{ by: 'grace', commit: commitOf('earlier') }]],
    ['and dismissed', [{ by: 'grace' }, { by: 'grace', verdict: 'dismissed', atMs: millis(NOW_MS + 1) }]],
    [
      'and changes asked for later',
      [{ by: 'grace' }, { by: 'grace', verdict: 'changesRequested', atMs: millis(NOW_MS + 1) }],
    ],
    ['only with a comment', [{ by: 'grace', verdict: 'commented' }]],
  ] as const satisfies readonly (readonly [string, readonly (Partial<Review> & Pick<Review, 'by'>)[]])[])(
    'and it is approved %s, then it waits',
    async (_how, reviews) => {
      forge.members.add(`${CREW} ada`);
      for (const review of reviews) forge.review(pull.number, review);
      await approver.look();
      expect(stage()).toBe(0);
      expect(await approvals()).toEqual([]);
    },
  );

  test('and only signed approvals count in this house, then no review opens it', async () => {
    forge.review(pull.number, { by: 'grace' });
    await start(true);
    await putInForce(WAITS, need(forge.pulls[0]?.mergedAs));
    await approver.look();
    expect(stage()).toBe(0);
  });

  test('and it is taken back while others are asked for, then it waits', async () => {
    forge.review(pull.number, { by: 'grace' });
    const { reviews } = forge;
    forge.reviews = async number => {
      const known = await reviews(number);
      forge.review(number, { by: 'grace', verdict: 'dismissed', atMs: millis(NOW_MS + 1) });
      return known;
    };
    await approver.look();
    expect(stage()).toBe(0);
  });

  test('and the member has left the team by then, then it waits', async () => {
    forge.review(pull.number, { by: 'grace' });
    forge.members.clear();
    await approver.look();
    expect(stage()).toBe(0);
  });
});

describe('when what was reviewed is not what came of it', () => {
  test('because the pull request held another release, then its review says nothing', async () => {
    await merged(WAITS, { ...WAITS, release: 'r-3' });
    forge.review(pull.number, { by: 'grace' });
    await approver.look();
    expect(stage()).toBe(0);
  });

  test('because git has another head than the forge tells of, then it waits', async () => {
    await merged();
    forge.change(pull.number, { head: commitOf('not fetched yet') });
    forge.review(pull.number, { by: 'grace', commit: commitOf('not fetched yet') });
    await approver.look();
    expect(stage()).toBe(0);
  });
});

describe('when the policy of the house has errors', () => {
  test('then no review opens anything until it is well', async () => {
    await merged();
    forge.review(pull.number, { by: 'grace' });
    const broken = repository.commit(
      new Map([...filesOf(WAITS), ['seatrial.policy.yaml', policyFile.replace('teams', 'temas')]]),
    );
    await desk.note({ meta: { goodCommit: broken } });
    await approver.look();
    expect(stage()).toBe(0);
    await desk.note({ meta: { goodCommit: repository.commit(withPolicy(WAITS)) } });
    await approver.look();
    expect(stage()).toBe(1);
  });
});

describe('when two roles must approve', () => {
  const both: WrittenFleet = {
    ...WAITS,
    approvals: ['{ role: ground-crew, stage: 1 }', '{ role: operator, stage: 1 }'],
  };

  test('then one alone is not recorded, and both open the stage together', async () => {
    await merged(both);
    forge.review(pull.number, { by: 'grace' });
    await approver.look();
    expect([stage(), await approvals()]).toEqual([0, []]);
    forge.review(pull.number, { by: 'mary' });
    await approver.look();
    expect(stage()).toBe(1);
    expect(await approvals()).toMatchObject([{ by: 'grace' }, { by: 'mary' }]);
  });
});

describe('when an open pull request brings the Approval', () => {
  const bring = (role: string, changes: Partial<PullRequest> = {}): PullRequest =>
    forge.open({
      author: 'ada',
      head: repository.aside(withPolicy({ ...WAITS, given: [{ role, stage: 1 }] })),
      ...changes,
    });

  test.each([
    ['holds what a member approves', 'the stage opens', 'ground-crew', {}, 1],
    ['is of another role', 'it waits', 'operator', {}, 0],
    ['comes from a fork', 'it waits', 'ground-crew', { isFork: true }, 0],
    ['is a draft', 'it waits', 'ground-crew', { isDraft: true }, 0],
  ] as const)('and it %s, then %s', async (_how, _then, role, changes, entered) => {
    await merged();
    const opened = bring(role, changes);
    forge.review(opened.number, { by: 'grace' });
    await approver.look();
    expect(stage()).toBe(entered);
  });
});

describe('when the last word of each person is looked for', () => {
  const head = commitOf('head');
  const said = (by: string, verdict: Review['verdict'], atMs: number): Review => ({
    by,
    verdict,
    commit: head,
    atMs: millis(atMs),
  });

  test('then order in time counts, not the order of the list, and names are the same in any case', () => {
    const reviews = [said('Grace', 'approved', 3), said('grace', 'changesRequested', 2), said('mary', 'approved', 1)];
    expect(standingApprovals({ author: 'MARY', head }, reviews).map(({ by }) => by)).toEqual(['Grace']);
  });
});
