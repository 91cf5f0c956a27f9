// Where everything of a board in a directory lies.
//
//   root/       the file system as the OS and its agent see it
//   firmware/   the flash that belongs to UEFI alone, and what the disk has not written yet
//   bin/        the commands that the OS finds instead of systemd's
//   log/        the serial console and the agent's output

import { join } from 'node:path';
import { EFI_GLOBAL_VARIABLE, efiVariableFileName, LOADER_VARIABLE } from '@seatrial/capsule-plan';
import type { Guid } from '@seatrial/spec';

/** Absolute paths; `espMountPoint` is a path on the board, `/boot` where nothing else is said. */
export interface BoardPaths {
  readonly directory: string;
  readonly root: string;
  readonly bin: string;
  readonly flash: string;
  readonly unsynced: string;
  readonly consoleLog: string;
  readonly agentLog: string;
  readonly efivars: string;
  readonly esrt: string;
  readonly esp: string;
  readonly updateCapsule: string;
  readonly loaderEntries: string;
  readonly cmdline: string;
  readonly mounts: string;
  readonly bootId: string;
  readonly run: string;
  /** One file per thing that the running OS tells the supervisor. */
  readonly signals: string;
  readonly health: string;
  readonly agentConfig: string;
  readonly agentState: string;
}

export function boardPaths(directory: string, espMountPoint = '/boot'): BoardPaths {
  const root = join(directory, 'root');
  const esp = join(root, espMountPoint);
  return {
    directory,
    root,
    bin: join(directory, 'bin'),
    flash: join(directory, 'firmware/flash.json'),
    unsynced: join(directory, 'firmware/unsynced'),
    consoleLog: join(directory, 'log/console.log'),
    agentLog: join(directory, 'log/agent.log'),
    efivars: join(root, 'sys/firmware/efi/efivars'),
    esrt: join(root, 'sys/firmware/efi/esrt'),
    esp,
    updateCapsule: join(esp, 'EFI/UpdateCapsule'),
    loaderEntries: join(esp, 'loader/entries'),
    cmdline: join(root, 'proc/cmdline'),
    mounts: join(root, 'proc/mounts'),
    bootId: join(root, 'proc/sys/kernel/random/boot_id'),
    run: join(root, 'run'),
    signals: join(root, 'run/seatrial-virtual/signals'),
    health: join(root, 'run/seatrial-virtual/health'),
    agentConfig: join(root, 'etc/seatrial/agent.yaml'),
    agentState: join(root, 'var/lib/seatrial'),
  };
}

export type LoaderVariableName =
  | 'LoaderEntryDefault'
  | 'LoaderEntryOneShot'
  | 'LoaderEntrySelected'
  | 'LoaderBootCountPath'
  | 'LoaderInfo';

export const variablePath = ({ efivars }: BoardPaths, name: string, guid: Guid): string =>
  join(efivars, efiVariableFileName(name, guid));

export const globalVariablePath = (paths: BoardPaths, name: string): string =>
  variablePath(paths, name, EFI_GLOBAL_VARIABLE);

export const loaderVariablePath = (paths: BoardPaths, name: LoaderVariableName): string =>
  variablePath(paths, name, LOADER_VARIABLE);
