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

/** `0.0.A.B` as the u32 `(A << 16) | B`. Fails with VERSION_TEXT or VERSION_RANGE. */
export function parseVersionText(text: string): Result<FirmwareVersion, CapsuleError> {
  const parts = versionParts(text);
  if (parts === undefined) return err(capsuleError('VERSION_TEXT', JSON.stringify(text)));
  const [w, x, a, b] = parts;
  if (w !== 0n || x !== 0n)
    return err(capsuleError('VERSION_TEXT', `${text}: firmware ignores the first two numbers, so they must be 0`));
  return a > HALF || b > HALF ? err(capsuleError('VERSION_RANGE', text)) : ok(referenceVersion(a, b));
}

/** As the reference tool reads it: any first two numbers, and parts that run over into each other. Fails with VERSION_TEXT. */
export function parseVersionTextAsReference(text: string): Result<FirmwareVersion, CapsuleError> {
  const parts = versionParts(text);
  return parts === undefined
    ? err(capsuleError('VERSION_TEXT', JSON.stringify(text)))
    : ok(referenceVersion(parts[2], parts[3]));
}

const HALF = 0xffffn;
const referenceVersion = (a: bigint, b: bigint): FirmwareVersion =>
  firmwareVersion(Number(BigInt.asUintN(32, (a << 16n) | b)));

function versionParts(text: string): readonly [bigint, bigint, bigint, bigint] | undefined {
  const [, w, x, a, b] = /^(\d{1,20})\.(\d{1,20})\.(\d{1,20})\.(\d{1,20})$/.exec(text) ?? [];
  if (w === undefined || x === undefined || a === undefined || b === undefined) return undefined;
  return [BigInt(w), BigInt(x), BigInt(a), BigInt(b)];
}
