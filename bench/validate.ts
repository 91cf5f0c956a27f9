// Validation of a repository of 10,000 small files, as a whole process, against parsing the same files and nothing more.

import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark, Findings, Setting } from './benchmark.ts';
import { roundsOf } from './benchmark.ts';
import { DEVICES_PER_LIST } from './fleet/documents.ts';
import { FULL_REPOSITORY, QUICK_REPOSITORY, relabelOneList, writeRepository } from './fleet/repository.ts';
import { signReleases } from './fleet/sign-releases.ts';
import { HOUSE, subjectProgram } from './house.ts';
import { measure, type Subject } from './measure.ts';
import { PROCESS_METRICS, runNode } from './whole-process.ts';

const SEATRIAL = join(HOUSE, 'packages/cli/bin/seatrial.js');
const ROUNDS = 5;

export const validate: Benchmark = {
  name: 'validate',
  title: 'Validation of a fleet repository',
  about: `\`seatrial validate\` over ${FULL_REPOSITORY.files.toLocaleString('en-US')} small files (${FULL_REPOSITORY.fleets} fleets, ${FULL_REPOSITORY.releases.toLocaleString('en-US')} releases, device lists of ${DEVICES_PER_LIST}), from its start to its end, against a program that reads the same files and hands them to \`yaml\`.
Beyond parsing, validation keeps positions, checks every field and every reference, and resolves what each board is to run.
*Cold* has no cache; *nothing changed* finds every verdict in the cache on disk; *one changed* finds all but one.
Where releases are signed, each has two Ed25519 signatures, which are verified in every run.`,
  run: runValidate,
};

async function runValidate(setting: Setting): Promise<Findings> {
  const size = setting.size === 'full' ? FULL_REPOSITORY : QUICK_REPOSITORY;
  const [plain, edited, signed] = ['plain', 'edited', 'signed'].map(name => join(setting.directory, name)) as [
    string,
    string,
    string,
  ]; // map keeps the length
  writeRepository(plain, size);
  for (const copy of [edited, signed]) cpSync(plain, copy, { recursive: true });
  signReleases(signed);
  const cache = (name: string): string => join(setting.directory, 'cache', name);
  const comparison = await measure({
    title: `${size.files.toLocaleString('en-US')} files, whole process`,
    metrics: PROCESS_METRICS,
    baseline: 'bare yaml',
    rounds: roundsOf(setting, ROUNDS),
    tell: setting.tell,
    subjects: [
      { name: 'bare yaml', round: () => runNode([subjectProgram('bare-yaml'), plain]) },
      cold('seatrial, cold', plain, cache('plain-cold')),
      warm('seatrial, nothing changed', plain, cache('plain')),
      afterAnEdit('seatrial, one changed', edited, cache('edited')),
      cold('seatrial, cold, releases signed', signed, cache('signed-cold')),
      warm('seatrial, nothing changed, releases signed', signed, cache('signed')),
    ],
  });
  return { comparisons: [comparison] };
}

const cold = (name: string, directory: string, cacheFolder: string): Subject => ({
  name,
  round: () => {
    rmSync(cacheFolder, { recursive: true, force: true });
    return validateOnce(directory, cacheFolder);
  },
});

/** The warm-up round fills the cache. */
const warm = (name: string, directory: string, cacheFolder: string): Subject => ({
  name,
  round: () => validateOnce(directory, cacheFolder),
});

function afterAnEdit(name: string, directory: string, cacheFolder: string): Subject {
  let edits = 0;
  return {
    name,
    round: () => {
      edits += 1;
      relabelOneList(directory, `ring-${edits}`);
      return validateOnce(directory, cacheFolder);
    },
  };
}

const validateOnce = (directory: string, cacheFolder: string) =>
  runNode([SEATRIAL, 'validate', directory, '-o', 'json'], { environment: { XDG_CACHE_HOME: cacheFolder } });
