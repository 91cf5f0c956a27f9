// From power to an OS that runs, over resets, trial boots and fallbacks: a function of what lies on the board.

import {
  countBoot,
  decodeOsIndications,
  decodeTrialBoot,
  type EfiVariable,
  efiVariableFileName,
  formatEntryName,
} from '@seatrial/capsule-plan';
import type { FakeBoot } from '@seatrial/device-reconciler/memory-ports';
import { heldEntryId, LOADER_HOLD, OS_INDICATIONS } from '@seatrial/device-reconciler/parts';
import type { FirmwareVersion, OstreeCommit } from '@seatrial/spec';
import {
  type CapsuleVerdict,
  type FirmwareEvent,
  type FirmwareState,
  powerOn,
  type SharedVariables,
  selectEntry,
} from '@seatrial/virtual-board';
import type { Make, Nature } from './hardware.ts';
import { need } from './world.ts';

export type Deployed = FakeBoot['deployed'];

/** All that a start reads. Every value is replaced when it changes, never written into. */
export interface Startable {
  readonly flash: Omit<FirmwareState, 'variables'>;
  readonly deployed: Deployed;
  /** UEFI variables by their names in efivarfs. */
  readonly variables: ReadonlyMap<string, EfiVariable>;
  /** EFI/UpdateCapsule. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface Started {
  /** Undefined where nothing comes up however often it is tried: a brick. */
  readonly os: OstreeCommit | undefined;
  readonly starts: number;
  readonly log: readonly FirmwareEvent[];
  readonly flash: Startable['flash'];
  readonly variables: SharedVariables;
  readonly deployed: Deployed;
  /** What the loader started last; undefined where it started nothing. */
  readonly booted: Deployed[number] | undefined;
  /** Capsules that the firmware has taken away. */
  readonly removed: readonly string[];
}

const MOST_STARTS = 60;
const INDICATIONS_KEY = efiVariableFileName(OS_INDICATIONS.name, OS_INDICATIONS.guid);
const HOLD_KEY = efiVariableFileName(LOADER_HOLD.name, LOADER_HOLD.guid);

/** Changes nothing: what has become of the board stands in the result. */
export function startBoard(
  board: Startable,
  { nature, make }: { readonly nature: Nature; readonly make: Make },
): Started {
  const held = heldEntryId(board.variables.get(HOLD_KEY));
  const verify = (bytes: Uint8Array) => judge(bytes, { nature, make });
  const log: FirmwareEvent[] = [];
  const removed: string[] = [];
  let { flash, deployed } = board;
  let booted: Started['booted'];
  let variables = sharedVariables(board.variables, make);
  for (let starts = 1; starts <= MOST_STARTS; starts += 1) {
    const { state, ...pass } = powerOn({ ...flash, variables }, capsulesOf(board, removed), verify);
    ({ variables, ...flash } = state);
    log.push(...pass.log);
    removed.push(...pass.removed);
    const isDead = nature.firmware.get(flash.running) === 'dead';
    const one = isDead ? undefined : selected(deployed, held);
    if (one === undefined) continue;
    booted = one;
    deployed = deployed.map(other => (other === one ? { ...one, entry: countBoot(one.entry) } : other));
    if (nature.os.get(one.commit) === 'panics') continue;
    return { os: one.commit, starts, log, flash, variables, deployed, booted, removed };
  }
  return { os: undefined, starts: MOST_STARTS, log, flash, variables, deployed, booted, removed };
}

/** What firmware and OS tell each other through. */
export function sharedVariables(variables: Startable['variables'], { trialVariable }: Make): SharedVariables {
  const indications = variables.get(INDICATIONS_KEY);
  const trial = variables.get(efiVariableFileName(trialVariable.name, trialVariable.guid));
  const bits = indications && decodeOsIndications(indications.value);
  const decoded = trial && decodeTrialBoot(trial.value);
  return {
    ...(bits?.ok === true && { osIndications: bits.value }),
    ...(decoded?.ok === true && { trial: decoded.value }),
  };
}

const capsulesOf = ({ files }: Startable, removed: readonly string[]) =>
  [...files]
    .filter(([name]) => name.endsWith('.cap') && !removed.includes(name))
    .map(([fileName, bytes]) => ({ fileName, bytes }));

/** The deployment whose entry the loader starts. */
function selected(deployed: Deployed, held: string | undefined): Deployed[number] | undefined {
  const entries = deployed.map(({ entry, commit, serial }, index) => ({
    fileName: formatEntryName(entry),
    name: entry,
    title: commit,
    version: String(deployed.length - index),
    linux: '/vmlinuz',
    ostree: `/ostree/${commit}.${serial}`,
  }));
  const selection = selectEntry(entries, held === undefined ? {} : { default: `${held}.conf` });
  if (selection === undefined) return undefined;
  return need(deployed[entries.findIndex(({ fileName }) => fileName === selection.entry.fileName)]);
}

function judge(bytes: Uint8Array, { nature, make }: { readonly nature: Nature; readonly make: Make }): CapsuleVerdict {
  try {
    const { version, lowestSupported } = JSON.parse(Buffer.from(bytes).toString()) as {
      version: FirmwareVersion;
      lowestSupported: FirmwareVersion;
    }; // our own capsules
    return nature.firmware.get(version) === 'refused'
      ? { kind: 'refused', status: 5, version, detail: 'its signature does not hold' }
      : { kind: 'genuine', images: [{ fwClass: make.fwClass, version, lowestSupported }] };
  } catch {
    return { kind: 'metadata-unreadable', detail: 'cut off' };
  }
}
