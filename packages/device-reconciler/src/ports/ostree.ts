// The port to OSTree: the repository of commits and the deployments that were made of them.

import type { CommitSource, Deployment, Progress } from '@seatrial/capsule-plan';
import type { BytesPerSecond, OstreeCommit } from '@seatrial/spec';

export interface PullOptions {
  readonly maxRate?: BytesPerSecond | undefined;
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

export interface DeploymentId {
  readonly commit: OstreeCommit;
  readonly serial: number;
}

export interface Ostree {
  /** In boot order. Fails with `loader-io`. */
  deployments(): Promise<readonly Deployment[]>;
  /** The commit and every object of it are in the repository. */
  hasCommit(commit: OstreeCommit): Promise<boolean>;
  /** libostree names the entries of new deployments with a counter itself. */
  countsBoots(): Promise<boolean>;
  /**
   * Resumes what an earlier pull left. Fails with `ostree-remote-unknown`, `pull-unreachable`, `pull-stalled`,
   * `pull-incomplete`, `ostree-failed`, `interrupted`.
   */
  pull(source: CommitSource, options: PullOptions): Promise<void>;
  /**
   * A new deployment in front of the others; all others stay, with the counters of their entries. Fails with
   * `ostree-failed`.
   */
  deploy(commit: OstreeCommit, stateroot: string): Promise<void>;
  /** Fails with `deployment-missing`, `deployment-booted`, `ostree-failed`. */
  undeploy(deployment: DeploymentId): Promise<void>;
}
