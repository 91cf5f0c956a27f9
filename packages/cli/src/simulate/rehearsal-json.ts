// A rehearsal for scripts: the members that they may rely on.

import { STANDINGS } from '@seatrial/controller';
import type { FleetRehearsal, Rehearsal } from '@seatrial/simulator';
import { z } from 'zod';

/** What is printed: the answer, and what it rests on. */
export interface Told {
  readonly rehearsal: Rehearsal;
  readonly assumptions: readonly string[];
}

const moment = z.int().describe('milliseconds since 1970-01-01T00:00:00Z');
const length = z.int().min(0).describe('milliseconds');
const count = z.int().min(0);
const peak = z.strictObject({ boards: count, atMs: moment.optional() }).describe('the most at once, and when first');
const standings = z.strictObject(
  Object.fromEntries(STANDINGS.map(standing => [standing, count])) as Record<(typeof STANDINGS)[number], z.ZodInt>, // one for each
);
const byReason = z.array(z.strictObject({ reason: z.string(), boards: count }));

const Stage = z.strictObject({
  stage: z.int().min(1),
  boards: count.describe('the cohort up to and including it'),
  opensAtMs: moment,
  soaksFromMs: moment.optional(),
  soaksUntilMs: moment.optional(),
  endsAtMs: moment.optional().describe('absent where the rollout never left it'),
  moved: count,
  failed: count,
  mostUpdating: peak,
});

const Fleet = z.strictObject({
  fleet: z.string(),
  release: z.string(),
  end: z.enum(['completed', 'paused', 'waiting', 'unfinished']),
  message: z.string(),
  lastsMs: length.optional().describe('from the merge to the end of the last stage; absent where it does not complete'),
  cohort: count,
  pinned: count,
  endedAtMs: moment.describe('when the last thing happened in it'),
  failuresAllowed: count,
  stages: z.array(Stage),
  pause: z
    .strictObject({
      atMs: moment,
      stage: count,
      reason: z.string(),
      message: z.string(),
      moved: count.describe('boards that had been told to move by then'),
      inMotion: count,
      failed: count,
      untouched: count,
    })
    .optional(),
  revertWanted: z.boolean(),
  mostInMotion: peak,
  mostUpdating: peak,
  moved: count,
  failed: count,
  failedBy: byReason,
  osWentBack: count,
  firmwareWentBack: count,
  heldBy: byReason,
  bytes: z.strictObject({ capsules: count, commits: count, total: count }),
  commitsPulled: count,
  reboots: count,
  starts: count,
  standings,
  leftBehind: z.array(
    z.strictObject({
      device: z.string(),
      standing: z.string(),
      reason: z.string(),
      message: z.string(),
      firmware: z.string(),
      os: z.string(),
    }),
  ),
  timeline: z.array(z.strictObject({ atMs: moment, standings })),
});

/** What `seatrial simulate -o json` prints. */
export const RehearsalJson = z.strictObject({
  seed: count,
  mergedAtMs: moment,
  endedAtMs: moment,
  completes: z.boolean(),
  cutShort: z.boolean(),
  assumptions: z.array(z.string()),
  violation: z
    .strictObject({ promise: z.int().min(1).max(10), atMs: moment, message: z.string() })
    .optional()
    .describe('a promise that the product broke, which is a defect'),
  fleets: z.array(Fleet),
});
export type RehearsalJson = z.output<typeof RehearsalJson>;

export const rehearsalJson = ({ rehearsal, assumptions }: Told): RehearsalJson => {
  const { seed, mergedAtMs, endedAtMs, completes, cutShort, violation, fleets } = rehearsal;
  return {
    ...{ seed, mergedAtMs, endedAtMs, completes, cutShort },
    assumptions: [...assumptions],
    ...(violation && { violation }),
    fleets: fleets.map(fleet => fleetJson(fleet, mergedAtMs)),
  };
};

function fleetJson(fleet: FleetRehearsal, mergedAtMs: number): RehearsalJson['fleets'][number] {
  const { stages, windows: _drawn, completedAtMs, capsuleBytes, commitBytes, ...rest } = fleet;
  const commits = commitBytes * fleet.commitsPulled;
  return {
    ...rest,
    ...(completedAtMs !== undefined && { lastsMs: completedAtMs - mergedAtMs }),
    stages: stages.map(stageJson),
    mostInMotion: peakOf(fleet.mostInMotion),
    mostUpdating: peakOf(fleet.mostUpdating),
    failedBy: [...fleet.failedBy],
    heldBy: [...fleet.heldBy],
    bytes: { capsules: capsuleBytes, commits, total: capsuleBytes + commits },
    leftBehind: [...fleet.leftBehind],
    timeline: [...fleet.timeline],
  };
}

const stageJson = ({ stage, boards, moved, failed, ...rest }: FleetRehearsal['stages'][number]) => ({
  ...{ stage, boards, moved, failed },
  opensAtMs: rest.enteredAtMs,
  ...(rest.soakedFromMs !== undefined && { soaksFromMs: rest.soakedFromMs }),
  ...(rest.soakedUntilMs !== undefined && { soaksUntilMs: rest.soakedUntilMs }),
  ...(rest.endedAtMs !== undefined && { endsAtMs: rest.endedAtMs }),
  mostUpdating: peakOf(rest.mostUpdating),
});

/** A count that never rose was reached at no moment. */
const peakOf = ({ boards, atMs }: FleetRehearsal['mostInMotion']) => (boards === 0 ? { boards } : { boards, atMs });
