// What the board's UEFI knows while the power is off: its own flash, and the variables that it shares with the OS.

import { isOnTrial, type LastAttempt, type TrialBoot } from '@seatrial/capsule-plan';
import { type FirmwareVersion, firmwareVersion, type Guid } from '@seatrial/spec';

/** Advance firmware knows trial boots; base firmware ignores OsIndications and OsTrialBootStatus [QC-CAPSULE-VARIABLES]. */
export type FirmwareVariant = 'advance' | 'base';
/** The replay-protected memory that holds the variables; without it none survives and nothing is known of the last attempt. */
export type Rpmb = 'provisioned' | 'unprovisioned';

export interface FirmwareState {
  readonly fwClass: Guid;
  readonly variant: FirmwareVariant;
  readonly rpmb: Rpmb;
  readonly running: FirmwareVersion;
  readonly lowestSupported: FirmwareVersion;
  readonly lastAttempt: Pick<LastAttempt, 'lastAttemptVersion' | 'lastAttemptStatus'>;
  /** The image from before an update that is not committed yet: what a rollback restores. */
  readonly previous?: FirmwareVersion;
  readonly variables: SharedVariables;
  /** False for firmware that fills no ESRT. */
  readonly publishesEsrt: boolean;
  /** What this firmware is told to do wrong, in the order in which it was told. */
  readonly faults: readonly FirmwareFault[];
}

/** The values through which OS and firmware talk; undefined where the variable does not exist. */
export interface SharedVariables {
  readonly osIndications?: bigint;
  readonly trial?: TrialBoot;
}

/** One misbehaviour. `times` is how often it happens; undefined is for ever. */
export type FirmwareFault = FirmwareFaultKind & { readonly times?: number };

export type FirmwareFaultKind =
  /** The next capsule ends with this LAST_ATTEMPT_STATUS, whatever is in it. */
  | { readonly kind: 'attempt-status'; readonly status: number }
  /** The next capsule's metadata can not be read: row (0, running, 0). */
  | { readonly kind: 'metadata-unreadable' }
  /** The next capsule is consumed, nothing is installed and the row is not touched. */
  | { readonly kind: 'stale-row' }
  /** Request and capsules stay where they are and nothing happens. */
  | { readonly kind: 'ignore-request' }
  /** The capsule is installed for good although a trial was asked for. */
  | { readonly kind: 'forget-trial' }
  /** The old image is restored at the next power-on of a trial, however many boots are left. */
  | { readonly kind: 'early-rollback' }
  /** The old image is not restored although the floor would allow it. */
  | { readonly kind: 'refuse-rollback' };

/** What has to be said of a board's firmware as it leaves the factory. */
export interface FactoryFirmware {
  readonly fwClass: Guid;
  readonly version: FirmwareVersion;
  readonly lowestSupported: FirmwareVersion;
  /** Default: provisioned. */
  readonly rpmb?: Rpmb;
  /** Default: advance. */
  readonly variant?: FirmwareVariant;
  /** The trial variable as shipped; undefined where the board has none. */
  readonly trial?: TrialBoot;
}

/** Nothing was ever attempted. */
export const factoryFirmware = (factory: FactoryFirmware): FirmwareState => ({
  fwClass: factory.fwClass,
  variant: factory.variant ?? 'advance',
  rpmb: factory.rpmb ?? 'provisioned',
  running: factory.version,
  lowestSupported: factory.lowestSupported,
  lastAttempt: { lastAttemptVersion: firmwareVersion(0), lastAttemptStatus: 0 },
  variables: factory.trial === undefined ? {} : { trial: factory.trial },
  publishesEsrt: true,
  faults: [],
});

/** The trial variable, where this firmware heeds it. */
export const heededTrial = ({ variant, rpmb, variables }: FirmwareState): TrialBoot | undefined =>
  variant === 'advance' && rpmb === 'provisioned' ? variables.trial : undefined;

/** The running image is on trial: UEFI counts its boots and keeps the old one. */
export function runsTrial(state: FirmwareState): boolean {
  const trial = heededTrial(state);
  return trial !== undefined && isOnTrial(trial);
}

export const withVariables = (state: FirmwareState, variables: SharedVariables): FirmwareState => ({
  ...state,
  variables: { ...state.variables, ...variables },
});

export const hasFault = (state: FirmwareState, kind: FirmwareFault['kind']): boolean =>
  state.faults.some(fault => fault.kind === kind);

/** Counts one use of the first fault of this kind and forgets it when it is used up. */
export function useFault(state: FirmwareState, kind: FirmwareFault['kind']): FirmwareState {
  const index = state.faults.findIndex(fault => fault.kind === kind);
  const fault = state.faults[index];
  if (fault?.times === undefined) return state;
  const left = fault.times > 1 ? [{ ...fault, times: fault.times - 1 }] : [];
  return { ...state, faults: state.faults.toSpliced(index, 1, ...left) };
}
