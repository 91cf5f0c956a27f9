// Generated capsules and their parts, as fast-check draws them.

import { type FirmwareVersion, firmwareVersion, type Guid } from '@seatrial/spec';
import fc from 'fast-check';
import { sum8 } from '../../src/bytes/checksum.ts';
import { guidFromBytes } from '../../src/bytes/guid.ts';
import { type CapsuleContents, type DependencyStep, literal, makeVolume } from '../../src/capsule.ts';
import { value } from './value.ts';

export const guid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes): Guid => guidFromBytes(bytes));
export const version = fc.nat(0xffff_ffff).map(firmwareVersion);
const count = fc.bigInt(0n, 0xffff_ffff_ffff_ffffn);

const operators = ['==', '>', '>=', '<', '<='] as const;
const comparison = fc.tuple(guid, fc.constantFrom(...operators), fc.nat(0xffff_ffff));
export const dependency = fc
  .array(comparison, { minLength: 1, maxLength: 4 })
  .map(parts =>
    parts.flatMap(([fwClass, operator, u32], n): DependencyStep[] => [
      { kind: 'version', version: u32 },
      { kind: 'guid', guid: fwClass },
      { kind: 'operator', operator },
      ...(n === 0 ? [] : [{ kind: 'operator' as const, operator: 'AND' as const }]),
    ]),
  );

const partition = (name: string) => ({
  diskType: 'UFS_LUN4' as const,
  partitionName: name,
  partitionTypeGuid: guidFromBytes(Buffer.alloc(16, name)),
});

const images = fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 4 });
const versions = fc
  .tuple(version, version)
  .map(([a, b]): readonly [FirmwareVersion, FirmwareVersion] => (a < b ? [b, a] : [a, b]));

export const volumeOf = (contents: readonly Uint8Array[], [fwVersion, lowest]: readonly [number, number]) =>
  value(
    makeVolume({
      revision: contents.length % 2 === 0 ? 5 : 3,
      fwVersion: firmwareVersion(fwVersion),
      lowestSupportedFwVersion: firmwareVersion(lowest),
      images: contents.map((bytes, n) => ({
        data: literal(bytes),
        dataSum8: sum8(bytes),
        dest: partition(`p${n}_a`),
        backup: partition(`p${n}_b`),
      })),
    }),
  );

export const contents = fc
  .record({
    images,
    versions,
    imageTypeId: guid,
    hardwareInstance: count,
    monotonicCount: count,
    dependency: fc.option(dependency, { nil: undefined }),
    headerBytes: fc.constantFrom(28 as const, 32 as const),
    vendorCode: fc.uint8Array({ maxLength: 9 }),
  })
  .map(
    ({ images: list, versions: pair, headerBytes, ...payload }): CapsuleContents => ({
      headerBytes,
      payloads: [{ ...payload, fwVersion: pair[0], lowestSupportedFwVersion: pair[1], body: volumeOf(list, pair) }],
    }),
  );
