// The frame of a payload's signature: where the PKCS#7 block lies and where the signed bytes begin (EFI_FIRMWARE_IMAGE_AUTHENTICATION).

import { err, ok, type Result } from '@seatrial/spec';
import type { LayoutValues } from '../bytes/layout.ts';
import { type ByteRange, type Reading, readRange } from '../bytes/reading.ts';
import type { ImageItem } from './envelope.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import { AUTH_LENGTH_OVERHEAD, authenticationHeader, IMAGE_SUPPORT } from './header-layouts.ts';
import { firstBroken, type Rule } from './rules.ts';

export interface Authentication {
  readonly monotonicCount: bigint;
  readonly length: number;
  readonly revision: number;
  readonly certificateType: number;
  readonly certType: string;
  /** The PKCS#7 block. */
  readonly der: ByteRange;
}

/** What an image consists of. `signed` is everything that the signature covers, except the count that follows it. */
export interface ImageParts {
  readonly authentication: Authentication | undefined;
  /** The header says that there is an authentication block. */
  readonly announced: boolean;
  readonly signed: ByteRange;
}

type AuthFacts = LayoutValues<typeof authenticationHeader> & { readonly imageBytes: number };

/** sizeof(EFI_FIRMWARE_IMAGE_AUTHENTICATION) in C, which pads its flexible last member. */
const LEAST_IMAGE_BYTES = 40;
const { revision, certificateType, certType } = authenticationHeader.constants;

/** edk2's FmpDxe and AuthenticateFmpImage, in their order. */
const AUTH_RULES: readonly Rule<AuthFacts>[] = [
  ['AUTH_TRUNCATED', f => f.imageBytes >= LEAST_IMAGE_BYTES, f => `${f.imageBytes} bytes`],
  [
    'AUTH_LENGTH',
    f => f.length > AUTH_LENGTH_OVERHEAD && authenticationHeader.offsetOf.length + f.length < f.imageBytes,
    f => `dwLength ${f.length} in an image of ${f.imageBytes} bytes`,
  ],
  ['AUTH_REVISION', f => f.revision === revision, f => `wRevision ${f.revision}`],
  ['AUTH_CERT_TYPE', f => f.certificateType === certificateType, f => `wCertificateType ${f.certificateType}`],
  ['AUTH_CERT_GUID', f => f.certType === certType, f => f.certType],
];

/** With no bit that announces it (or no field for the bit), a block is recognised by its constants. */
const looksAuthenticated = (f: AuthFacts): boolean =>
  f.certType === certType || (f.revision === revision && f.certificateType === certificateType);

/** Splits an image into signature and signed bytes. Fails with a code of layer auth. */
export function* readAuthentication({ header, image }: ImageItem): Reading<Result<ImageParts, CapsuleError>> {
  const announced = (header.imageCapsuleSupport & IMAGE_SUPPORT.authentication) !== 0n;
  const unsigned = ok({ authentication: undefined, announced, signed: image });
  const head = yield* readRange(image.offset, Math.min(image.length, authenticationHeader.sizeBytes));
  const values = authenticationHeader.read(head);
  if (values === undefined)
    return announced ? err(capsuleError('AUTH_TRUNCATED', `${image.length} bytes`, image.offset)) : unsigned;
  const facts = { ...values, imageBytes: image.length };
  if (!announced && !looksAuthenticated(facts)) return unsigned;
  const broken = firstBroken(AUTH_RULES, facts, image.offset);
  if (broken !== undefined) return err(broken);
  const payloadAt = authenticationHeader.offsetOf.length + facts.length;
  const der = {
    offset: image.offset + authenticationHeader.sizeBytes,
    length: facts.length - AUTH_LENGTH_OVERHEAD,
  };
  const signed = { offset: image.offset + payloadAt, length: image.length - payloadAt };
  return ok({ authentication: { ...values, der }, announced, signed });
}
