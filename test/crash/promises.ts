// What must hold of a board whose transaction was cut: at the instant of the cut, and when it has come to rest again.

import { entryState, isOnTrial, parseEntryName, type Report } from '@seatrial/capsule-plan';
import type { BoardEvent, BoardEvidence, VirtualBoard } from '@seatrial/virtual-board';
import { lastChange } from './disk-state.ts';
import type { Lab } from './lab.ts';
import type { Slot } from './slot.ts';

/** A promise that did not hold, by its number in docs/promises.md. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';

  constructor(number: number, what: string) {
    super(`promise ${number}: ${what}`);
  }
}

function demand(number: number, holds: boolean, what: () => string): void {
  if (!holds) throw new BrokenPromise(number, what());
}

type Target = Pick<Lab, 'ending' | 'plan' | 'transaction'>;

const isGood = (fileName: string): boolean => {
  const name = parseEntryName(fileName);
  return name !== undefined && entryState(name) === 'good';
};

/**
 * 1: a board that is off has a blessed entry that leads to a deployment; what was never healthy is not blessed where
 * nothing holds the loader back. `isProven`: the new OS has run here, so its blessing may have come.
 */
export function demandBootable({ entries, heldEntry }: BoardEvidence, isProven: boolean, { plan }: Target): void {
  const blessed = entries.filter(({ fileName, commit }) => commit !== undefined && isGood(fileName));
  const proven = blessed.filter(({ commit }) => isProven || commit !== plan.payload.os?.commit);
  const all = () => `${JSON.stringify(entries)}, held to ${heldEntry}`;
  demand(1, proven.length > 0, () => `no blessed deployment that is known to run: ${all()}`);
  demand(1, proven.length === blessed.length || heldEntry !== undefined, () => `an unproven OS is blessed: ${all()}`);
}

/** 1: the first power-on after the cut comes up without a detour, on what may be started. */
export function demandFirstBoot(events: readonly BoardEvent[], isProven: boolean, { plan }: Target): void {
  const firstEnd = events.findIndex(({ kind }) => ['booted', 'system-dead', 'nothing-to-boot'].includes(kind));
  const first = events[firstEnd];
  demand(1, first?.kind === 'booted', () => `the board did not come up: ${first?.kind ?? 'it never started'}`);
  if (first?.kind !== 'booted') return;
  const unproven = !isProven && first.commit === plan.payload.os?.commit;
  demand(1, !(unproven && isGood(first.fileName)), () => `an unproven OS was started for good: ${first.fileName}`);
}

/** 2: never below the floor; and the floor rises only when the new OS is blessed, or was to come later. */
export function demandFloor({ esrt, entries }: BoardEvidence, { plan, transaction }: Target): void {
  if (esrt === undefined) return;
  const { fwVersion, lowestSupportedFwVersion: floor } = esrt;
  demand(2, fwVersion >= floor, () => `firmware ${fwVersion} below its floor ${floor}`);
  const { firmware, os } = plan.payload;
  if (transaction.halves.firmware === undefined || plan.payload.transaction !== 'coupled' || firmware === undefined)
    return;
  const isBlessed = entries.some(({ fileName, commit }) => commit === os?.commit && isGood(fileName));
  demand(2, floor < firmware.version || isBlessed, () => 'the new firmware was accepted before the new OS was blessed');
}

/** 5 and 7: the board is what its report says, and that is what the plan asks for, or what was there before it. */
export function demandTruth(report: Report, evidence: BoardEvidence, { ending, transaction }: Target): void {
  const { running, esrt, trial, entries, capsules, heldEntry } = evidence;
  demand(5, esrt?.fwVersion === ending.firmware, () => `firmware ${esrt?.fwVersion} at the end`);
  demand(5, running?.commit === ending.commit, () => `OS ${running?.commit} at the end`);
  const leftovers = {
    onTrial: trial !== undefined && isOnTrial(trial),
    counted: entries.filter(({ fileName }) => !isGood(fileName)).map(({ fileName }) => fileName),
    capsules,
    held: heldEntry,
  };
  const isClean = !leftovers.onTrial && leftovers.counted.length + capsules.length === 0 && heldEntry === undefined;
  demand(5, isClean, () => `left behind: ${JSON.stringify(leftovers)}`);
  demand(7, report.observed.bootId === running?.bootId, () => 'the report is of another boot');
  demand(7, report.observed.firmware.esrt?.fwVersion === esrt?.fwVersion, () => 'the report has other firmware');
  const told = report.observed.os.deployments.find(({ booted }) => booted)?.commit;
  demand(7, told === running?.commit, () => 'the report has another OS');
  demand(7, transaction.verdict === 'failed' || report.failures.length === 0, () => 'a failure is told that never was');
}

/** Reports between which nothing may change; each comes after a look. */
const LOOKS = 3;

/** 6: it goes on looking and telling (the heartbeat is short), and changes nothing. Fails where it falls silent. */
export async function demandRest({ paths: { root } }: VirtualBoard, slot: Slot): Promise<void> {
  await slot.moreReports(1);
  const changedAt = lastChange(root);
  await slot.moreReports(LOOKS);
  demand(6, lastChange(root) === changedAt, () => 'a board at rest has written');
}
