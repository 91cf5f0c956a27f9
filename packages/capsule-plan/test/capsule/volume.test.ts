// Firmware volumes: both sides of the 16 MiB boundary, metadata revision 5, targets and tables.

import { firmwareVersion } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { sum8 } from '../../src/bytes/checksum.ts';
import { guidFromBytes } from '../../src/bytes/guid.ts';
import { concatBytes } from '../../src/bytes/writer.ts';
import { layOutVolume, volumeFileOf } from '../../src/capsule/build-volume.ts';
import { FFS2_GUID, FFS3_GUID } from '../../src/capsule/volume-layouts.ts';
import {
  BlockSums,
  bytesOf,
  FLASH_TYPES,
  fvUpdateOf,
  imagesToUpdate,
  literal,
  makeVolume,
  pairsOfTarget,
  readFromBytes,
  readFvUpdate,
  readMetadata,
  readVolume,
  TARGETS,
  type VolumeImage,
  type VolumeInput,
  writeFvUpdate,
} from '../../src/capsule.ts';
import { value } from './value.ts';

const partition = (name: string, disk: 'UFS_LUN4' | 'NVME' | 'SPINOR' = 'UFS_LUN4') => ({
  diskType: disk,
  partitionName: name,
  partitionTypeGuid: guidFromBytes(Buffer.alloc(16, name)),
});

const image = (bytes: Uint8Array, changes: Partial<VolumeImage<Uint8Array>> = {}): VolumeImage<Uint8Array> => ({
  data: literal(bytes),
  dataSum8: sum8(bytes),
  dest: partition('a'),
  backup: partition('b'),
  ...changes,
});

const input = (images: readonly VolumeImage<Uint8Array>[]): VolumeInput<Uint8Array> => ({
  revision: 3,
  fwVersion: firmwareVersion(0x10002),
  lowestSupportedFwVersion: firmwareVersion(1),
  images,
});

const build = (volume: VolumeInput<Uint8Array>): Uint8Array => concatBytes([...bytesOf(value(makeVolume(volume)))]);
const codeOf = (volume: VolumeInput<Uint8Array>): string => {
  const made = makeVolume(volume);
  return made.ok ? 'made' : made.error.code;
};
const read = (bytes: Uint8Array) => value(readFromBytes(bytes, readVolume({ offset: 0, length: bytes.length })));

