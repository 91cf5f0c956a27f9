// What a board is seen to be, read afresh before every decision. Nothing in it is remembered.

import type { BootId, ByteCount, Millis, NetworkClass, OstreeCommit, Sha256 } from '@seatrial/spec';
import type { Deployment } from '../boot/deployment.ts';
import type { EsrtEntry } from '../firmware/esrt.ts';
import type { TrialBoot } from '../firmware/trial-boot.ts';

export interface Observed {
  readonly bootId: BootId;
  readonly clock: ObservedClock;
  readonly firmware: ObservedFirmware;
  readonly esp: ObservedEsp;
  readonly os: ObservedOs;
  readonly fetched: ObservedFetched;
  readonly facts: GateFacts;
}

export interface ObservedClock {
  readonly nowMs: Millis;
  /** IANA name of the board's own zone; `UTC` where none is set. */
  readonly timeZone: string;
}

export interface ObservedFirmware {
  /** The row of the board's fwClass; undefined where the firmware publishes none (as before RPMB is provisioned). */
  readonly esrt?: EsrtEntry;
  /** Undefined where the variable does not exist. */
  readonly osIndications?: bigint;
  readonly osIndicationsSupported?: bigint;
  readonly trial?: TrialBoot;
  /** efivarfs is mounted and takes writes. */
  readonly variablesWritable: boolean;
  /** Undefined where the board can not tell; the trial variable then speaks for it. */
  readonly rpmbProvisioned?: boolean;
}

export interface ObservedEsp {
  readonly writable: boolean;
  readonly freeBytes: ByteCount;
  /** Every file `EFI/UpdateCapsule/*.cap`, in the alphabetical order in which UEFI takes them. */
  readonly capsules: readonly ObservedCapsule[];
}

export interface ObservedCapsule {
  readonly fileName: string;
  readonly sizeBytes: ByteCount;
  readonly sha256: Sha256;
}

export interface ObservedOs {
  readonly deployments: readonly Deployment[];
  /** libostree names new entries with a counter itself (`sysroot.boot-counting-tries`). */
  readonly ostreeCountsBoots: boolean;
  /** The entry id that LoaderEntryDefault holds the loader to; undefined where nothing is held. */
  readonly heldEntryId?: string;
  readonly bootFreeBytes: ByteCount;
  readonly sysrootFreeBytes: ByteCount;
}

/** Artefacts that are whole and verified in the board's own stores. */
export interface ObservedFetched {
  readonly capsules: readonly Sha256[];
  readonly commits: readonly OstreeCommit[];
}

/** Facts for the gates; undefined is "not known", and a gate that asks for an unknown fact stays closed. */
export interface GateFacts {
  readonly batteryPercent?: number;
  readonly batteryVolts?: number;
  readonly parked?: boolean;
  readonly charging?: boolean;
  readonly network?: NetworkClass;
  readonly maintenanceMode?: boolean;
  readonly consent?: boolean;
}
