// Boards that would wait, are silent, failed before, or change hands.

import type { GateName } from '@seatrial/capsule-plan';
import type { BoardMove } from './changes.ts';
import { countOf, type Evidence, type Finding, type FleetEvidence } from './findings.ts';
import { about, changing } from './firmware-rules.ts';
import type { Foresight } from './foresight.ts';
import { grouped } from './grouping.ts';
import { sampleOf } from './step-classes.ts';

export const boardRules = (evidence: FleetEvidence): readonly Finding[] => [
  ...failedBefore(evidence),
  ...gated(evidence),
  ...unreachable(evidence),
  ...unobserved(evidence),
  ...halting(evidence),
  ...moves(evidence),
  ...suspended(evidence),
];

function failedBefore(evidence: FleetEvidence): readonly Finding[] {
  const failed = evidence.boards.filter(({ prospect }) => prospect === 'failed');
  if (failed.length === 0) return [];
  const reasons = tally(failed.map(({ preview }) => preview.failure?.reason ?? 'unknown'));
  const text = `${countOf(failed.length, 'board')} tried this very payload and went back (${reasons})`;
  return [{ ...about(evidence, 'boards-failed-before', failed), text, place: releasePlace(evidence) }];
}

/** The reading of now: a gate that is closed at noon may be open in the window. */
function gated(evidence: FleetEvidence): readonly Finding[] {
  const waiting = changing(evidence).filter(board => gateOf(board) !== undefined);
  if (waiting.length === 0) return [];
  const gates = tally(waiting.map(board => gateOf(board) ?? ''));
  const text = `${countOf(waiting.length, 'board')} would wait for a gate (${gates})`;
  const place = evidence.places.of('Fleet', evidence.change.name, ['spec', 'gates']);
  return [{ ...about(evidence, 'boards-gated', waiting), text, place }];
}

function gateOf({ preview: { steps } }: Foresight): GateName | undefined {
  for (const { step } of steps) {
    const gate = step.kind === 'wait' ? /^gate-(.*)$/.exec(step.reason)?.[1] : undefined;
    if (gate !== undefined) return gate as GateName; // a wait reason is `gate-` and the name of a gate
  }
  return undefined;
}

function unreachable(evidence: FleetEvidence): readonly Finding[] {
  const silent = changing(evidence).filter(({ seen }) => seen?.unreachable === true);
  if (silent.length === 0) return [];
  const text = `${countOf(silent.length, 'board')} had been silent for too long when the snapshot was taken`;
  return [{ ...about(evidence, 'boards-unreachable', silent), text, place: releasePlace(evidence) }];
}

function unobserved(evidence: FleetEvidence): readonly Finding[] {
  const unknown = evidence.boards.filter(({ prospect }) => prospect === 'unobserved');
  if (unknown.length === 0) return [];
  const text = `nothing is known of ${unknown.length} of ${countOf(evidence.boards.length, 'board')}`;
  return [{ ...about(evidence, 'boards-unobserved', unknown), text, place: selectorPlace(evidence) }];
}

function halting({ change, forecast, places }: FleetEvidence): readonly Finding[] {
  if (forecast?.halts === undefined || change.after?.suspend === true) return [];
  const stage = forecast.stages.at(-1)?.stage;
  const where = stage === undefined ? 'before its first stage' : `in stage ${stage}`;
  const place = places.of('Fleet', change.name, ['spec', 'rollout', 'stages', Math.max(0, (stage ?? 1) - 1)]);
  return [
    {
      code: 'rollout-would-halt',
      fleet: change.name,
      text: `the rollout would stop ${where}: ${forecast.halts}`,
      place,
    },
  ];
}

/* ---- Who belongs where ---- */

/** A fleet that is deleted says so itself. */
function moves({ change, places }: FleetEvidence): readonly Finding[] {
  const { left, joined, before, after } = change;
  const gone = after === undefined || left.length === 0 ? [] : [['boards-leave', left, 'leave', 'to'] as const];
  const come = before === undefined || joined.length === 0 ? [] : [['boards-join', joined, 'enter', 'from'] as const];
  return [...gone, ...come].map(([code, moved, verb, preposition]) => ({
    code,
    fleet: change.name,
    text: `${countOf(moved.length, 'board')} ${moved.length === 1 ? `${verb}s` : verb}: ${destinations(moved, preposition)}`,
    boards: sampleOf(moved.map(({ device }) => device)),
    place: moved[0] === undefined ? undefined : places.ofDevice(moved[0].device),
  }));
}

const destinations = (moved: readonly BoardMove[], preposition: 'to' | 'from'): string =>
  tally(moved.map(({ other }) => (other === undefined ? `${preposition} no fleet` : `${preposition} ${other}`)));

function suspended({ change, boards, places }: FleetEvidence): readonly Finding[] {
  const held = boards.filter(({ isThere, prospect }) => !isThere && prospect === 'staying');
  if (change.after?.suspend !== true || held.length === 0) return [];
  return [
    {
      code: 'fleet-suspended',
      fleet: change.name,
      text: `nothing is published to ${countOf(held.length, 'board')} that are not up to date`,
      boards: sampleOf(held.map(({ target }) => target.device)),
      place: places.of('Fleet', change.name, ['spec', 'suspend']),
    },
  ];
}

/** What is gone from git as a whole. */
export function deletionRules({ changes, places, input }: Evidence): readonly Finding[] {
  const devices = changes.deletedDevices;
  return [
    ...changes.fleets
      .filter(({ after }) => after === undefined)
      .map(({ name, before, left }): Finding => {
        const text = `fleet ${name} is deleted, ${countOf(before?.members.length ?? 0, 'board')} followed it: ${destinations(left, 'to') || 'none'}`;
        return { code: 'fleet-deleted', fleet: name, text, boards: sampleOf(left.map(({ device }) => device)) };
      }),
    ...changes.deletedReleases.map((name): Finding => {
      const running = input.base.desired?.fleets.filter(({ release }) => release === name).length ?? 0;
      const text = `release ${name} is deleted${running === 0 ? '' : `; ${countOf(running, 'fleet')} ran it at the base`}`;
      return { code: 'release-deleted', text };
    }),
    ...(devices.length === 0
      ? []
      : [
          {
            code: 'device-deleted',
            text: `${countOf(devices.length, 'board')} ${devices.length === 1 ? 'is' : 'are'} no longer listed`,
            boards: sampleOf(devices),
          } as const,
        ]),
    ...(changes.trustRootChanged ? [trustRoot(input.head.desired?.trustRoot?.name, places)] : []),
  ];
}

const trustRoot = (name: string | undefined, places: Evidence['places']): Finding => ({
  code: 'trust-root-changed',
  text: name === undefined ? 'there is no TrustRoot any more' : `TrustRoot ${name} is another one`,
  place: name === undefined ? undefined : places.of('TrustRoot', name),
});

/* ---- Words ---- */

const releasePlace = ({ places, change }: FleetEvidence) => places.of('Fleet', change.name, ['spec', 'release']);
const selectorPlace = ({ places, change }: FleetEvidence) => places.of('Fleet', change.name, ['spec', 'selector']);

/** `3 battery, 1 parked`: the most frequent first. */
function tally(words: readonly string[]): string {
  const counts = [...grouped(words, word => word)].map(([word, all]) => [word, all.length] as const);
  return counts
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');
}
