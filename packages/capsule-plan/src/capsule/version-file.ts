// SYSFW_VERSION.bin: the 28 bytes that carry a firmware version and its floor from the build to the capsule tools.

import { crc32 } from 'node:zlib';
import { err, type FirmwareVersion, firmwareVersion, ok, type Result } from '@seatrial/spec';
import { ascii, constant, u32 } from '../bytes/fields.ts';
import { type LayoutValues, layout } from '../bytes/layout.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import { firstBroken, type Rule } from './rules.ts';

export const versionFile = layout({
  signature: constant(ascii(8), 'SYSFWVER'),
  revision: constant(u32, 0x0001_0000),
  versionDataSize: constant(u32, 28),
  crc32: u32,
  fwVersion: u32,
  lowestSupportedFwVersion: u32,
});

export interface SystemFirmwareVersion {
  readonly fwVersion: FirmwareVersion;
  readonly lowestSupportedFwVersion: FirmwareVersion;
}

type VersionFile = LayoutValues<typeof versionFile>;

/** CRC-32 over the file with its own field zero. */
const checksum = (values: Pick<VersionFile, 'fwVersion' | 'lowestSupportedFwVersion'>): number =>
  crc32(versionFile.write({ ...values, crc32: 0 }));

/** The 28 bytes. */
export const writeVersionFile = (version: SystemFirmwareVersion): Uint8Array =>
  versionFile.write({ ...version, crc32: checksum(version) });

const RULES: readonly Rule<VersionFile>[] = [
  ['VERSION_FILE', f => f.signature === versionFile.constants.signature, () => 'not SYSFWVER'],
  ['VERSION_FILE', f => f.revision === versionFile.constants.revision, f => `revision ${f.revision}`],
  ['VERSION_FILE', f => f.versionDataSize === versionFile.sizeBytes, f => `size ${f.versionDataSize}`],
  ['VERSION_FILE', f => f.crc32 === checksum(f), f => `CRC ${f.crc32.toString(16)} is wrong`],
];

/** Every field of a valid file. Bytes after the 28 are ignored, as the reference tool ignores them. Fails with VERSION_FILE. */
export function readVersionFields(bytes: Uint8Array): Result<VersionFile, CapsuleError> {
  const values = versionFile.read(bytes);
  if (values === undefined) return err(capsuleError('VERSION_FILE', `${bytes.length} bytes`));
  const broken = firstBroken(RULES, values);
  return broken === undefined ? ok(values) : err(broken);
}

/** Version and floor of a file. Fails with VERSION_FILE. */
export function readVersionFile(bytes: Uint8Array): Result<SystemFirmwareVersion, CapsuleError> {
  const fields = readVersionFields(bytes);
  if (!fields.ok) return fields;
  return ok({
    fwVersion: firmwareVersion(fields.value.fwVersion),
    lowestSupportedFwVersion: firmwareVersion(fields.value.lowestSupportedFwVersion),
  });
}

/** The text of `sysfw-version-create --PrintAll`, blank lines and tabs included. */
export function printVersionFields(fields: VersionFile): string {
  const signature = Buffer.from(fields.signature, 'latin1').readBigUInt64LE();
  const lines = [
    `VersionDataCrc32: ${fields.crc32}`,
    `Signature: ${signature}`,
    `Revision: ${fields.revision}`,
    `FwVersion: ${fields.fwVersion}`,
    `LowestSupported: ${fields.lowestSupportedFwVersion}`,
    `VersionDataSize: ${fields.versionDataSize}`,
  ].map(line => `\tFwVerBinaryData.${line}\n`);
  return `\n\nContents of the provided .bin file: \n${lines.join('')}\n\n`;
}

/**
 * `0.0.A.B` as the u32 `(A << 16) | B`. Fails with VERSION_TEXT or VERSION_RANGE. With `lenient`, the first two numbers
 * may be anything and are ignored, as the reference tool does.
 */
export function parseVersionText(text: string, options?: { lenient: boolean }): Result<FirmwareVersion, CapsuleError> {
  const [, w, x, a, b] = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(text)?.map(Number) ?? [];
  if (w === undefined || x === undefined || a === undefined || b === undefined)
    return err(capsuleError('VERSION_TEXT', JSON.stringify(text)));
  if (options?.lenient !== true && (w !== 0 || x !== 0))
    return err(capsuleError('VERSION_TEXT', `${text}: the first two numbers are ignored by firmware and must be 0`));
  if (a > 0xffff || b > 0xffff) return err(capsuleError('VERSION_RANGE', text));
  return ok(firmwareVersion(a * 0x10000 + b));
}
