// One suite for UEFI variables, held against the fake and against files.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOADER_VARIABLE, PERSISTENT_ATTRIBUTES } from '@seatrial/capsule-plan';
import { describe, expect, test } from 'vitest';
import { boardRoot } from '../../src/adapters/board-root.ts';
import { efivarfs } from '../../src/adapters/efivarfs.ts';
import type { EfiVariables } from '../../src/ports/efi-variables.ts';
import { CAN_MOUNT, mountTmpfs, remountReadOnly, temporaryDirectory } from '../world/directories.ts';
import { FakeEfiVariables } from '../world/fake-efi-variables.ts';
import { Power } from '../world/power.ts';
import { TRIAL_VARIABLE } from '../world/values.ts';

const DIRECTORY = 'sys/firmware/efi/efivars';
const HOLD = { name: 'LoaderEntryDefault', guid: LOADER_VARIABLE };
const trial = (...value: number[]) => ({ attributes: PERSISTENT_ATTRIBUTES, value: Uint8Array.from(value) });

function realVariables(prepare: (directory: string) => void = () => undefined): {
  variables: EfiVariables;
  directory: string;
} {
  const base = temporaryDirectory();
  const directory = join(base, DIRECTORY);
  mkdirSync(directory, { recursive: true });
  prepare(directory);
  return { variables: efivarfs({ root: boardRoot(base), chattr: ['chattr'] }), directory };
}

describe.each<[string, () => EfiVariables]>([
  ['in memory', () => new FakeEfiVariables(new Power())],
  ['as files', () => realVariables().variables],
])('when variables are kept %s', (_name, make) => {
  test('then what is written is read, with its attributes', async () => {
    const variables = make();
    await variables.write(TRIAL_VARIABLE, trial(1, 5, 0, 0));
    expect(await variables.read(TRIAL_VARIABLE)).toEqual(trial(1, 5, 0, 0));
  });

  test('then a shorter value leaves nothing of a longer one', async () => {
    const variables = make();
    await variables.write(HOLD, trial(1, 2, 3, 4, 5, 6));
    await variables.write(HOLD, trial(9, 9));
    expect((await variables.read(HOLD))?.value).toEqual(Uint8Array.from([9, 9]));
  });

  test('then a variable that is not there is not there, and removing it is no failure', async () => {
    const variables = make();
    await variables.write(HOLD, trial(1, 0));
    await variables.remove(HOLD);
    await variables.remove(HOLD);
    expect(await variables.read(HOLD)).toBeUndefined();
    expect(await variables.writable()).toBe(true);
  });
});

describe('when the store has limits', () => {
  test('then a full one refuses by name and keeps what it had', async () => {
    const variables = new FakeEfiVariables(new Power());
    await variables.write(HOLD, trial(1, 0));
    variables.budgetBytes = 150;
    await expect(variables.write(TRIAL_VARIABLE, trial(1, 2, 3, 4))).rejects.toMatchObject({ code: 'efivarfs-full' });
    expect((await variables.read(HOLD))?.value).toEqual(Uint8Array.from([1, 0]));
  });

  test.skipIf(!CAN_MOUNT)('then a full one on a disk is known for what it is (needs the right to mount)', async () => {
    const { variables } = realVariables(directory => {
      mountTmpfs(directory, '8k');
      writeFileSync(join(directory, 'filler'), Buffer.alloc(8192));
    });
    await expect(variables.write(HOLD, trial(1, 0))).rejects.toMatchObject({ code: 'efivarfs-full' });
  });

  test.skipIf(!CAN_MOUNT)('then a read-only one is seen and refuses by name (needs the right to mount)', async () => {
    const { variables } = realVariables(directory => {
      mountTmpfs(directory, '64k');
      remountReadOnly(directory);
    });
    expect(await variables.writable()).toBe(false);
    await expect(variables.write(HOLD, trial(1, 0))).rejects.toMatchObject({ code: 'efivarfs-read-only' });
  });

  test('then one that is not mounted is missing', async () => {
    const variables = efivarfs({ root: boardRoot(temporaryDirectory()), chattr: ['chattr'] });
    expect(await variables.read(HOLD)).toBeUndefined();
    expect(await variables.writable()).toBe(false);
    await expect(variables.write(HOLD, trial(1, 0))).rejects.toMatchObject({ code: 'efivarfs-missing' });
  });
});

describe('when variables are files', () => {
  test('then four attribute bytes stand in front, in one write', async () => {
    const { variables, directory } = realVariables();
    await variables.write(TRIAL_VARIABLE, trial(1, 5, 0, 0));
    const file = readFileSync(join(directory, 'OsTrialBootStatus-8be4df61-93ca-11d2-aa0d-00e098032b8c'));
    expect([...file]).toEqual([7, 0, 0, 0, 1, 5, 0, 0]);
  });

  test('then a file without whole attributes is malformed', async () => {
    const { variables, directory } = realVariables();
    writeFileSync(join(directory, 'OsTrialBootStatus-8be4df61-93ca-11d2-aa0d-00e098032b8c'), Buffer.from([7, 0]));
    await expect(variables.read(TRIAL_VARIABLE)).rejects.toMatchObject({ code: 'efi-variable-malformed' });
  });

  test('then an empty file is a variable that does not exist: its writer was killed before it wrote', async () => {
    const { variables, directory } = realVariables();
    writeFileSync(join(directory, 'OsTrialBootStatus-8be4df61-93ca-11d2-aa0d-00e098032b8c'), '');
    expect(await variables.read(TRIAL_VARIABLE)).toBeUndefined();
    await variables.write(TRIAL_VARIABLE, trial(1, 5, 0, 0));
    expect((await variables.read(TRIAL_VARIABLE))?.value).toEqual(Uint8Array.from([1, 5, 0, 0]));
  });

  test('then the table of mounts decides whether they take writes', async () => {
    const base = temporaryDirectory();
    mkdirSync(join(base, DIRECTORY), { recursive: true });
    mkdirSync(join(base, 'proc'));
    const variables = efivarfs({ root: boardRoot(base), chattr: ['chattr'] });
    writeFileSync(join(base, 'proc/mounts'), `efivarfs /${DIRECTORY} efivarfs ro,nosuid 0 0\n`);
    expect(await variables.writable()).toBe(false);
    writeFileSync(join(base, 'proc/mounts'), `efivarfs /${DIRECTORY} efivarfs rw,nosuid 0 0\n`);
    expect(await variables.writable()).toBe(true);
  });

  const canBeImmutable = CAN_MOUNT;
  test.skipIf(!canBeImmutable)(
    'then the immutable flag is lifted for the one act, and put back (needs root)',
    async () => {
      const { variables, directory } = realVariables();
      const path = join(directory, 'OsTrialBootStatus-8be4df61-93ca-11d2-aa0d-00e098032b8c');
      await variables.write(TRIAL_VARIABLE, trial(1, 0, 0, 0));
      execFileSync('chattr', ['+i', path]);
      await variables.write(TRIAL_VARIABLE, trial(1, 5, 0, 0));
      const flags = execFileSync('lsattr', [path], { encoding: 'utf8' });
      await variables.remove(TRIAL_VARIABLE);
      expect(flags.split(' ')[0]).toContain('i');
      expect(await variables.read(TRIAL_VARIABLE)).toBeUndefined();
    },
  );
});
