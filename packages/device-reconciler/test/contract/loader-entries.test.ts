// One suite for boot entries and the verdict on them, held against the fake and against files.

import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeEfiText, encodeEfiVariable, formatEntryName } from '@seatrial/capsule-plan';
import { describe, expect, test } from 'vitest';
import { boardRoot } from '../../src/adapters/board-root.ts';
import { efivarfs } from '../../src/adapters/efivarfs.ts';
import { loaderDirectory } from '../../src/adapters/loader-directory.ts';
import { systemdBlessBoot } from '../../src/adapters/systemd-bless-boot.ts';
import type { BootAssessment } from '../../src/ports/boot-assessment.ts';
import type { LoaderEntries } from '../../src/ports/loader-entries.ts';
import { temporaryDirectory } from '../world/directories.ts';
import { FakeBoot } from '../world/fake-boot.ts';
import { Power } from '../world/power.ts';
import { NEW_OS, OLD_OS } from '../world/values.ts';

const OLD = { id: 'ostree-1-lab' };
const NEW = { id: 'ostree-2-lab', triesLeft: 2, triesDone: 1 };

interface Subject {
  readonly entries: LoaderEntries;
  readonly assessment: BootAssessment;
}

function inMemory(): Subject {
  const boot = new FakeBoot(new Power());
  boot.deployed = [
    { commit: NEW_OS, serial: 0, stateroot: 'lab', entry: NEW },
    { commit: OLD_OS, serial: 0, stateroot: 'lab', entry: OLD },
  ];
  return { entries: boot, assessment: boot };
}

function asFiles(): Subject & { readonly base: string } {
  const base = temporaryDirectory();
  const root = boardRoot(base);
  mkdirSync(join(base, 'boot/loader.1/entries'), { recursive: true });
  mkdirSync(join(base, 'sys/firmware/efi/efivars'), { recursive: true });
  mkdirSync(join(base, 'boot/loader'));
  mkdirSync(join(base, 'boot/loader/entries'));
  for (const [name, version] of [
    [NEW, 2],
    [OLD, 1],
  ] as const) {
    writeFileSync(
      join(base, 'boot/loader/entries', formatEntryName(name)),
      `title Lab\nversion ${version}\noptions root=LABEL=x ostree=/ostree/boot.1/lab/abc/${2 - version} rw\nlinux /vmlinuz\n`,
    );
  }
  writeFileSync(join(base, 'boot/loader/entries/.hidden'), '');
  const entries = loaderDirectory(root);
  const efiVariables = efivarfs({ root, chattr: ['chattr'] });
  return {
    base,
    entries,
    assessment: systemdBlessBoot({ command: ['/nonexistent'], efiVariables, loaderEntries: entries }),
  };
}

const namesIn = async (entries: LoaderEntries): Promise<readonly string[]> =>
  (await entries.list()).map(({ fileName }) => fileName).sort();

describe.each<[string, () => Subject]>([
  ['in memory', inMemory],
  ['files', asFiles],
])('when boot entries are %s', (_name, make) => {
  test('then their names and counters are read', async () => {
    const { entries } = make();
    expect(await namesIn(entries)).toEqual(['ostree-1-lab.conf', 'ostree-2-lab+2-1.conf']);
  });

  test('then a rename is done once, however often it is asked for', async () => {
    const { entries } = make();
    await entries.rename(OLD, { ...OLD, triesLeft: 3 });
    await entries.rename(OLD, { ...OLD, triesLeft: 3 });
    await entries.rename({ ...OLD, triesLeft: 3 }, { ...OLD, triesLeft: 3 });
    expect(await namesIn(entries)).toEqual(['ostree-1-lab+3.conf', 'ostree-2-lab+2-1.conf']);
  });

  test('then an entry that is not there, and a twin that is, are failures by name', async () => {
    const { entries } = make();
    await expect(entries.rename({ id: 'gone' }, { id: 'there' })).rejects.toMatchObject({
      code: 'loader-entry-missing',
    });
    await expect(entries.rename(NEW, OLD)).rejects.toMatchObject({ code: 'loader-entry-exists' });
    expect(await namesIn(entries)).toEqual(['ostree-1-lab.conf', 'ostree-2-lab+2-1.conf']);
  });

  test('then blessing takes the counter off, and again changes nothing', async () => {
    const { entries, assessment } = make();
    await assessment.markGood(NEW);
    await assessment.markGood({ id: NEW.id });
    expect(await namesIn(entries)).toEqual(['ostree-1-lab.conf', 'ostree-2-lab.conf']);
  });

  test('then giving up leaves no tries and keeps what was done', async () => {
    const { entries, assessment } = make();
    await assessment.markBad(NEW);
    expect(await namesIn(entries)).toEqual(['ostree-1-lab.conf', 'ostree-2-lab+0-1.conf']);
  });
});

describe('when the loader counted this boot', () => {
  const counted = (script: string) => {
    const { base, entries } = asFiles();
    const command = join(base, 'systemd-bless-boot');
    writeFileSync(command, `#!/bin/sh\n${script}\n`);
    chmodSync(command, 0o755);
    const root = boardRoot(base);
    const variable = 'sys/firmware/efi/efivars/LoaderBootCountPath-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';
    const value = encodeEfiText('\\loader\\entries\\ostree-2-lab+2-1.conf');
    writeFileSync(join(base, variable), encodeEfiVariable({ attributes: 6, value }));
    const efiVariables = efivarfs({ root, chattr: ['chattr'] });
    return {
      base,
      entries,
      assessment: systemdBlessBoot({ command: [command], efiVariables, loaderEntries: entries }),
    };
  };

  test('then systemd gives the verdict', async () => {
    const { base, assessment } = counted('echo "$1" > "$(dirname "$0")/verdict"');
    await assessment.markGood(NEW);
    expect(readdirSync(base)).toContain('verdict');
  });

  test('then its refusal is a failure by name', async () => {
    const { assessment } = counted('echo no >&2; exit 1');
    await expect(assessment.markBad(NEW)).rejects.toMatchObject({ code: 'bless-failed' });
  });
});
