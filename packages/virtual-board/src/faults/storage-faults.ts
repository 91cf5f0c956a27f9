// The storage faults that a board is told to have, and those of them that are in force because its OS runs.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { BoardPaths } from '../board-paths.ts';
import { writeMounts } from '../system/operating-system.ts';
import type { StoragePlace } from './board-fault.ts';
import { applyStorageFault, type LiftFault, type StorageFault } from './storage-fault.ts';

/** Faults come with the OS and go with it: the firmware and the loader have the disk for themselves. */
export class StorageFaults {
  readonly #paths: BoardPaths;
  readonly #told = new Map<StoragePlace, StorageFault>();
  readonly #inForce = new Map<StoragePlace, LiftFault>();
  #systemRuns = false;

  constructor(paths: BoardPaths) {
    this.#paths = paths;
  }

  /** In force at once where the OS runs, else from its next start on. Throws FAULT_NEEDS_ROOT. */
  tell(place: StoragePlace, fault: StorageFault): void {
    this.lift(place);
    this.#told.set(place, fault);
    if (this.#systemRuns) this.#enforce(place, fault);
  }

  lift(place: StoragePlace): void {
    this.#told.delete(place);
    this.#release(place);
  }

  systemStarts(): void {
    this.#systemRuns = true;
    for (const [place, fault] of this.#told) this.#enforce(place, fault);
  }

  systemEnds(): void {
    for (const place of [...this.#inForce.keys()]) this.#release(place);
    this.#systemRuns = false;
  }

  #enforce(place: StoragePlace, fault: StorageFault): void {
    this.#inForce.set(place, applyStorageFault(directoryOf(this.#paths, place), fault));
    this.#tellMounts();
  }

  #release(place: StoragePlace): void {
    this.#inForce.get(place)?.();
    this.#inForce.delete(place);
    this.#tellMounts();
  }

  /** A mount that went read-only says so in /proc/mounts. */
  #tellMounts(): void {
    if (!this.#systemRuns) return;
    const readOnly = [...this.#inForce.keys()].filter(place => this.#told.get(place)?.kind !== 'full');
    writeMounts(
      this.#paths,
      readOnly.map(place => `/${relative(this.#paths.root, directoryOf(this.#paths, place))}`),
    );
  }
}

const directoryOf = (paths: BoardPaths, place: StoragePlace): string =>
  ({ esp: paths.esp, efivars: paths.efivars, sysroot: join(paths.root, 'ostree') })[place];

/** Unmounts what a board that was not stopped has left below its directory. */
export function releaseForgottenMounts(directory: string): void {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' ')[1] ?? '')
    .filter(point => point.startsWith(`${directory}/`));
  for (const point of points.toReversed()) execFileSync('umount', ['--lazy', point], { stdio: 'ignore' });
}
