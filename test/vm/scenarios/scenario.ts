// What a scenario is, and the sentences that all of them are told in.

import { entryState, isOnTrial, parseEntryName, type Report } from '@seatrial/capsule-plan';
import { type FirmwareVersion, formatFirmwareVersion } from '@seatrial/spec';
import type { BoardEvidence } from '@seatrial/virtual-board';
import type { Halves, Stage } from '../host/stage.ts';
import type { Variant } from '../image/system-variants.ts';

export interface Scenario {
  /** For the table, and for `--only`. */
  readonly name: string;
  readonly expected: string;
  /** Drives the board and throws where it is not as expected. */
  readonly play: (stage: Stage) => Promise<void>;
}

/** Throws with the evidence where what was expected is not so. */
export function expectThat(
  stage: Stage,
  what: string,
  { holds, seen }: { readonly holds: boolean; readonly seen: unknown },
): void {
  if (holds) return;
  const text = JSON.stringify(seen, (_, value: unknown) =>
    typeof value === 'bigint' ? `0x${value.toString(16)}` : value,
  );
  throw stage.failure(`not so: ${what}; seen: ${text}`);
}

export interface Pair {
  readonly firmware: FirmwareVersion;
  readonly os: Variant;
}

/** Power, and the factory's system up and connected. */
export async function startFromFactory(stage: Stage): Promise<void> {
  await stage.board.powerOn();
  await stage.board.comesUp({ from: 0 });
  await stage.reported(
    'that it is as the fleet wants it',
    ({ plan, phase }) => plan !== undefined && phase === 'converged',
  );
}

/** Merges the release and waits for the board's own last word on it. */
export async function rollAndAwait(stage: Stage, halves: Halves, phase: Report['phase']): Promise<Report> {
  const before = stage.reports.at(-1)?.plan?.payloadHash;
  await stage.roll(halves);
  return stage.reported(
    `the new release as ${phase}`,
    report => report.plan !== undefined && report.plan.payloadHash !== before && report.phase === phase,
  );
}

/** At rest on this pair, seen from outside the agent: ESRT, trial flag, blessed entry, deployments, ESP. */
export async function expectRest(stage: Stage, { firmware, os }: Pair): Promise<BoardEvidence> {
  const seen = await stage.board.inspect();
  const { esrt, trial, running, entries, capsules, osIndications = 0n } = seen;
  const entry = entries.find(
    ({ fileName }) => parseEntryName(fileName)?.id === running?.entryId.replace(/\.conf$/, ''),
  );
  const name = parseEntryName(entry?.fileName ?? '');
  const expectations: Readonly<Record<string, boolean>> = {
    [`firmware ${formatFirmwareVersion(firmware)} runs`]: esrt?.fwVersion === firmware,
    [`the ${os} system runs`]: running?.commit === stage.commitOf(os),
    'the running entry is blessed': name !== undefined && entryState(name) === 'good',
    'no firmware is on trial': trial !== undefined && !isOnTrial(trial),
    'no capsule is on the ESP': capsules.length === 0,
    'no capsule is asked for': (osIndications & 4n) === 0n,
    'the loader is held to nothing': seen.heldEntry === undefined,
  };
  for (const [what, holds] of Object.entries(expectations)) expectThat(stage, what, { holds, seen });
  return seen;
}

export async function expectStanding(stage: Stage, standing: string): Promise<void> {
  const until = Date.now() + 60_000;
  let seen = await stage.standing();
  while (seen.standing !== standing && Date.now() < until) {
    await new Promise(resolve => setTimeout(resolve, 500));
    seen = await stage.standing();
  }
  expectThat(stage, `the controller says ${standing}`, { holds: seen.standing === standing, seen });
}

/** The firmware started exactly so often: no try was burnt by anything else. */
export function expectStarts(stage: Stage, starts: number): void {
  const seen = stage.board.firmwareStarts;
  expectThat(stage, `the firmware started ${starts} times`, { holds: seen === starts, seen });
}

/** The board has said its last word on its plan: done, given up, or blocked until somebody acts. */
export const isAtRest = ({ phase, conditions }: Report): boolean =>
  phase === 'converged' ||
  phase === 'failed' ||
  conditions.some(({ type, status }) => type === 'Stalled' && status === 'True');
