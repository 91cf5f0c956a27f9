// From a boot entry's `ostree=` to the deployment that it boots, along OSTree's own links. Reads root/ostree only.

import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type OstreeCommit, parseOstreeCommit } from '@seatrial/spec';
import type { BoardPaths } from '../board-paths.ts';
import { isMissing } from '../firmware/variable-files.ts';

export interface DeploymentOnDisk {
  readonly commit: OstreeCommit;
  readonly serial: number;
  readonly stateroot: string;
  /** Absolute path of the deployment's root. */
  readonly path: string;
}

/** `argument` is a path from the board's root, `/ostree/boot.1/…/0`; undefined where it leads to no deployment. */
export function resolveDeployment({ root }: BoardPaths, argument: string): DeploymentOnDisk | undefined {
  const path = realpathIfThere(join(root, argument));
  return path === undefined ? undefined : parseDeploymentPath(path);
}

/**
 * The deployment that runs, which /usr belongs to. The kernel's `ostree=` tells it only until the next deploy: OSTree then
 * numbers its boot links anew.
 */
export function runningDeployment({ root }: BoardPaths): DeploymentOnDisk | undefined {
  const usr = realpathIfThere(join(root, 'usr'));
  return usr === undefined ? undefined : parseDeploymentPath(dirname(usr));
}

/** `…/ostree/deploy/<stateroot>/deploy/<commit>.<serial>` */
function parseDeploymentPath(path: string): DeploymentOnDisk | undefined {
  const [, commitText, serialText] = /^([0-9a-f]{64})\.(\d+)$/.exec(basename(path)) ?? [];
  const commit = parseOstreeCommit(commitText ?? '');
  if (commit === undefined) return undefined;
  return { commit, serial: Number(serialText), stateroot: basename(dirname(dirname(path))), path };
}

function realpathIfThere(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
