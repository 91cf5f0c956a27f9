// One suite for the ESP, held against the fake and against a directory.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvariantError, sha256Hex } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { boardRoot } from '../../src/adapters/board-root.ts';
import { espDirectory } from '../../src/adapters/esp-directory.ts';
import type { CapsuleDirectory } from '../../src/ports/capsule-directory.ts';
import { CAN_MOUNT, mountTmpfs, remountReadOnly, temporaryDirectory } from '../world/directories.ts';
import { FakeEsp } from '../world/fake-esp.ts';
import { Power } from '../world/power.ts';
import { CAPSULE, digest } from '../world/values.ts';

const OURS = 'seatrial-00-0123abcd.cap';
const SECOND = 'seatrial-01-0123abcd.cap';
const SHA256 = sha256Hex(CAPSULE);

interface Subject {
  readonly esp: CapsuleDirectory;
  readonly sourcePath: string;
  /** Puts a file there that is not ours. */
  readonly foreign: (name: string, content: Buffer) => void;
}

function inMemory(): Subject {
  const esp = new FakeEsp(new Power(), () => CAPSULE);
  return { esp, sourcePath: 'source', foreign: (name, content) => void esp.files.set(name, content) };
}

function onDisk(prepare: (mountPoint: string) => void = () => undefined): Subject & { readonly directory: string } {
  const base = temporaryDirectory();
  const sourcePath = join(base, 'source');
  writeFileSync(sourcePath, CAPSULE);
  mkdirSync(join(base, 'boot'));
  prepare(join(base, 'boot'));
  const directory = join(base, 'boot/EFI/UpdateCapsule');
  return {
    esp: espDirectory(boardRoot(base), '/boot'),
    sourcePath,
    directory,
    foreign: (name, content) => {
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, name), content);
    },
  };
}

describe.each<[string, () => Subject]>([
  ['in memory', inMemory],
  ['on a disk', () => onDisk()],
])('when an ESP is %s', (_name, make) => {
  test('then an empty one lists nothing, and has room', async () => {
    const { esp } = make();
    expect(await esp.list()).toEqual([]);
    expect(await esp.freeBytes()).toBeGreaterThan(CAPSULE.byteLength);
    expect(await esp.writable()).toBe(true);
  });

  test('then a capsule that is placed is listed with its content, in the order in which UEFI takes them', async () => {
    const { esp, sourcePath, foreign } = make();
    foreign('VENDOR.CAP', Buffer.from('another'));
    foreign('readme.txt', Buffer.from('not a capsule'));
    await esp.place({ fileName: SECOND, sha256: SHA256, sourcePath });
    await esp.place({ fileName: OURS, sha256: SHA256, sourcePath });
    expect(await esp.list()).toEqual([
      { fileName: OURS, sizeBytes: CAPSULE.byteLength, sha256: SHA256 },
      { fileName: SECOND, sizeBytes: CAPSULE.byteLength, sha256: SHA256 },
      { fileName: 'VENDOR.CAP', sizeBytes: 7, sha256: sha256Hex('another') },
    ]);
  });

  test('then placing and removing twice is as good as once', async () => {
    const { esp, sourcePath } = make();
    await esp.place({ fileName: OURS, sha256: SHA256, sourcePath });
    await esp.place({ fileName: OURS, sha256: SHA256, sourcePath });
    await esp.remove(OURS);
    await esp.remove(OURS);
    expect(await esp.list()).toEqual([]);
  });

  test('then a source that is not what it should be leaves nothing behind', async () => {
    const { esp, sourcePath } = make();
    const placing = esp.place({ fileName: OURS, sha256: digest('f'), sourcePath });
    await expect(placing).rejects.toMatchObject({ code: 'artifact-corrupt' });
    expect(await esp.list()).toEqual([]);
  });

  test('then a name that is not ours is a defect, to write or to remove', async () => {
    const { esp, sourcePath } = make();
    await expect(esp.place({ fileName: 'VENDOR.CAP', sha256: SHA256, sourcePath })).rejects.toBeInstanceOf(
      InvariantError,
    );
    await expect(esp.remove('VENDOR.CAP')).rejects.toBeInstanceOf(InvariantError);
  });
});

describe('when an ESP has limits', () => {
  test('then a full one in memory refuses by name', async () => {
    const { esp, sourcePath } = inMemory();
    if (esp instanceof FakeEsp) esp.sizeBytes = 100;
    await expect(esp.place({ fileName: OURS, sha256: SHA256, sourcePath })).rejects.toMatchObject({ code: 'esp-full' });
    expect(await esp.list()).toEqual([]);
  });

  test.skipIf(!CAN_MOUNT)(
    'then a full one on a disk refuses by name, and is clean again (needs the right to mount)',
    async () => {
      const { esp, sourcePath, directory } = onDisk(mountPoint => {
        mountTmpfs(mountPoint, '8k');
        writeFileSync(join(mountPoint, 'kernel'), Buffer.alloc(4096));
        writeFileSync(join(mountPoint, 'initrd'), Buffer.alloc(4096));
      });
      await expect(esp.place({ fileName: OURS, sha256: SHA256, sourcePath })).rejects.toMatchObject({
        code: 'esp-full',
      });
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  test.skipIf(!CAN_MOUNT)('then a read-only one is seen and refuses by name (needs the right to mount)', async () => {
    const { esp, sourcePath } = onDisk(mountPoint => {
      mountTmpfs(mountPoint, '64k');
      remountReadOnly(mountPoint);
    });
    expect(await esp.writable()).toBe(false);
    await expect(esp.place({ fileName: OURS, sha256: SHA256, sourcePath })).rejects.toMatchObject({
      code: 'esp-read-only',
    });
  });

  test('then one that is not there takes no writes and has no room', async () => {
    const esp = espDirectory(boardRoot(temporaryDirectory()), '/boot');
    expect([await esp.writable(), await esp.freeBytes(), await esp.list()]).toEqual([false, 0, []]);
  });
});

describe('when a copy was cut off', () => {
  test('then what is left of it is no capsule, counts as room, and goes away with the next copy', async () => {
    const { esp, sourcePath, foreign, directory } = onDisk();
    const before = await esp.freeBytes();
    foreign('seatrial-00-0123abcd.tmp', Buffer.alloc(1024 * 1024));
    expect(await esp.list()).toEqual([]);
    expect(Math.abs((await esp.freeBytes()) - before)).toBeLessThan(1024 * 1024);
    await esp.place({ fileName: SECOND, sha256: SHA256, sourcePath });
    expect(readdirSync(directory)).toEqual([SECOND]);
    expect(readFileSync(join(directory, SECOND))).toEqual(CAPSULE);
    expect(existsSync(join(directory, OURS))).toBe(false);
  });
});