describe('firmware volumes', () => {
  test.each([
    [16_777_191, 24, FFS2_GUID],
    [16_777_192, 32, FFS3_GUID],
  ])('when an image has %i bytes, then its file header has %i', (size, headerSize, fileSystem) => {
    const data = Buffer.alloc(size, 0x5a);
    const bytes = build(input([image(data)]));
    const { header, files } = read(bytes);
    expect(header.fileSystemGuid).toBe(fileSystem);
    expect(files[0]).toMatchObject({
      headerSize,
      size: size + headerSize,
      attributes: headerSize === 32 ? 0x41 : 0x40,
    });
    expect(files[0]?.data.length).toBe(size);
  });

  test('when sums of blocks are known already, then the verdict on the files is the same', () => {
    const bytes = build(
      input([image(Buffer.alloc(300_001, 3)), image(Buffer.alloc(70_000, 7), { dest: partition('c') })]),
    );
    const damaged = Uint8Array.from(bytes);
    damaged[200_000] = 4;
    for (const [source, expected] of [
      [bytes, undefined],
      [damaged, 'FFS_DATA_CHECKSUM'],
    ] as const) {
      const sums = new BlockSums(0);
      for (let at = 0; at < source.length; at += 65_536 * 2) sums.add(source.subarray(at, at + 65_536 * 2));
      const volume = readFromBytes(source, readVolume({ offset: 0, length: source.length }, sums));
      expect(volume.ok ? undefined : volume.error.code).toBe(expected);
    }
  });

  test('when a volume is full of empty files, then it is refused before they fill memory', () => {
    const files = Array.from({ length: 1025 }, (_, n) =>
      volumeFileOf(guidFromBytes(Buffer.alloc(16, n)), new Uint8Array()),
    );
    const bytes = concatBytes([...bytesOf(layOutVolume(files))]);
    const volume = readFromBytes(bytes, readVolume({ offset: 0, length: bytes.length }));
    expect(volume.ok ? undefined : volume.error.code).toBe('FFS_COUNT');
  });

  test('when metadata has revision 5, then every field of an entry comes back', () => {
    const details = {
      matchIdentifier: 'soc-rev-2',
      binaryType: 'RAW' as const,
      images: [{ fileName: 'a.elf', arValidationType: 'ANTI_ROLLBACK' }],
    };
    const volume = { ...input([image(Buffer.from('x'), { details })]), revision: 5 as const };
    const bytes = build(volume);
    const data = read(bytes).files.at(-1)?.data;
    const metadata = value(readMetadata(bytes.subarray(data?.offset, (data?.offset ?? 0) + (data?.length ?? 0))));
    expect(metadata).toMatchObject({ header: { revision: 5 }, entryBytes: 2480 });
    expect(metadata.entries[0]).toMatchObject({
      entryRevision: 1,
      matchIdentifier: 'soc-rev-2',
      binaryType: 0,
      imageCount: 1,
      images: [{ fileName: 'a.elf', arValidationType: 'ANTI_ROLLBACK' }, { fileName: '' }],
    });
  });

  test('when the same images are built twice, then file GUIDs and bytes are the same', () => {
    const volume = input([image(Buffer.from('one')), image(Buffer.from('two'), { dest: partition('c') })]);
    expect(Buffer.compare(build(volume), build(volume))).toBe(0);
  });

  test.each([
    ['no image', 'META_NO_ENTRIES', input([])],
    ['one destination twice', 'DUP_DEST', input([image(Buffer.from('1')), image(Buffer.from('2'))])],
    ['its destination as backup', 'DEST_IS_BACKUP', input([image(Buffer.from('1'), { backup: partition('a') })])],
    [
      'disks that no flash has together',
      'DISK_TYPE',
      input([image(Buffer.from('1'), { backup: partition('b', 'NVME') })]),
    ],
    [
      'one file GUID twice',
      'FFS_DUPLICATE',
      input(['a', 'c'].map(name => image(Buffer.from(name), { dest: partition(name), fileGuid: FFS2_GUID }))),
    ],
    [
      'a floor above the version',
      'LOW_ABOVE_FW',
      { ...input([image(Buffer.from('1'))]), lowestSupportedFwVersion: firmwareVersion(0x10003) },
    ],
  ])('when a volume has %s, then it is not made', (_name, code, volume) => {
    expect(codeOf(volume)).toBe(code);
  });
});

describe('targets', () => {
  const COUNTS: Readonly<Record<string, number>> = {
    'QCS6490 UFS': 16,
    'QCS9100 UFS': 16,
    'QCS8300 UFS': 16,
    'QRB2210 EMMC': 13,
    'CQ2390M EMMC': 13,
    'IQ-X7181 UFS': 0,
    'IQ-X7181 NORUFS': 20,
    'IQ-X7181 NORNVME': 20,
    'IQ-X5121 UFS': 0,
    'IQ-X5121 NORUFS': 20,
    'IQ-X5121 NORNVME': 20,
    'Kaanapali UFS': 32,
    'SM8750 UFS': 24,
    'Glymur NORUFS': 3,
    'Glymur NORNVME': 3,
  };

  test('when every target and storage is asked for, then exactly the known tables answer, and their XML reads back', () => {
    const found = TARGETS.flatMap(({ name }) =>
      FLASH_TYPES.flatMap(storage => {
        const pairs = pairsOfTarget(name, storage);
        if (!pairs.ok) return [];
        const update = fvUpdateOf(storage, pairs.value, new Set(pairs.value.map(({ inputBinary }) => inputBinary)));
        const back = value(readFvUpdate(Buffer.from(writeFvUpdate(update))));
        expect(back.entries.map(({ inputBinary, dest, backup }) => ({ inputBinary, dest, backup }))).toEqual(
          pairs.value,
        );
        expect(value(imagesToUpdate(back))).toHaveLength(pairs.value.length);
        return [[`${name} ${storage}`, pairs.value.length] as const];
      }),
    );
    expect(Object.fromEntries(found)).toEqual(COUNTS);
  });
});
