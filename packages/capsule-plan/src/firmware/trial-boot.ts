// OsTrialBootStatus: the variable over which the OS and Qualcomm's UEFI agree on a trial boot of new firmware.
//
//   7:0   version              11:8  TrialBootMaxCount, set by us before the capsule
//   15:12 TrialBootCount       16    TrialBootEnabled, set by UEFI after the capsule, cleared by us to commit
//   17..  foreign: newer boot loaders keep slot state there, so every bit that is not ours is written back as read.
//
// Published width is 32 bits, the vendor's test kit uses 64: what was read is what is written [QC-CAPSULE-VARIABLES].

import { err, ok, type Result, TRIAL_BOOTS_MAX } from '@seatrial/spec';

const VERSION_MASK = 0xffn;
const MAX_COUNT = { shift: 8n, mask: 0xfn << 8n };
const COUNT = { shift: 12n, mask: 0xfn << 12n };
const ENABLED = 1n << 16n;

export interface TrialBoot {
  /** All bits as read, ours and foreign ones. */
  readonly raw: bigint;
  readonly widthBytes: 4 | 8;
}

/** What a board without the variable is given: version 1 in the published width, nothing armed. */
export const NEW_TRIAL_BOOT: TrialBoot = { raw: 1n, widthBytes: 4 };

/** Fails with `trial-variable-width` for a value of neither 4 nor 8 bytes. */
export function decodeTrialBoot(value: Uint8Array): Result<TrialBoot, 'trial-variable-width'> {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  if (value.byteLength === 4) return ok({ raw: BigInt(view.getUint32(0, true)), widthBytes: 4 });
  if (value.byteLength === 8) return ok({ raw: view.getBigUint64(0, true), widthBytes: 8 });
  return err('trial-variable-width');
}

export function encodeTrialBoot({ raw, widthBytes }: TrialBoot): Uint8Array {
  const value = new Uint8Array(widthBytes);
  const view = new DataView(value.buffer);
  if (widthBytes === 4) view.setUint32(0, Number(BigInt.asUintN(32, raw)), true);
  else view.setBigUint64(0, BigInt.asUintN(64, raw), true);
  return value;
}

export const trialVersion = (trial: TrialBoot): number => Number(trial.raw & VERSION_MASK);
/** TrialBootMaxCount, 0 to 15: how many boots the firmware may be on trial for; 0 asks for no trial. */
export const trialMaxCount = (trial: TrialBoot): number => Number((trial.raw & MAX_COUNT.mask) >> MAX_COUNT.shift);
/** TrialBootCount, 0 to 15: boots that UEFI has counted while on trial. */
export const trialCount = (trial: TrialBoot): number => Number((trial.raw & COUNT.mask) >> COUNT.shift);
/** TrialBootEnabled: the running firmware is on trial. */
export const isOnTrial = (trial: TrialBoot): boolean => (trial.raw & ENABLED) !== 0n;

export const withTrialMaxCount = (trial: TrialBoot, maxCount: number): TrialBoot => ({
  ...trial,
  raw: (trial.raw & ~MAX_COUNT.mask) | (nibble(maxCount) << MAX_COUNT.shift),
});

export const withTrialCount = (trial: TrialBoot, count: number): TrialBoot => ({
  ...trial,
  raw: (trial.raw & ~COUNT.mask) | (nibble(count) << COUNT.shift),
});

export const withTrialEnabled = (trial: TrialBoot, { enabled }: { enabled: boolean }): TrialBoot => ({
  ...trial,
  raw: enabled ? trial.raw | ENABLED : trial.raw & ~ENABLED,
});

/** Before the capsule is requested: a budget of boots, none of them used. Leaves TrialBootEnabled to UEFI. */
export const armTrial = (trial: TrialBoot, maxCount: number): TrialBoot =>
  withTrialCount(withTrialMaxCount(trial, maxCount), 0);

/** Accepts the running firmware: clears TrialBootEnabled and nothing else. After the next power-on there is no way back. */
export const commitTrial = (trial: TrialBoot): TrialBoot => withTrialEnabled(trial, { enabled: false });

/** Uses the whole budget up, which makes UEFI restore the old firmware at the next power-on. */
export const requestRollback = (trial: TrialBoot): TrialBoot => withTrialCount(trial, trialMaxCount(trial));

/** UEFI was asked to go back and has not yet done so. */
export const isRollbackRequested = (trial: TrialBoot): boolean =>
  isOnTrial(trial) && trialMaxCount(trial) > 0 && trialCount(trial) >= trialMaxCount(trial);

const nibble = (value: number): bigint => BigInt(Math.max(0, Math.min(TRIAL_BOOTS_MAX, value)));
