// A generated fleet repository, the same for the same size: what a large house would keep in git.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  BOARD_TYPES,
  board,
  boardName,
  deviceList,
  fleet,
  fleetName,
  listName,
  release,
  releaseName,
} from './documents.ts';

export interface RepositorySize {
  readonly fleets: number;
  readonly releases: number;
  /** All YAML files together; what is not a board type, a release or a fleet is a device list. */
  readonly files: number;
}

export const FULL_REPOSITORY: RepositorySize = { fleets: 200, releases: 2_000, files: 10_000 };
export const QUICK_REPOSITORY: RepositorySize = { fleets: 4, releases: 20, files: 60 };

/** Writes the repository below the directory; every document is valid and every reference leads somewhere. */
export function writeRepository(directory: string, size: RepositorySize): void {
  for (const [path, text] of repositoryFiles(size)) writeInto(directory, path, text);
}

/** Writes one device list of the repository again, with another label. */
export const relabelOneList = (directory: string, ring: string): void =>
  writeInto(directory, listPath(0, 0), deviceList(0, { fleet: 0, ring }));

function writeInto(directory: string, path: string, text: string): void {
  const place = join(directory, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
}

function* repositoryFiles({ fleets, releases, files }: RepositorySize): Generator<readonly [string, string]> {
  for (let n = 0; n < BOARD_TYPES; n += 1) yield [`boards/${boardName(n)}.yaml`, board(n)];
  for (let n = 0; n < releases; n += 1) yield [`releases/${releaseName(n)}.yaml`, release(n)];
  for (let n = 0; n < fleets; n += 1) yield [`fleets/${fleetName(n)}/fleet.yaml`, fleet(n)];
  for (let n = 0; n < files - BOARD_TYPES - releases - fleets; n += 1) {
    yield [listPath(n, n % fleets), deviceList(n, { fleet: n % fleets, ring: 'field' })];
  }
}

const listPath = (n: number, ofFleet: number): string => `fleets/${fleetName(ofFleet)}/${listName(n)}.yaml`;
