// A review's steps for a board are the steps that the board then takes: the real agent on simulated hardware, for a thousand
// random boards, and for every scenario of the demonstration up to the step at which it goes otherwise.

import { EMPTY_JOURNAL, type Step } from '@seatrial/capsule-plan';
import {
  DEFAULT_POLICY,
  observedFleet,
  planTarget,
  type Review,
  reviewChange,
  type Side,
  type SnapshotDevice,
  type StepClass,
} from '@seatrial/controller/review';
import { desiredOf, type FleetFile, RELEASES, type ReleaseName } from '@seatrial/simulator';
import { type DesiredState, type DeviceTarget, InvariantError, type Millis, millis } from '@seatrial/spec';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Journey, LoneBoard } from './lone-board.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const HUB = 'hub-1';

const FLEET: FleetFile = {
  release: 'r-1',
  boards: [HUB],
  stages: ['{ limit: 100% }'],
  successThreshold: 100,
  failureBudget: '0',
  deviceTimeout: '6h',
  suspend: false,
  parked: false,
  windowHours: 0,
  bootTries: 3,
  isRemoved: false,
};

const sideOf = (desired: DesiredState | undefined): Side => ({
  ...(desired === undefined ? {} : { desired }),
  issues: [],
  files: new Map(),
  parsed: new Map(),
});

function targetIn({ targets }: DesiredState): DeviceTarget {
  const [target] = targets;
  if (target === undefined) throw new InvariantError('the fleet has a board');
  return target;
}

interface Foretold {
  readonly review: Review;
  /** Undefined where the review sees no cause for the board to do anything. */
  readonly foretold: StepClass | undefined;
}

/** The review of a change from one fleet file to another, while the board is as it is seen to be. */
async function review(board: LoneBoard, before: FleetFile | undefined, after: FleetFile): Promise<Foretold> {
  const head = desiredOf(after);
  const target = targetIn(head);
  const { observed, journal } = await board.seen(planTarget(target, EMPTY_JOURNAL));
  const { attempt, success, failures } = journal;
  const device: SnapshotDevice = {
    device: target.device,
    observed,
    failures,
    ...(attempt && { attempt }),
    ...(success && { success }),
  };
  const found = reviewChange({
    base: sideOf(before && desiredOf(before)),
    head: sideOf(head),
    snapshot: observedFleet({ schema: 1, devices: [device] }),
    policy: DEFAULT_POLICY,
    nowMs: board.nowMs,
  });
  return { review: found, foretold: found.fleets[0]?.classes[0] };
}

async function follow(board: LoneBoard, fleet: FleetFile, passes?: number): Promise<Journey> {
  const target = targetIn(desiredOf(fleet));
  const { journal } = await board.seen(planTarget(target, EMPTY_JOURNAL));
  return board.follow(planTarget(target, journal), passes);
}

/** What is compared: kind, what is waited for, and when. */
const toldSteps = (foretold: StepClass | undefined) =>
  (foretold?.steps ?? []).map(({ step, notBeforeMs }) => wordsOf(step, notBeforeMs));
const takenSteps = ({ taken }: Journey) => taken.map(({ step, atMs }) => wordsOf(step, atMs));
const wordsOf = (step: Step, atMs: Millis) =>
  `${step.kind}${step.kind === 'wait' ? ` for ${step.reason}` : ''}${step.kind === 'reboot' ? ` to ${step.purpose}` : ''} at ${atMs}`;

const releases = fc.constantFrom(...(Object.keys(RELEASES) as ReleaseName[])); // the keys of RELEASES by definition
const fleets = (release: fc.Arbitrary<ReleaseName>): fc.Arbitrary<FleetFile> =>
  fc
    .record({
      release,
      parked: fc.boolean(),
      windowHours: fc.constantFrom(0, 0, 2, 5),
      bootTries: fc.integer({ min: 1, max: 12 }),
    })
    .map(changes => ({ ...FLEET, ...changes }));

const SCENES = fc.record({
  /** What the board was told before, and how far it got with it. */
  past: fc.array(fc.record({ fleet: fleets(releases), passes: fc.option(fc.nat(18)) }), { maxLength: 2 }),
  head: fleets(releases),
  startMs: fc.integer({ min: 0, max: 86_400 }).map(seconds => millis(NOON + seconds * 1_000)),
  isParked: fc.boolean(),
  hasTrial: fc.boolean(),
});

