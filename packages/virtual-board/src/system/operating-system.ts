// The start of the deployed OS as far as anybody outside can see it: kernel files in /proc, /usr of the deployment, /run.
// Writes root/proc, root/run and the link root/usr; reads the deployment's behaviour.json.

import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ostreeArgument } from '@seatrial/capsule-plan';
import { type BootId, InvariantError, parseBootId } from '@seatrial/spec';
import type { BoardPaths } from '../board-paths.ts';
import type { StartedEntry } from '../boot-loader/boot-loader.ts';
import { isMissing } from '../firmware/variable-files.ts';
import { BEHAVIOUR_FILE, type Behaviour, type BootBehaviour, parseBehaviour, WELL_BEHAVED } from './behaviour.ts';
import { type DeploymentOnDisk, resolveDeployment } from './deployment-on-disk.ts';

export type SystemStart =
  | {
      readonly kind: 'running';
      readonly deployment: DeploymentOnDisk;
      readonly bootId: BootId;
      readonly behaviour: Behaviour;
    }
  /** `missing-root`: the entry leads to no deployment, which the initramfs can not survive. */
  | { readonly kind: 'dead'; readonly how: Exclude<BootBehaviour, 'ok'> | 'missing-root' };

/** Boots the entry: as far as its behaviour lets it, and as far as the disk holds what the entry promises. */
export function startSystem(paths: BoardPaths, started: StartedEntry): SystemStart {
  const argument = ostreeArgument(started.options);
  const deployment = argument === undefined ? undefined : resolveDeployment(paths, argument);
  if (deployment === undefined) return { kind: 'dead', how: 'missing-root' };
  const behaviour = readBehaviour(deployment);
  if (behaviour.boot !== 'ok') return { kind: 'dead', how: behaviour.boot };
  const bootId = newBootId();
  writeProc(paths, { commandLine: `initrd=\\initramfs.img ${started.options}`, bootId });
  switchRoot(paths, deployment);
  writeVolatile(paths.health, behaviour.health);
  mkdirSync(paths.signals, { recursive: true });
  return { kind: 'running', deployment, bootId, behaviour };
}

/** A tree without the file is a well behaved one. */
export function readBehaviour({ path }: DeploymentOnDisk): Behaviour {
  try {
    return parseBehaviour(readFileSync(join(path, BEHAVIOUR_FILE), 'utf8'));
  } catch (error) {
    if (isMissing(error)) return WELL_BEHAVED;
    throw error;
  }
}

/** What a power cut leaves of a running system: nothing in /proc, /run and sysfs, and no /usr in its place. */
export function forgetVolatile(paths: BoardPaths): void {
  for (const directory of [paths.run, join(paths.root, 'proc'), paths.esrt]) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
  }
  rmSync(join(paths.root, 'usr'), { recursive: true, force: true });
}

function writeProc(paths: BoardPaths, { commandLine, bootId }: { commandLine: string; bootId: BootId }): void {
  writeVolatile(paths.cmdline, `${commandLine}\n`);
  writeVolatile(paths.bootId, `${bootId}\n`);
  writeMounts(paths);
}

/** Mounts that a reconciler asks about, by their path on the board; `readOnly` names those that take no writes. */
export function writeMounts(paths: BoardPaths, readOnly: readonly string[] = []): void {
  const esp = `/${relative(paths.root, paths.esp)}`;
  const mounts = [
    ['/dev/disk/by-partlabel/system', '/', 'ext4'],
    ['/dev/disk/by-partlabel/efi', esp, 'vfat'],
    ['efivarfs', '/sys/firmware/efi/efivars', 'efivarfs'],
    ['tmpfs', '/run', 'tmpfs'],
  ] as const;
  const lines = mounts.map(
    ([device, point, type]) => `${device} ${point} ${type} ${readOnly.includes(point) ? 'ro' : 'rw'},relatime 0 0\n`,
  );
  writeVolatile(paths.mounts, lines.join(''));
}

/** /usr is the deployment's: a link, where a kernel would have bind mounts. */
function switchRoot({ root }: BoardPaths, { path }: DeploymentOnDisk): void {
  symlinkSync(relative(root, join(path, 'usr')), join(root, 'usr'));
}

function writeVolatile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function newBootId(): BootId {
  const bootId = parseBootId(randomUUID());
  if (bootId === undefined) throw new InvariantError('a random UUID is no boot id');
  return bootId;
}
