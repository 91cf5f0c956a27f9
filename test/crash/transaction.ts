// Whole transactions that are cut: what a plan asks for, and how a board that follows it ends.

import type { Plan } from '@seatrial/capsule-plan';
import type { FirmwareVersion, OstreeCommit } from '@seatrial/spec';
import { type Halves, v } from '../e2e/support/lone-plan.ts';

export const OLD_FIRMWARE = v(1);

export interface Transaction {
  readonly name: string;
  readonly halves: Halves;
  /** What the controller must judge at the end, from the board's report. */
  readonly verdict: 'upToDate' | 'failed';
}

export const TRANSACTIONS = {
  coupled: {
    name: 'firmware and OS together',
    halves: { firmware: { version: v(2) }, os: { version: '1.1.0' } },
    verdict: 'upToDate',
  },
  firmwareFirst: {
    name: 'firmware first, then the OS',
    halves: { firmware: { version: v(2) }, os: { version: '1.1.0' }, transaction: 'firmwareFirst' },
    verdict: 'upToDate',
  },
  goingBack: {
    name: 'a pair whose OS is unhealthy',
    halves: { firmware: { version: v(2) }, os: { version: '1.1.0', behaviour: { health: 'fail' } } },
    verdict: 'failed',
  },
} as const satisfies Readonly<Record<string, Transaction>>;
export type TransactionName = keyof typeof TRANSACTIONS;

/** What a board must run when the transaction is over. */
export interface Ending {
  readonly firmware: FirmwareVersion;
  readonly commit: OstreeCommit;
}

export function endingOf({ verdict }: Transaction, plan: Plan, oldCommit: OstreeCommit): Ending {
  const { firmware, os } = plan.payload;
  if (verdict === 'failed') return { firmware: OLD_FIRMWARE, commit: oldCommit };
  return { firmware: firmware?.version ?? OLD_FIRMWARE, commit: os?.commit ?? oldCommit };
}
