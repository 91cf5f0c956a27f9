// The head of the signed bytes: an optional dependency expression, then edk2's FMP payload header.

import { err, type FirmwareVersion, firmwareVersion, ok, type Result } from '@seatrial/spec';
import { type ByteRange, type Reading, readRange } from '../bytes/reading.ts';
import { type Dependency, MAX_DEPENDENCY_BYTES, readDependency } from './dependency.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import { IMAGE_SUPPORT, type ImageHeader, payloadHeader } from './header-layouts.ts';
import { firstBroken, type Rule } from './rules.ts';

export interface PayloadHeader {
  readonly headerSize: number;
  readonly fwVersion: FirmwareVersion;
  readonly lowestSupportedVersion: FirmwareVersion;
}

export interface PayloadHead {
  readonly dependency: Dependency | undefined;
  readonly header: PayloadHeader;
  /** What follows the header: for Qualcomm's firmware a firmware volume. */
  readonly body: ByteRange;
}

interface HeaderFacts {
  readonly signature: string;
  readonly headerSize: number;
  readonly payloadBytes: number;
}

const HEADER_RULES: readonly Rule<HeaderFacts>[] = [
  ['PAYLOAD_SIGNATURE', f => f.signature === payloadHeader.constants.signature, f => JSON.stringify(f.signature)],
  [
    'PAYLOAD_HDR_SIZE',
    f => f.headerSize >= payloadHeader.sizeBytes && f.headerSize <= f.payloadBytes,
    f => `${f.headerSize} in a payload of ${f.payloadBytes} bytes`,
  ],
];

/** The dependency expression that the image header announces, or undefined. Fails with PAYLOAD_DEPENDENCY. */
export function* readDependencyOf(
  header: ImageHeader,
  signed: ByteRange,
): Reading<Result<Dependency | undefined, CapsuleError>> {
  if ((header.imageCapsuleSupport & IMAGE_SUPPORT.dependency) === 0n) return ok(undefined);
  return readDependency(yield* readRange(signed.offset, Math.min(signed.length, MAX_DEPENDENCY_BYTES)));
}

/** Reads the head of the signed bytes. Fails with a code of layer payload. */
export function* readPayloadHead(
  imageHeader: ImageHeader,
  signed: ByteRange,
): Reading<Result<PayloadHead, CapsuleError>> {
  const dependency = yield* readDependencyOf(imageHeader, signed);
  if (!dependency.ok) return dependency;
  const skipped = dependency.value?.sizeBytes ?? 0;
  const offset = signed.offset + skipped;
  const payloadBytes = signed.length - skipped;
  const bytes = yield* readRange(offset, Math.min(payloadBytes, payloadHeader.sizeBytes));
  const values = payloadHeader.read(bytes);
  if (values === undefined || payloadBytes === payloadHeader.sizeBytes)
    return err(capsuleError('PAYLOAD_TRUNCATED', `${payloadBytes} bytes`, offset));
  const broken = firstBroken(HEADER_RULES, { ...values, payloadBytes }, offset);
  if (broken !== undefined) return err(broken);
  const body = { offset: offset + values.headerSize, length: payloadBytes - values.headerSize };
  return ok({ dependency: dependency.value, header: typed(values), body });
}

const typed = (values: {
  readonly headerSize: number;
  readonly fwVersion: number;
  readonly lowestSupportedVersion: number;
}): PayloadHeader => ({
  headerSize: values.headerSize,
  fwVersion: firmwareVersion(values.fwVersion),
  lowestSupportedVersion: firmwareVersion(values.lowestSupportedVersion),
});
