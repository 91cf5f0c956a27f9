// A board as tests and the demonstration see it, whether it lives in a directory or in a virtual machine.

import type { EsrtEntry, TrialBoot } from '@seatrial/capsule-plan';
import type { BootId, DeviceId, OstreeCommit } from '@seatrial/spec';
import type { BoardListener } from './board-events.ts';

export interface Board {
  readonly id: DeviceId;
  /** Applies power; the board then boots, reboots and falls back by itself until power goes. Does nothing when it is on. */
  powerOn(): Promise<void>;
  /** Takes power away now: whatever runs is gone, what is not on disk is lost. */
  cutPower(): Promise<void>;
  /** Shuts the OS down in order and takes power away. */
  stop(): Promise<void>;
  /** What can be told from outside, without asking the agent. */
  inspect(): Promise<BoardEvidence>;
  /** Runs `sh -c script` as root on the running OS; `$ROOT` stands before every path. Fails where no OS runs. */
  shell(script: string): Promise<ShellAnswer>;
  onEvent(listener: BoardListener): () => void;
}

export interface ShellAnswer {
  readonly exitCode: number;
  readonly output: string;
}

export interface BoardEvidence {
  /** Undefined while no OS runs. */
  readonly running?: RunningSystem;
  /** The ESRT row; undefined where the firmware shows none, or is not up. */
  readonly esrt?: EsrtEntry;
  readonly osIndications?: bigint;
  readonly trial?: TrialBoot;
  /** `*.cap` in EFI/UpdateCapsule, sorted. */
  readonly capsules: readonly string[];
  /** In the order in which the loader offers them. */
  readonly entries: readonly EntryEvidence[];
  /** The pattern in LoaderEntryDefault, if the loader is held to an entry. */
  readonly heldEntry?: string;
  /** As `ostree admin status` lists them. */
  readonly deployments: readonly DeploymentEvidence[];
  /** How often the firmware has started, resets included. */
  readonly firmwareStarts: number;
}

export interface RunningSystem {
  readonly bootId: BootId;
  readonly commit: OstreeCommit;
  /** As LoaderEntrySelected names it: no counter, but `.conf`. */
  readonly entryId: string;
}

export interface EntryEvidence {
  readonly fileName: string;
  readonly commit?: OstreeCommit;
}

export interface DeploymentEvidence {
  readonly commit: OstreeCommit;
  readonly serial: number;
  readonly stateroot: string;
}
