// One fleet in numbers: who changes, from what to what, what is fetched, and in which stages.

import type { FirmwareVersion, OstreeCommit } from '@seatrial/spec';
import type { FleetEvidence } from './findings.ts';
import type { Foresight, Prospect } from './foresight.ts';
import { grouped } from './grouping.ts';
import { capsuleBytesOf } from './paces.ts';
import type { FetchBytes, FleetCounts, FleetReview, Range } from './review.ts';
import { classesOf } from './step-classes.ts';

export function fleetReview({ change, boards, forecast }: FleetEvidence): FleetReview {
  const { name, before, after } = change;
  const changing = boards.filter(({ prospect }) => prospect === 'changing');
  const meant = boards.filter(({ prospect, asked }) => prospect !== 'staying' && (asked || prospect === 'changing'));
  return {
    fleet: name,
    status: after === undefined ? 'deleted' : before === undefined ? 'added' : 'changed',
    ...(after === undefined ? {} : { release: after.release }),
    suspended: after?.suspend ?? false,
    counts: countsOf(boards, before?.members.length ?? 0),
    firmware: firmwareOf(meant),
    os: osOf(meant),
    fetch: fetchOf(changing),
    ...(forecast === undefined ? {} : { rollout: forecast }),
    classes: classesOf(boards),
  };
}

/** A fleet that is deleted has no boards at the head: all that it had are told. */
function countsOf(boards: readonly Foresight[], membersBefore: number): FleetCounts {
  const counts: Record<Prospect, number> = { changing: 0, staying: 0, blocked: 0, failed: 0, unobserved: 0 };
  for (const { prospect } of boards) counts[prospect] += 1;
  const total = boards.length === 0 ? membersBefore : boards.length;
  return {
    total,
    ...counts,
    staying: boards.length === 0 ? membersBefore : counts.staying,
    pinned: boards.filter(({ target }) => target.pinned).length,
  };
}

/** Of the boards whose firmware is to be another one afterwards. */
function firmwareOf(meant: readonly Foresight[]): FleetReview['firmware'] {
  const moved = meant.filter(({ from, to }) => from.firmware !== to.firmware);
  return { from: rangeOf(moved.map(({ from }) => from.firmware)), to: rangeOf(moved.map(({ to }) => to.firmware)) };
}

function rangeOf(versions: readonly (FirmwareVersion | undefined)[]): Range<FirmwareVersion> {
  const known = versions.filter(version => version !== undefined).sort((a, b) => a - b);
  const [least] = known;
  const most = known.at(-1);
  return least === undefined || most === undefined ? undefined : { least, most };
}

function osOf(meant: readonly Foresight[]): FleetReview['os'] {
  const moved = meant.filter(({ from, to }) => from.os !== to.os);
  return { from: distinct(moved.map(({ from }) => from.os)), to: distinct(moved.map(({ to }) => to.os)) };
}

/** The most frequent first. */
function distinct(commits: readonly (OstreeCommit | undefined)[]): readonly OstreeCommit[] {
  const known = commits.filter(commit => commit !== undefined);
  return [...grouped(known, commit => commit)]
    .sort(([a, m], [b, n]) => n.length - m.length || (a < b ? -1 : 1))
    .map(([commit]) => commit);
}

function fetchOf(changing: readonly Foresight[]): FetchBytes {
  const bytes = changing.map(({ preview }) => capsuleBytesOf(preview.steps));
  const pulls = changing.filter(({ preview }) => preview.steps.some(({ step }) => step.kind === 'pull-commit'));
  return {
    capsuleBytes: bytes.reduce((sum, count) => sum + count, 0),
    perBoard: bytes.reduce(
      ({ least, most }, count) => ({ least: Math.min(least, count), most: Math.max(most, count) }),
      { least: bytes[0] ?? 0, most: 0 },
    ),
    pulls: pulls.length,
  };
}

/** The fleets of a review in a few words: for verdict lines. */
export const changingBoards = (fleets: readonly Pick<FleetReview, 'counts'>[]): number =>
  fleets.reduce((sum, { counts }) => sum + counts.changing, 0);
