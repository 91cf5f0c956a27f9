// What was built once is kept below .seatrial/vm, under a name that tells its inputs: other inputs, another name.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Hex } from '@seatrial/spec';
import { HOUSE, RUNS, WORKSHOP } from '../places.ts';
import { run } from '../run-program.ts';

export interface Stage {
  readonly name: string;
  /** Whatever would make another result: texts, digests, keys of earlier stages. */
  readonly inputs: readonly string[];
  /** Fills an empty directory. */
  readonly build: (directory: string) => Promise<void>;
}

export interface Built {
  readonly directory: string;
  /** An input of the stages that stand on this one. */
  readonly key: string;
}

/** Builds at most once per inputs; older results of the same stage are removed, unless others may use them. */
export async function builtStage({ name, inputs, build }: Stage, tell: (what: string) => void): Promise<Built> {
  const key = sha256Hex(inputs.join('\0')).slice(0, 12);
  const directory = join(WORKSHOP, `${name}-${key}`);
  if (existsSync(directory)) return { directory, key };
  const startedMs = Date.now();
  tell(`building ${name}`);
  mkdirSync(WORKSHOP, { recursive: true });
  if (!othersAreAtWork()) await removeOlder(name);
  const beside = join(WORKSHOP, `.${name}-${process.pid}`);
  mkdirSync(beside);
  await build(beside);
  if (!existsSync(directory)) renameSync(beside, directory);
  tell(`${name} is built, ${((Date.now() - startedMs) / 1000).toFixed(0)} s`);
  return { directory, key };
}

async function removeOlder(name: string): Promise<void> {
  for (const old of readdirSync(WORKSHOP).filter(entry => entry.startsWith(`${name}-`))) await removeTree(old);
}

/** Another run may stand on what was built before. */
const othersAreAtWork = (): boolean => existsSync(RUNS) && readdirSync(RUNS).some(name => existsSync(`/proc/${name}`));

/** OSTree marks its deployments immutable. */
async function removeTree(entry: string): Promise<void> {
  const path = join(WORKSHOP, entry);
  if (!existsSync(path)) return;
  await run('chattr', ['-R', '-f', '-i', path], { mayFail: true });
  rmSync(path, { recursive: true, force: true });
}

export const fromHouse = (...parts: readonly string[]): string => join(HOUSE, ...parts);
