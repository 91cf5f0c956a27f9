// A factory of small but real operating systems: bootable in shape, committed by the real ostree command, the same commit
// for the same description. Runs `ostree init`, `commit`, `summary`; writes the repository and a temporary tree.

import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { InvariantError, type OstreeCommit, parseOstreeCommit } from '@seatrial/spec';
import { ostree } from './ostree-command.ts';
import { BEHAVIOUR_FILE, type Behaviour, WELL_BEHAVED } from './system/behaviour.ts';

/** The health script of every tree: what a `command` health check runs. */
export const HEALTH_SCRIPT = '/usr/bin/health';
const KERNEL_RELEASE = '6.12.0-virtual';
const COMMIT_TIME = '2026-01-01 00:00:00Z';

export interface SystemDescription {
  readonly ref: string;
  /** Goes into os-release and the commit's `version`. */
  readonly version: string;
  readonly behaviour?: Partial<Behaviour>;
  /** Tells kernels apart; by default each version has its own, so that OSTree writes its boot files anew. */
  readonly kernel?: string;
  /** Bytes of incompressible ballast, for downloads that take their time. */
  readonly ballastBytes?: number;
  /** More files, by their path in the tree. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Makes an archive repository, as it is served over HTTP. */
export async function createOstreeRepository(repository: string): Promise<void> {
  await mkdir(dirname(repository), { recursive: true });
  await ostree('init', `--repo=${repository}`, '--mode=archive-z2');
}

/** Commits the described tree and moves the ref to it. */
export async function commitSystem(repository: string, description: SystemDescription): Promise<OstreeCommit> {
  const tree = await mkdtemp(join(tmpdir(), 'seatrial-tree-'));
  try {
    await writeTree(tree, treeFiles(description));
    return await commitTree(repository, tree, description);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

async function commitTree(
  repository: string,
  tree: string,
  { ref, version }: SystemDescription,
): Promise<OstreeCommit> {
  const checksum = await ostree(
    'commit',
    `--repo=${repository}`,
    `--branch=${ref}`,
    `--tree=dir=${tree}`,
    '--canonical-permissions',
    '--no-xattrs',
    '--no-bindings',
    '--parent=none',
    `--timestamp=${COMMIT_TIME}`,
    `--subject=Seatrial ${version}`,
    `--add-metadata-string=version=${version}`,
  );
  await ostree('summary', `--repo=${repository}`, '--update');
  const commit = parseOstreeCommit(checksum);
  if (commit === undefined) throw new InvariantError(`ostree commit answered ${JSON.stringify(checksum)}`);
  return commit;
}

type TreeFiles = Readonly<Record<string, string | Uint8Array>>;

function treeFiles({ version, behaviour, kernel = version, ballastBytes = 0, files }: SystemDescription): TreeFiles {
  return {
    [`usr/lib/modules/${KERNEL_RELEASE}/vmlinuz`]: `kernel ${kernel}\n`,
    [`usr/lib/modules/${KERNEL_RELEASE}/initramfs.img`]: `initramfs ${kernel}\n`,
    'usr/lib/os-release': osRelease(version),
    'usr/etc/os-release': osRelease(version),
    [BEHAVIOUR_FILE]: `${JSON.stringify({ ...WELL_BEHAVED, ...behaviour }, undefined, 2)}\n`,
    [HEALTH_SCRIPT.slice(1)]: HEALTH,
    ...(ballastBytes > 0 ? { 'usr/share/ballast': ballast(version, ballastBytes) } : {}),
    ...files,
  };
}

const osRelease = (version: string): string =>
  ['NAME="Seatrial Linux"', 'ID=seatrial', `VERSION_ID=${version}`, `PRETTY_NAME="Seatrial Linux ${version}"`, ''].join(
    '\n',
  );

const HEALTH = `#!/bin/sh
# Says by its exit code whether this system is well.
exec "\${SEATRIAL_VIRTUAL_BIN:-$(cd "$(dirname "$0")/../.." && pwd)/../bin}/unit-health"
`;

/** The same bytes for the same version, and no compressor's friend. */
const ballast = (version: string, sizeBytes: number): Uint8Array =>
  createHash('shake256', { outputLength: sizeBytes }).update(version).digest();

async function writeTree(tree: string, files: TreeFiles): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const target = join(tree, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    await chmod(target, path.startsWith('usr/bin/') ? 0o755 : 0o644);
  }
}
