// Whoever reads what boards report and decides nothing about them: reviews and words on the forge, and the branch that
// pipelines read.

import type { Clock, DesiredState } from '@seatrial/spec';
import type { FleetRepository } from '../ports/fleet-repository.ts';
import type { Forge } from '../ports/forge.ts';
import type { MergePreview } from '../ports/merge-preview.ts';
import type { SnapshotBranch } from '../ports/snapshot-branch.ts';
import type { TextMerge } from '../ports/text-merge.ts';
import type { Validator } from '../ports/validator.ts';
import type { Desk } from './desk.ts';
import type { AfterMergeOptions } from './forge/after-merge.ts';
import { type ForgeLoops, startForgeLoops } from './forge/loops.ts';
import type { Loop, LoopOutcome } from './loop.ts';
import { SnapshotPublisher } from './snapshot-loop.ts';
import type { Snapshots } from './snapshots.ts';

/** What is outside, for the loops of the forge. */
export interface ForgeSide {
  readonly forge: Forge;
  readonly git: MergePreview;
  readonly directory: string;
  readonly pollMs: number;
  readonly refreshMs: number;
  readonly tellMs: number;
  readonly merge: TextMerge;
  readonly artifacts?: AfterMergeOptions['artifacts'];
}

export interface ReaderPorts {
  readonly clock: Clock;
  readonly repository: FleetRepository;
  readonly validator: Validator;
  readonly log: (line: string) => void;
  readonly names: { readonly repository: string };
  readonly requireSignatures: boolean;
  /** Absent where the fleet's repository is on no forge, or none is configured. */
  readonly forge?: ForgeSide;
  /** Absent where the reported state is not published. */
  readonly snapshotBranch?: { readonly branch: SnapshotBranch; readonly everyMs: number };
}

export interface ReadersOptions extends ReaderPorts {
  readonly desk: Desk;
  readonly snapshots: Snapshots;
  readonly inForce: () => DesiredState | undefined;
  /** False until enough is known of git and of the boards to foretell anything. */
  readonly mayReview: () => boolean;
  readonly lookAtGit: () => void;
  readonly startLoop: (name: string, work: () => Promise<LoopOutcome>) => Loop;
}

export interface Readers {
  /** Takes webhooks in; absent where there is no forge. */
  readonly ring: ForgeLoops['ring'] | undefined;
  /** Something that is read has changed. */
  wake(): void;
  stop(): Promise<void>;
}

export function startReaders(options: ReadersOptions): Readers {
  const forge = options.forge && startForge(options, options.forge);
  const snapshot = options.snapshotBranch && startSnapshots(options, options.snapshotBranch);
  const readers = [forge, snapshot];
  return {
    ring: forge?.ring,
    wake: () => {
      for (const reader of readers) reader?.wake();
    },
    stop: async () => void (await Promise.all(readers.map(async reader => reader?.stop()))),
  };
}

function startForge(options: ReadersOptions, { merge, tellMs, artifacts, ...side }: ForgeSide): ForgeLoops {
  const { clock, names, snapshots, repository, validator, requireSignatures, inForce, ...rest } = options;
  return startForgeLoops({
    ...rest,
    ...side,
    index: artifacts?.index,
    repository: names.repository,
    snapshot: boards => snapshots.fleet(boards),
    now: () => clock.now(),
    after: {
      inForce,
      repository,
      validator,
      requireSignatures,
      merge,
      tellMs,
      artifacts,
      fileAtRoot: (commit, path) => side.git.file(commit, path),
      takeHead: number => side.git.take(number),
    },
  });
}

function startSnapshots(
  { clock, snapshots, mayReview, startLoop }: ReadersOptions,
  { branch, everyMs }: NonNullable<ReaderPorts['snapshotBranch']>,
): Loop {
  const publisher = new SnapshotPublisher({ snapshots, branch, everyMs, now: () => clock.now() });
  return startLoop('snapshot', async () => (mayReview() ? publisher.look() : { kind: 'done' }));
}
