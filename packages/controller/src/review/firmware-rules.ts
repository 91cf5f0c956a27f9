// What firmware does that can not be taken back, and the boards that can not take it.

import { type BlockedReason, isBlocked, type StepOf } from '@seatrial/capsule-plan';
import { type FirmwareVersion, formatFirmwareVersion, type Name } from '@seatrial/spec';
import { countOf, type Finding, type FleetEvidence } from './findings.ts';
import type { Foresight } from './foresight.ts';
import { grouped } from './grouping.ts';
import type { FilePlace } from './review.ts';
import { sampleOf } from './step-classes.ts';
import type { WarningCode } from './warnings.ts';

export const firmwareRules = (evidence: FleetEvidence): readonly Finding[] => [
  ...forGood(evidence),
  ...withoutTrial(evidence),
  ...downgrades(evidence),
  ...obstacles(evidence),
];

/** Firmware that is committed raises the floor to itself. */
function forGood(evidence: FleetEvidence): readonly Finding[] {
  const rising = changing(evidence).filter(({ from, preview: { steps } }) =>
    steps.some(({ step }) => step.kind === 'commit-firmware' && step.version > (from.firmware ?? 0)),
  );
  return byRelease(rising).map(([release, boards]) => ({
    ...about(evidence, 'firmware-for-good', boards),
    text: `${countOf(boards.length, 'board')} would commit firmware ${versions(boards, 'to')} and can never go back to ${versions(boards, 'from')}`,
    place: versionPlace(evidence, release),
  }));
}

function withoutTrial(evidence: FleetEvidence): readonly Finding[] {
  const untried = changing(evidence).filter(
    ({ target, preview: { steps } }) =>
      target.board.trial === 'unavailable' && steps.some(({ step }) => step.kind === 'request-capsule'),
  );
  return byRelease(untried).map(([release, boards]) => ({
    ...about(evidence, 'firmware-without-trial', boards),
    text: `${countOf(boards.length, 'board')} would run firmware ${versions(boards, 'to')} for good from its first boot`,
    place: versionPlace(evidence, release),
  }));
}

function downgrades(evidence: FleetEvidence): readonly Finding[] {
  const falling = changing(evidence).filter(({ from, to }) => (to.firmware ?? 0) < (from.firmware ?? 0));
  return byRelease(falling).map(([release, boards]) => ({
    ...about(evidence, 'downgrade', boards),
    text: `${countOf(boards.length, 'board')} would go from firmware ${versions(boards, 'from')} down to ${versions(boards, 'to')}`,
    place: versionPlace(evidence, release),
  }));
}

/* ---- What blocks boards ---- */

const CODES: Readonly<Partial<Record<BlockedReason, WarningCode>>> = {
  'firmware-below-floor': 'below-floor',
  'firmware-below-minimum-from': 'below-minimum-from',
  'esp-full': 'esp-too-small',
  'trial-budget': 'trial-budget',
};

function obstacles(evidence: FleetEvidence): readonly Finding[] {
  const groups = new Map<string, { wait: StepOf<'wait'>; boards: Foresight[] }>();
  for (const board of evidence.boards) {
    const wait = board.prospect === 'blocked' ? board.preview.steps.at(-1)?.step : undefined;
    if (wait?.kind !== 'wait') continue;
    const key = `${wait.reason} ${board.target.release}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { wait, boards: [board] });
    else known.boards.push(board);
  }
  return [...groups.values()].map(group => obstacle(evidence, group));
}

function obstacle(
  evidence: FleetEvidence,
  { wait, boards }: { readonly wait: StepOf<'wait'>; readonly boards: readonly Foresight[] },
): Finding {
  const [example] = boards;
  const release = example?.target.release;
  const code = (isBlocked(wait.reason) ? CODES[wait.reason] : undefined) ?? 'boards-blocked';
  const others = boards.length > 1 ? `, ${example?.target.device} for one` : '';
  return {
    ...about(evidence, code, boards),
    text: `${countOf(boards.length, 'board')} could not begin (${wait.reason}${others}): ${wait.message}`,
    place: release === undefined ? undefined : OBSTACLE_PLACES[code]?.(evidence, release),
  };
}

type Pointer = (evidence: FleetEvidence, release: Name) => FilePlace | undefined;

/** What would have to be written otherwise. */
const OBSTACLE_PLACES: Readonly<Partial<Record<WarningCode, Pointer>>> = {
  'below-floor': versionPlace,
  'below-minimum-from': ({ places }, release) => places.of('Release', release, ['spec', 'firmware', 'minimumFrom']),
  'esp-too-small': ({ places }, release) => places.of('Release', release, ['spec', 'firmware', 'capsules']),
  'trial-budget': ({ places, change }) => places.of('Fleet', change.name, ['spec', 'trial', 'bootTries']),
  'boards-blocked': ({ places, change }) => places.of('Fleet', change.name, ['spec', 'release']),
};

/* ---- Words ---- */

export const changing = ({ boards }: FleetEvidence): readonly Foresight[] =>
  boards.filter(({ prospect }) => prospect === 'changing');

export const about = (
  { change }: Pick<FleetEvidence, 'change'>,
  code: WarningCode,
  boards: readonly Foresight[],
): Pick<Finding, 'code' | 'fleet' | 'boards'> => ({
  code,
  fleet: change.name,
  boards: sampleOf(boards.map(({ target }) => target.device)),
});

export function byRelease(boards: readonly Foresight[]): readonly (readonly [Name, readonly Foresight[]])[] {
  return [...grouped(boards, ({ target }) => target.release)].sort(([a], [b]) => (a < b ? -1 : 1));
}

function versionPlace({ places }: FleetEvidence, release: Name): FilePlace | undefined {
  return places.of('Release', release, ['spec', 'firmware', 'version']);
}

const versions = (boards: readonly Foresight[], end: 'from' | 'to'): string =>
  versionRange(boards.flatMap(board => board[end].firmware ?? []));

/** `0.0.1.1`, or `0.0.1.1 to 0.0.1.4`. */
function versionRange(found: readonly FirmwareVersion[]): string {
  const [least, most] = [...new Set(found)]
    .sort((a, b) => a - b)
    .flatMap((v, at, all) => (at === 0 || at === all.length - 1 ? [v] : []));
  if (least === undefined) return 'none that it can name';
  return most === undefined
    ? formatFirmwareVersion(least)
    : `${formatFirmwareVersion(least)} to ${formatFirmwareVersion(most)}`;
}