test('when a change is reviewed, then the board takes the very steps that were foretold, at the foretold times', async () => {
  let foretold = 0;
  await fc.assert(
    fc.asyncProperty(SCENES, async ({ past, head, startMs, isParked, hasTrial }) => {
      const board = new LoneBoard(startMs, { os: new Map(), firmware: new Map() });
      board.hardware.facts.facts = isParked ? { parked: true } : {};
      if (!hasTrial) board.hardware.takeTrialAway();
      for (const { fleet, passes } of past) await follow(board, fleet, passes ?? undefined);
      // Without a base all that the head wants is new: also what the board has begun already is told.
      const told = await review(board, undefined, head);
      const journey = await follow(board, head);
      expect(takenSteps(journey)).toEqual(toldSteps(told.foretold));
      expect(journey.ends).toBe(told.foretold === undefined ? 'converged' : ENDS[told.foretold.ends]);
      if (journey.taken.length > 0) foretold += 1;
    }),
    { numRuns: 1_000 },
  );
  // The property would hold of boards that never do anything.
  expect(foretold).toBeGreaterThan(500);
});

const ENDS = { changing: 'converged', blocked: 'blocked', failed: 'failed' } as const;

/* ---- The demonstration ---- */

const fromTo = (from: ReleaseName, to: ReleaseName) => ({
  from: { ...FLEET, release: from },
  to: { ...FLEET, release: to },
});

describe('when a scenario of the demonstration is reviewed before it is played', () => {
  const { os, firmware } = RELEASES['r-2'];

  test('then a good release takes every step that was foretold', async () => {
    const board = new LoneBoard(millis(NOON), { os: new Map(), firmware: new Map() });
    const { from, to } = fromTo('r-1', 'r-2');
    const told = await review(board, from, to);
    const journey = await follow(board, to);
    expect(journey.ends).toBe('converged');
    expect(takenSteps(journey)).toEqual(toldSteps(told.foretold));
  });

  test('then a capsule that is refused takes them up to the reboot that applies it', async () => {
    const board = new LoneBoard(millis(NOON), { os: new Map(), firmware: new Map([[firmware, 'refused']]) });
    const { ends, foretold, taken, goesOn, wasToGoOn } = await untilThen(board, step => step.kind === 'reboot');
    expect(ends).toBe('failed');
    expect(taken).toEqual(foretold);
    expect(goesOn).not.toEqual(wasToGoOn);
  });

  test('then an OS that is not healthy takes them up to its health check', async () => {
    const board = new LoneBoard(millis(NOON), { os: new Map([[os, 'unhealthy']]), firmware: new Map() });
    const { ends, foretold, taken, goesOn, wasToGoOn } = await untilThen(board, step => step.kind === 'check-health');
    expect(ends).toBe('failed');
    expect(taken).toEqual(foretold);
    expect(goesOn).not.toEqual(wasToGoOn);
  });

  test('then a git revert of what failed leaves the board where it is', async () => {
    const board = new LoneBoard(millis(NOON), { os: new Map([[os, 'unhealthy']]), firmware: new Map() });
    const { from, to } = fromTo('r-1', 'r-2');
    await follow(board, to);
    const { review: back, foretold } = await review(board, to, from);
    expect(back.fleets[0]?.counts).toMatchObject({ changing: 0, staying: 1 });
    expect(foretold).toBeUndefined();
    expect((await follow(board, from)).taken).toEqual([]);
  });

  test('then a git revert of what succeeded is told to be impossible', async () => {
    const board = new LoneBoard(millis(NOON), { os: new Map(), firmware: new Map() });
    const { from, to } = fromTo('r-1', 'r-2');
    await follow(board, to);
    const { review: back } = await review(board, to, from);
    expect(back.verdict.kind).toBe('blocked');
    expect(back.warnings.map(({ code }) => code)).toContain('below-floor');
    expect((await follow(board, from)).ends).toBe('blocked');
  });
});

/** What was foretold, and what happened, up to and with the first step at which the scenario goes otherwise. */
async function untilThen(board: LoneBoard, goesOtherwise: (step: Step) => boolean) {
  const { from, to } = fromTo('r-1', 'r-2');
  const { foretold } = await review(board, from, to);
  const journey = await follow(board, to);
  const end = (foretold?.steps ?? []).findIndex(({ step }) => goesOtherwise(step));
  return {
    ends: journey.ends,
    foretold: toldSteps(foretold).slice(0, end + 1),
    taken: takenSteps(journey).slice(0, end + 1),
    goesOn: takenSteps(journey).slice(end + 1),
    wasToGoOn: toldSteps(foretold).slice(end + 1),
  };
}
