// The ESRT as the kernel shows it in sysfs, and as it does not.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { boardRoot } from '../../src/adapters/board-root.ts';
import { esrtSysfs } from '../../src/adapters/esrt-sysfs.ts';
import { temporaryDirectory } from '../world/directories.ts';
import { FW_CLASS, NEW_FW, OLD_FW } from '../world/values.ts';

const ROW = {
  fw_class: FW_CLASS.toLowerCase(),
  fw_type: '1',
  fw_version: String(OLD_FW),
  lowest_supported_fw_version: '65536',
  capsule_flags: '0x8000',
  last_attempt_version: String(NEW_FW),
  last_attempt_status: '5',
};

function table(...rows: readonly Partial<typeof ROW>[]) {
  const base = temporaryDirectory();
  for (const [index, row] of rows.entries()) {
    const directory = join(base, `sys/firmware/efi/esrt/entries/entry${index}`);
    mkdirSync(directory, { recursive: true });
    for (const [file, value] of Object.entries({ ...ROW, ...row })) writeFileSync(join(directory, file), `${value}\n`);
  }
  return esrtSysfs(boardRoot(base));
}

describe('when the ESRT is read', () => {
  test('then every row is, in our words', async () => {
    expect(await table({}).rows()).toEqual([
      {
        fwClass: FW_CLASS,
        fwType: 1,
        fwVersion: OLD_FW,
        lowestSupportedFwVersion: 65536,
        capsuleFlags: 0x8000,
        lastAttemptVersion: NEW_FW,
        lastAttemptStatus: 5,
      },
    ]);
    expect(await table({}, {}).rows()).toHaveLength(2);
  });

  test('then a firmware without a table has no rows', async () => {
    expect(await esrtSysfs(boardRoot(temporaryDirectory())).rows()).toEqual([]);
  });

  test.each([
    ['a class that is no GUID', { fw_class: 'nonsense' }],
    ['a version that is no number', { fw_version: 'one' }],
    ['a number that is too large', { last_attempt_version: '4294967296' }],
    ['an empty file', { last_attempt_status: '' }],
  ])('then %s is malformed', async (_name, row) => {
    await expect(table(row).rows()).rejects.toMatchObject({ code: 'esrt-malformed' });
  });
});
