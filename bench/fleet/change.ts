// A change to one fleet of a large house: a repository with two commits, and what all its boards were last seen to be.

import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { encodeObserved } from '@seatrial/capsule-plan';
import { type DeviceTarget, InvariantError, parseGitCommit, validateFiles } from '@seatrial/spec';
import { observedOn } from './board-reports.ts';
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

export interface ChangeSize {
  readonly fleets: number;
  readonly boardsPerFleet: number;
}

export const FULL_CHANGE: ChangeSize = { fleets: 200, boardsPerFleet: 500 };
export const QUICK_CHANGE: ChangeSize = { fleets: 4, boardsPerFleet: 5 };

export interface WrittenChange {
  readonly repository: string;
  /** HEAD~1 is the base. */
  readonly snapshot: string;
}

/** All boards run what the base says; the head gives fleet 0 another release. */
export function writeChange(directory: string, size: ChangeSize): WrittenChange {
  const repository = join(directory, 'repository');
  const files = baseFiles(size);
  for (const [path, text] of files) writeInto(repository, path, text);
  git(repository, 'init', '--quiet', '--initial-branch=main');
  commit(repository, 'Follow the releases of the house');
  const base = git(repository, 'rev-parse', 'HEAD').trim();
  writeInto(repository, fleetPath(0), fleet(0, releaseName(size.fleets)));
  commit(repository, 'Give one fleet a newer release');
  const snapshot = join(directory, 'observed.json');
  writeSnapshot(snapshot, base, targetsOf(files));
  return { repository, snapshot };
}

/** One release more than there are fleets, for board type 0. */
function baseFiles({ fleets, boardsPerFleet }: ChangeSize): ReadonlyMap<string, string> {
  const numbers = Array.from({ length: fleets }, (_, n) => n);
  return new Map([
    ...Array.from({ length: BOARD_TYPES }, (_, n) => [`boards/${boardName(n)}.yaml`, board(n)] as const),
    ...[...numbers, fleets].map(n => [`releases/${releaseName(n)}.yaml`, release(n)] as const),
    ...numbers.map(n => [fleetPath(n), fleet(n)] as const),
    ...numbers.map(
      n =>
        [
          `fleets/${fleetName(n)}/${listName(n)}.yaml`,
          deviceList(n, { fleet: n, ring: 'field', devices: boardsPerFleet }),
        ] as const,
    ),
  ]);
}

const fleetPath = (n: number): string => `fleets/${fleetName(n)}/fleet.yaml`;

function targetsOf(files: ReadonlyMap<string, string>): readonly DeviceTarget[] {
  const { desired, issues } = validateFiles(new Map([...files].map(([path, text]) => [path, Buffer.from(text)])));
  if (desired === undefined) throw new InvariantError(`the fleet is invalid: ${issues[0]?.message}`);
  return desired.targets;
}

/** As `seatrial snapshot` writes it: a line for each board. */
function writeSnapshot(path: string, base: string, targets: readonly DeviceTarget[]): void {
  const file = openSync(path, 'w');
  const header = {
    schema: 1,
    repository: 'https://git.example.com/house/fleets',
    gitCommit: parseGitCommit(base),
    takenAtMs: Date.now(),
  };
  let piece = `${JSON.stringify(header).slice(0, -1)},"devices":[`;
  for (const [n, target] of targets.entries()) {
    const observed = Buffer.from(encodeObserved(observedOn('converged', n, target))).toString();
    piece += `${n === 0 ? '' : ','}\n{"device":"${target.device}","observed":${observed},"failures":[]}`;
    if (piece.length < PIECE_LENGTH) continue;
    writeSync(file, piece);
    piece = '';
  }
  writeSync(file, `${piece}\n]}\n`);
  closeSync(file);
}

const PIECE_LENGTH = 4 * 1024 * 1024;

function writeInto(directory: string, path: string, text: string): void {
  const place = join(directory, path);
  mkdirSync(join(place, '..'), { recursive: true });
  writeFileSync(place, text);
}

function commit(repository: string, message: string): void {
  git(repository, 'add', '.');
  const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com', '-c', 'commit.gpgsign=false'];
  git(repository, ...who, 'commit', '--quiet', '-m', message);
}

const git = (repository: string, ...args: readonly string[]): string =>
  execFileSync('git', args, { cwd: repository, encoding: 'utf8' });
