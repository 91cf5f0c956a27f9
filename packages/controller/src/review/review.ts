// What a pull request is told before it is merged: the words of the review, as values. `review-change.ts` finds them,
// `render-*.ts` say them.

import type { Failure, Pair, PreviewedStep } from '@seatrial/capsule-plan';
import type {
  ByteCount,
  DesiredState,
  DeviceId,
  FirmwareVersion,
  GitCommit,
  Issue,
  Millis,
  Name,
  OstreeCommit,
  ParsedFile,
  Sha256,
} from '@seatrial/spec';
import type { Changes } from './changes.ts';
import type { ReviewPolicy } from './policy.ts';
import type { ObservedFleet, SnapshotHeader } from './snapshot.ts';
import type { WarningCode } from './warnings.ts';

/* ---- What goes in ---- */

/** The fleet repository at one commit, as `readSide` makes it. */
export interface Side {
  /** Absent where it was read from a directory. */
  readonly commit?: GitCommit;
  /** When the commit was made. */
  readonly atMs?: Millis;
  /** Absent when any issue is an error. */
  readonly desired?: DesiredState;
  readonly issues: readonly Issue[];
  /** By path relative to the fleet's directory. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The documents of the YAML among them, by the same paths. */
  readonly parsed: ReadonlyMap<string, ParsedFile>;
}

/** How the commit that was in force when the snapshot was taken stands to the base; `elsewhere` is a commit of another repository. */
export type SnapshotAge = 'same' | 'before' | 'after' | 'elsewhere';

/** What really lies where a release says that its capsule lies. `missing`: looked for, and not there. */
export type ArtifactFinding =
  | { readonly kind: 'found'; readonly sha256: Sha256; readonly sizeBytes: ByteCount }
  | { readonly kind: 'missing' };

export interface ReviewInput {
  readonly base: Side;
  readonly head: Side;
  readonly snapshot: ObservedFleet;
  /** Of the base: nobody loosens the rules for his own change. */
  readonly policy: ReviewPolicy;
  readonly nowMs: Millis;
  /** Where in the repository the fleet's YAML lies; empty for all of it. */
  readonly directory?: string | undefined;
  /** The repository as it is known here, however it is spelt; compared with the snapshot's where both are known. */
  readonly repository?: string | undefined;
  /** What `changesOf` found, where it was asked already to know which boards to read. */
  readonly changes?: Changes | undefined;
  /** Absent where nobody could find out. */
  readonly snapshotAge?: SnapshotAge | undefined;
  /** By URL of the capsule; a URL that is not here was not looked at. */
  readonly artifacts?: ReadonlyMap<string, ArtifactFinding> | undefined;
  /** Roles that have approved this change already. */
  readonly approvedBy?: readonly Name[] | undefined;
  /** The policy file is another one at the head. */
  readonly policyChanged?: boolean | undefined;
}

/* ---- What comes out ---- */

/** nothing: no board would do anything else. blocked: the policy refuses. invalid: the head has errors. */
export type VerdictKind = 'nothing' | 'changes' | 'blocked' | 'invalid';

/** Plain data; texts are as people and YAML wrote them, and only the renderers make them safe to show. */
export interface Review {
  readonly base?: GitCommit;
  readonly head?: GitCommit;
  /** What the review knows of the boards. */
  readonly snapshot: SnapshotHeader & { readonly boards: number };
  readonly verdict: { readonly kind: VerdictKind; readonly line: string };
  /** neutral: nothing to say. failure: invalid, blocked, or an approval is missing. */
  readonly conclusion: 'neutral' | 'success' | 'failure';
  /** Fleets that the change touches, by name. */
  readonly fleets: readonly FleetReview[];
  /** Most binding first, then by fleet. */
  readonly warnings: readonly Warning[];
  /** By path and line. */
  readonly annotations: readonly Annotation[];
  /** Approvals that the policy asks for and nobody has given. */
  readonly needsApproval: readonly ApprovalNeed[];
}

