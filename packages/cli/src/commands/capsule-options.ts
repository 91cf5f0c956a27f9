// What several capsule commands have in common.

import type { FlashType } from '@seatrial/capsule-plan/capsule';
import { InvalidArgumentError, Option } from 'commander';

export const STORAGES = ['UFS', 'EMMC', 'NORUFS', 'NORNVME'] as const satisfies readonly FlashType[];
export const DIGESTS = ['sha256', 'sha384', 'sha512'] as const;
export const ENDS = { 0: 'done', 2: 'could not be done; nothing was written' } as const;

/** An option that may be given several times. */
export const repeatable = (flags: string, description: string): Option =>
  new Option(flags, description)
    .argParser((value: string, all: readonly string[]) => [...all, value])
    .default([], 'none');

export const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('not a whole number');
  return value;
};
