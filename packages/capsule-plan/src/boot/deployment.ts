// OSTree's deployments as the loader entries and the boot links show them.

import type { OstreeCommit } from '@seatrial/spec';
import type { EntryName } from './boot-counting.ts';

export interface Deployment {
  /** Position in boot order: 0 is what the loader tries first while its entry is not exhausted. */
  readonly index: number;
  readonly commit: OstreeCommit;
  /** Tells deployments of one commit apart. */
  readonly serial: number;
  readonly stateroot: string;
  /** The deployment that is running now. */
  readonly booted: boolean;
  /** Written at shutdown only (`ostree admin deploy --stage`); has no loader entry yet. */
  readonly staged: boolean;
  readonly entry?: EntryName;
}

export const bootedDeployment = (deployments: readonly Deployment[]): Deployment | undefined =>
  deployments.find(deployment => deployment.booted);

/** OSTree's words: `pending` would boot next, `rollback` is the one to fall back to. */
export type DeploymentRole = 'booted' | 'staged' | 'pending' | 'rollback';

export function deploymentRole(deployment: Deployment, deployments: readonly Deployment[]): DeploymentRole {
  if (deployment.booted) return 'booted';
  if (deployment.staged) return 'staged';
  const booted = bootedDeployment(deployments);
  return booted !== undefined && deployment.index < booted.index ? 'pending' : 'rollback';
}
