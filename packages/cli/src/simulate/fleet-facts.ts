// What is worth knowing of one fleet's rehearsal, as named facts: the same in a terminal and in a pull request.

import type { FleetRehearsal, LeftBehind } from '@seatrial/simulator';
import { formatBytes } from '@seatrial/spec';
import type { Facts } from '../output/facts.ts';
import { plural } from '../output/plural.ts';
import { reasonsOf } from './headline.ts';
import { formatWhen } from './span.ts';

export function fleetFacts(fleet: FleetRehearsal, mergedAtMs: number): Facts {
  const { cohort, moved, standings, pinned, failed, failedBy, failuresAllowed, mostUpdating, mostInMotion } = fleet;
  const pinnedToo = pinned === 0 ? '' : `, and ${pinned} pinned`;
  return {
    boards: `${standings.upToDate} of ${plural(cohort + pinned, 'board')} up to date; the rollout moved ${moved} of ${cohort}${pinnedToo}`,
    'at risk': `${atOnce(mostUpdating, mergedAtMs)}; at most ${mostInMotion.boards} told and not done`,
    failed: `${failed}${failed === 0 ? '' : ` (${reasonsOf(failedBy)})`}; the budget allows ${failuresAllowed}`,
    'went back': wentBack(fleet),
    held: fleet.heldBy.length === 0 ? undefined : reasonsOf(fleet.heldBy),
    paused: pauseOf(fleet, mergedAtMs),
    downloads: downloadsOf(fleet),
    reboots: `${fleet.reboots} asked for, ${fleet.starts} starts of the firmware`,
  };
}

const atOnce = ({ boards, atMs }: FleetRehearsal['mostUpdating'], mergedAtMs: number): string =>
  boards === 0 ? 'no board at work' : `at most ${boards} at work at once, ${formatWhen(atMs, mergedAtMs)}`;

function wentBack({ osWentBack, firmwareWentBack }: FleetRehearsal): string | undefined {
  if (osWentBack + firmwareWentBack === 0) return undefined;
  return `the OS of ${plural(osWentBack, 'board')}, the firmware of ${plural(firmwareWentBack, 'board')}`;
}

function pauseOf({ pause, revertWanted }: FleetRehearsal, mergedAtMs: number): string | undefined {
  if (pause === undefined) return undefined;
  const { stage, moved, inMotion, untouched, atMs, reason } = pause;
  const revert = revertWanted ? '; a revert is asked for' : '';
  return `${formatWhen(atMs, mergedAtMs)} in stage ${stage}, ${reason}: ${moved} moved, ${inMotion} of them under way, ${untouched} never touched${revert}`;
}

function downloadsOf({ capsuleBytes, commitsPulled, commitBytes }: FleetRehearsal): string {
  const commits = commitsPulled * commitBytes;
  return `${formatBytes(capsuleBytes + commits)}: capsules ${formatBytes(capsuleBytes)}, ${plural(commitsPulled, 'OS pull')} ${formatBytes(commits)}`;
}

export interface LeftGroup {
  readonly standing: string;
  readonly reason: string;
  readonly message: string;
  readonly devices: readonly string[];
}

/** Boards that stand still for the same reason stand together, the most first. */
export function groupLeftBehind(boards: readonly LeftBehind[]): readonly LeftGroup[] {
  const groups = new Map<string, { standing: string; reason: string; message: string; devices: string[] }>();
  for (const { device, standing, reason, message } of boards) {
    const group = groups.get(`${standing} ${reason}`);
    if (group === undefined) groups.set(`${standing} ${reason}`, { standing, reason, message, devices: [device] });
    else group.devices.push(device);
  }
  return [...groups.values()].toSorted((a, b) => b.devices.length - a.devices.length || (a.reason < b.reason ? -1 : 1));
}

const NAMES_SHOWN = 4;

/** `hub-1, hub-2, hub-3, hub-4 and 12 more`. */
export const someOf = (names: readonly string[]): string =>
  names.length > NAMES_SHOWN
    ? `${names.slice(0, NAMES_SHOWN).join(', ')} and ${names.length - NAMES_SHOWN} more`
    : names.join(', ');
