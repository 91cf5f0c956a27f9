// One suite for the agent's records, held against the fake and against files.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recordFiles } from '../../src/adapters/record-files.ts';
import type { RecordStore } from '../../src/ports/record-store.ts';
import { CAN_MOUNT, mountTmpfs, temporaryDirectory } from '../world/directories.ts';
import { FakeRecords } from '../world/fake-surroundings.ts';
import { Power } from '../world/power.ts';

function asFiles(prepare: (state: string) => void = () => undefined) {
  const base = temporaryDirectory();
  const stateDirectory = join(base, 'var/lib/seatrial');
  const runDirectory = join(base, 'run/seatrial');
  mkdirSync(stateDirectory, { recursive: true });
  prepare(stateDirectory);
  return { records: recordFiles({ stateDirectory, runDirectory }), stateDirectory, runDirectory };
}

describe.each<[string, () => RecordStore]>([
  ['in memory', () => new FakeRecords(new Power())],
  ['in files', () => asFiles().records],
])('when records are kept %s', (_name, make) => {
  test('then what is written is read, and replaced as a whole', async () => {
    const records = make();
    await records.write('journal', 'a long text');
    await records.write('journal', 'short');
    expect(await records.read('journal')).toBe('short');
  });

  test('then one that was never written is not there', async () => {
    expect(await make().read('last-plan')).toBeUndefined();
  });

  test('then one that is set aside is out of the way, and not lost', async () => {
    const records = make();
    await records.write('journal', 'torn');
    expect(await records.setAside('journal')).toContain('corrupt');
    expect(await records.read('journal')).toBeUndefined();
  });
});

describe('when records are files', () => {
  test('then what must not outlive the boot lies apart from what must', async () => {
    const { records, stateDirectory, runDirectory } = asFiles();
    await records.write('journal', '{}');
    await records.write('report-counter', '{}');
    expect(readdirSync(stateDirectory)).toEqual(['journal.json']);
    expect(readdirSync(runDirectory)).toEqual(['report-counter.json']);
  });

  test('then a write that was cut off leaves the old record', async () => {
    const { records, stateDirectory } = asFiles();
    await records.write('journal', 'whole');
    writeFileSync(join(stateDirectory, '.journal.json.tmp'), 'torn');
    expect(await records.read('journal')).toBe('whole');
    await records.write('journal', 'new');
    expect(readdirSync(stateDirectory)).toEqual(['journal.json']);
    expect(readFileSync(join(stateDirectory, 'journal.json'), 'utf8')).toBe('new');
  });

  test.skipIf(!CAN_MOUNT)(
    'then a full disk is a failure by name, and the old record stays (needs the right to mount)',
    async () => {
      const { records, stateDirectory } = asFiles(state => mountTmpfs(state, '8k'));
      await records.write('journal', 'old');
      writeFileSync(join(stateDirectory, 'filler'), Buffer.alloc(4096));
      await expect(records.write('journal', 'n'.repeat(5000))).rejects.toMatchObject({ code: 'disk-full' });
      expect(await records.read('journal')).toBe('old');
    },
  );
});
