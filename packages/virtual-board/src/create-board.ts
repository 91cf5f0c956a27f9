// The factory of boards in directories: a sysroot with its first deployment, firmware, an empty ESP, and the commands of its OS.
// Runs ostree; writes below the board's directory only.

import { chmod, copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { OstreeCommit } from '@seatrial/spec';
import { type BoardPaths, boardPaths } from './board-paths.ts';
import { VirtualBoardError } from './errors.ts';
import { writeFirmware } from './firmware/flash.ts';
import { type FactoryFirmware, factoryFirmware } from './firmware/state.ts';
import { listIfThere } from './firmware/variable-files.ts';
import { ostree } from './ostree-command.ts';
import { packageDirectory } from './package-directory.ts';
import { VirtualBoard, type VirtualBoardOptions } from './virtual-board.ts';

/** The OS that a board leaves the factory with. */
export interface FactorySystem {
  /** The repository's directory on this machine: the factory's stick. */
  readonly repository: string;
  readonly ref: string;
  readonly commit: OstreeCommit;
  readonly stateroot: string;
  /** The OSTree remote that the board will update from. */
  readonly remote: { readonly name: string; readonly url: string };
}

export interface FactoryOptions extends VirtualBoardOptions {
  readonly firmware: FactoryFirmware;
  readonly system: FactorySystem;
  /** Text of etc/seatrial/agent.yaml, by what the board's paths turned out to be. */
  readonly agentConfig?: (paths: BoardPaths) => string;
}

/** Makes a board that was never powered on. Throws BOARD_EXISTS unless the directory is new or empty, and OSTREE_FAILED. */
export async function createVirtualBoard(options: FactoryOptions): Promise<VirtualBoard> {
  const { directory, espMountPoint = '/boot', firmware, system, agentConfig } = options;
  if (listIfThere(directory).length > 0) throw new VirtualBoardError('BOARD_EXISTS', directory);
  const paths = boardPaths(resolve(directory), espMountPoint);
  await mkdir(paths.root, { recursive: true });
  await installSystem(paths, system);
  await installCommands(paths);
  for (const path of [paths.updateCapsule, paths.efivars, paths.agentState, dirname(paths.agentConfig)]) {
    await mkdir(path, { recursive: true });
  }
  writeFirmware(paths, factoryFirmware(firmware));
  await writeFile(join(dirname(paths.flash), 'esp-mount-point'), espMountPoint);
  await writeFile(paths.agentConfig, agentConfig?.(paths) ?? '');
  return new VirtualBoard(options);
}

/** What an image builder does: a sysroot, its stateroot and remote, and one deployment. */
async function installSystem({ root }: BoardPaths, system: FactorySystem): Promise<void> {
  const { repository, ref, commit, stateroot, remote } = system;
  await ostree('admin', 'init-fs', root);
  const repo = `--repo=${join(root, 'ostree/repo')}`;
  if (process.getuid?.() !== 0) await remakeRepositoryForUser(root);
  await ostree('admin', 'os-init', `--sysroot=${root}`, stateroot);
  await ostree(repo, 'config', 'set', 'core.min-free-space-percent', '0');
  await ostree(repo, 'remote', 'add', '--no-gpg-verify', remote.name, remote.url, ref);
  await ostree(repo, 'pull-local', `--remote=${remote.name}`, repository, commit);
  await ostree(repo, 'refs', `--create=${remote.name}:${ref}`, commit);
  const arguments_ = ['rw', 'root=PARTLABEL=system', 'console=ttyMSM0'].map(argument => `--karg=${argument}`);
  await ostree('admin', `--sysroot=${root}`, 'deploy', `--os=${stateroot}`, ...arguments_, `${remote.name}:${ref}`);
}

/** Only root may give files to other users, which is what a repository of mode `bare` does. */
async function remakeRepositoryForUser(root: string): Promise<void> {
  await rm(join(root, 'ostree/repo'), { recursive: true, force: true });
  await ostree('init', `--repo=${join(root, 'ostree/repo')}`, '--mode=bare-user-only');
}

async function installCommands({ bin }: BoardPaths): Promise<void> {
  await mkdir(bin, { recursive: true });
  const commands = join(packageDirectory(), 'src/commands');
  for (const name of await readdir(commands)) {
    await copyFile(join(commands, name), join(bin, name));
    await chmod(join(bin, name), 0o755);
  }
}