export interface ApprovalNeed {
  readonly role: Name;
  /** Because of these. */
  readonly codes: readonly WarningCode[];
}

export interface Warning {
  readonly code: WarningCode;
  readonly effect: 'tell' | 'approve' | 'block';
  /** Who must approve, where the effect is `approve`. */
  readonly role?: Name;
  readonly text: string;
  readonly fleet?: Name;
  /** Boards that it is about: how many, and the first few. */
  readonly boards?: BoardSample;
  /** In the head; absent where nothing is left to point at. */
  readonly place?: FilePlace;
}

export interface BoardSample {
  readonly count: number;
  /** At most `SAMPLE_SIZE`, sorted. */
  readonly first: readonly DeviceId[];
}

export interface FilePlace {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  /** From 1. */
  readonly startLine: number;
  readonly endLine: number;
}

/** For a check run, on the very lines. */
export interface Annotation extends FilePlace {
  readonly level: 'notice' | 'warning' | 'failure';
  readonly title: string;
  readonly message: string;
}

export interface FleetReview {
  readonly fleet: Name;
  readonly status: 'added' | 'changed' | 'deleted';
  /** Of the head; absent for a deleted fleet. */
  readonly release?: Name;
  readonly suspended: boolean;
  readonly counts: FleetCounts;
  /** Of the boards that the change is meant for, also of those that can not follow or are not known. */
  readonly firmware: { readonly from: Range<FirmwareVersion>; readonly to: Range<FirmwareVersion> };
  readonly os: { readonly from: readonly OstreeCommit[]; readonly to: readonly OstreeCommit[] };
  readonly fetch: FetchBytes;
  /** Absent where the change begins no rollout: the payload is what it was. */
  readonly rollout?: RolloutForecast;
  /** Boards that take equal steps, the largest class first. */
  readonly classes: readonly StepClass[];
}

/** Every board of the fleet at the head (at the base, where it is deleted) is in exactly one count but `total` and `pinned`. */
export interface FleetCounts {
  readonly total: number;
  /** Would do something that it would not do without this change. */
  readonly changing: number;
  /** Would go on as before, or is where it should be. */
  readonly staying: number;
  /** Can not begin until somebody removes a named obstacle. */
  readonly blocked: number;
  /** Has failed this very payload before. */
  readonly failed: number;
  /** Not in the snapshot. */
  readonly unobserved: number;
  /** Of all: those whose release is pinned. */
  readonly pinned: number;
}

/** Both ends; undefined where no board can name any. */
export type Range<T> = { readonly least: T; readonly most: T } | undefined;

export interface FetchBytes {
  /** Exactly, over all changing boards. */
  readonly capsuleBytes: number;
  /** For one board. */
  readonly perBoard: { readonly least: number; readonly most: number };
  /** Boards that pull an OSTree commit, whose size nobody knows in advance: it depends on what a board has. */
  readonly pulls: number;
}

export interface RolloutForecast {
  readonly stages: readonly StageForecast[];
  /** Merged now, approved at once, gates open, all boards healthy. Absent where it would never end. */
  readonly earliestEndMs?: Millis;
  /** Why it would not end by itself: what it waits for, or why it pauses. */
  readonly halts?: string;
}

export interface StageForecast {
  /** From 1. */
  readonly stage: number;
  /** Let in by this stage and those before it. */
  readonly boards: number;
  readonly startsMs: Millis;
  /** Soak included. */
  readonly endsMs?: Millis;
  readonly soakMs: Millis;
  /** Roles whose approval lets the stage begin. */
  readonly approvals: readonly Name[];
}

export interface StepClass {
  readonly boards: BoardSample;
  readonly release: Name;
  readonly from: Pair;
  readonly to: Pair;
  readonly ends: 'changing' | 'blocked' | 'failed';
  readonly steps: readonly PreviewedStep[];
  readonly failure?: Failure;
}

/** How many boards are named before "and N more". */
export const SAMPLE_SIZE = 4;

/** The first line of the one comment that is edited in place. */
export const REVIEW_MARKER = '<!-- seatrial:review -->';
