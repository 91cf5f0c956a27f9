// The deployments of a sysroot, read from loader entries and boot links rather than from anybody's output.
// Touches: /boot/loader/entries/*.conf, /ostree/boot.N/... (resolved), /proc/cmdline (read), stat(2) of / and of the
// deployments, <run>/booted.json (written once per boot). Privileges: none.

import { realpath, stat } from 'node:fs/promises';
import { type Deployment, type LoaderEntry, ostreeArgument } from '@seatrial/capsule-plan';
import { type OstreeCommit, parseOstreeCommit } from '@seatrial/spec';
import { PortError } from '../errors.ts';
import type { LoaderEntries } from '../ports/loader-entries.ts';
import type { BoardRoot } from './board-root.ts';
import { readTextIfThere, replaceFile } from './durable-file.ts';

export interface DeploymentReader {
  readonly root: BoardRoot;
  readonly loaderEntries: LoaderEntries;
  /** On this machine, not relative to the board's root. */
  readonly runDirectory: string;
}

/** Where a boot link leads: `…/ostree/deploy/<stateroot>/deploy/<commit>.<serial>`. */
interface DeploymentPath {
  readonly path: string;
  readonly stateroot: string;
  readonly commit: OstreeCommit;
  readonly serial: number;
}

/** In boot order: OSTree gives the highest version to the entry that is to boot first. */
export async function readDeployments(reader: DeploymentReader): Promise<readonly Deployment[]> {
  const found: { entry: LoaderEntry; at: DeploymentPath }[] = [];
  for (const entry of await reader.loaderEntries.list()) {
    const at = entry.ostree === undefined ? undefined : await follow(reader.root, entry.ostree);
    if (at !== undefined) found.push({ entry, at });
  }
  found.sort((a, b) => b.entry.version.localeCompare(a.entry.version, 'en', { numeric: true }));
  const booted = await bootedPath(reader, found);
  return found.map(({ entry, at }, index) => ({
    index,
    commit: at.commit,
    serial: at.serial,
    stateroot: at.stateroot,
    booted: at.path === booted,
    staged: false,
    entry: entry.name,
  }));
}

const DEPLOYMENT = /\/ostree\/deploy\/([^/]+)\/deploy\/([0-9a-f]{64})\.(\d+)$/;

/** Undefined for a link that leads nowhere: an entry whose deployment is being replaced. */
async function follow(root: BoardRoot, link: string): Promise<DeploymentPath | undefined> {
  const path = await realpath(root(link)).catch(() => undefined);
  const [, stateroot, digest, serial] = DEPLOYMENT.exec(path ?? '') ?? [];
  const commit = parseOstreeCommit(digest ?? '');
  if (path === undefined || stateroot === undefined || commit === undefined) return undefined;
  return { path, stateroot, commit, serial: Number(serial) };
}

/**
 * The running deployment. OSTree's boot links are renumbered with every deployment, so the link on the kernel's command
 * line tells the truth only until the first change in this boot: it is read once per boot, and kept.
 */
async function bootedPath(
  { root, runDirectory }: DeploymentReader,
  found: readonly { readonly at: DeploymentPath }[],
): Promise<string | undefined> {
  const running = await runningRoot(root, found);
  if (running !== undefined) return running;
  const record = `${runDirectory}/booted.json`;
  const bootId = (await readTextIfThere(root('proc/sys/kernel/random/boot_id'))) ?? '';
  const kept = await readKept(record, bootId);
  if (kept !== undefined) return kept;
  const link = ostreeArgument((await readTextIfThere(root('proc/cmdline'))) ?? '');
  const linked = link === undefined ? undefined : await follow(root, link);
  if (linked === undefined) return undefined;
  await replaceFile(record, JSON.stringify({ bootId, path: linked.path })).catch((error: unknown) => {
    throw new PortError('store-io', record, { cause: error });
  });
  return linked.path;
}

/** As libostree does it: the running root is one of the deployments, the same directory on the same device. */
async function runningRoot(
  root: BoardRoot,
  found: readonly { readonly at: DeploymentPath }[],
): Promise<string | undefined> {
  const slash = await stat(root('/'));
  for (const { at } of found) {
    const deployment = await stat(at.path).catch(() => undefined);
    if (deployment?.dev === slash.dev && deployment.ino === slash.ino) return at.path;
  }
  return undefined;
}

async function readKept(record: string, bootId: string): Promise<string | undefined> {
  try {
    const kept: unknown = JSON.parse((await readTextIfThere(record)) ?? 'null');
    if (typeof kept !== 'object' || kept === null || !('bootId' in kept) || !('path' in kept)) return undefined;
    return kept.bootId === bootId && typeof kept.path === 'string' ? kept.path : undefined;
  } catch {
    return undefined;
  }
}
