// What an artifact index says that there is: newer systems and newer firmware, as far as a release needs to know.

import type { Capsule, FirmwareVersion, OstreeCommit } from '@seatrial/spec';

/** The newest commit of an OSTree ref. */
export interface OsArtifact {
  readonly commit: OstreeCommit;
  /** What the build calls it; absent where it does not say. */
  readonly version?: string;
  /** In the words of the build: not to be trusted. */
  readonly notes?: string;
}

/** One version of the firmware of a board type. */
export interface FirmwareArtifact {
  readonly version: FirmwareVersion;
  readonly lowestSupported: FirmwareVersion;
  readonly minimumFrom?: FirmwareVersion;
  readonly capsules: readonly Capsule[];
  readonly notes?: string;
}

/** Longer words of a build are cut. */
export const MOST_NOTES = 4_096;
