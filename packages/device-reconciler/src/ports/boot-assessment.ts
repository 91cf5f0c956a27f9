// The port to the verdict on the running boot: good for ever, or bad so that the loader prefers any other entry.

import type { EntryName } from '@seatrial/capsule-plan';

export interface BootAssessment {
  /** Takes the counter off the booted entry. Fails with `bless-failed`, `command-missing` or as a rename of the entry. */
  markGood(booted: EntryName): Promise<void>;
  /** Leaves the booted entry no more tries. Fails as `markGood`. */
  markBad(booted: EntryName): Promise<void>;
}
