// The structures around a payload, as UEFI 2.11 sections 8.5.3, 23.1 and 23.3 and edk2's FmpPayloadHeaderLib define them.

import { ascii, constant, guid, rawBytes, u8, u16, u32, u64 } from '../bytes/fields.ts';
import { knownGuid } from '../bytes/guid.ts';
import { type LayoutValues, layout } from '../bytes/layout.ts';

export const FMP_CAPSULE_GUID = knownGuid('6DCBD5ED-E82D-4C44-BDA1-7194199AD92A');
/** U-Boot's acceptance of a firmware on trial; Qualcomm's firmware does not know it. */
export const ACCEPT_CAPSULE_GUID = knownGuid('0C996046-BCC0-4D04-85EC-E1FCEDF1C6F8');
export const REVERT_CAPSULE_GUID = knownGuid('ACD58B4B-C0E8-475F-99B5-6B3F7E07AAF0');

export const capsuleHeader = layout({ capsuleGuid: guid, headerSize: u32, flags: u32, capsuleImageSize: u32 });
/** edk2 rounds the header up to 32 bytes, mkeficapsule does not. */
export const EDK2_HEADER_BYTES = 32;

/** CapsuleGuid-specific flags are the low 16 bits; these are UEFI's own. */
export const CAPSULE_FLAGS = {
  persistAcrossReset: 0x0001_0000,
  populateSystemTable: 0x0002_0000,
  initiateReset: 0x0004_0000,
} as const;

export const fmpHeader = layout({ version: constant(u32, 1), embeddedDriverCount: u16, payloadItemCount: u16 });

const imageFieldsV1 = {
  version: u32,
  updateImageTypeId: guid,
  updateImageIndex: u8,
  reserved: rawBytes(3),
  updateImageSize: u32,
  updateVendorCodeSize: u32,
};
const imageFieldsV2 = { ...imageFieldsV1, updateHardwareInstance: u64 };
const imageFieldsV3 = { ...imageFieldsV2, imageCapsuleSupport: u64 };

/** The first field alone, which says how long the header is. */
export const imageVersion = layout({ version: u32 });
/** By version: each adds one field to the one before. */
export const imageHeaders = { 1: layout(imageFieldsV1), 2: layout(imageFieldsV2), 3: layout(imageFieldsV3) } as const;
export type ImageHeaderVersion = keyof typeof imageHeaders;
export type ImageHeader = LayoutValues<(typeof imageHeaders)[3]>;

export const IMAGE_SUPPORT = { authentication: 1n, dependency: 2n } as const;

/** EFI_FIRMWARE_IMAGE_AUTHENTICATION up to its certificate data. `length` counts from its own field on. */
export const authenticationHeader = layout({
  monotonicCount: u64,
  length: u32,
  revision: constant(u16, 0x0200),
  certificateType: constant(u16, 0x0ef1),
  certType: constant(guid, knownGuid('4AAFD29D-68DF-49EE-8AA9-347D375665A7')),
});
/** The part of `length` that is not certificate data. */
export const AUTH_LENGTH_OVERHEAD = authenticationHeader.sizeBytes - authenticationHeader.offsetOf.length;

export const payloadHeader = layout({
  signature: constant(ascii(4), 'MSS1'),
  headerSize: u32,
  fwVersion: u32,
  lowestSupportedVersion: u32,
});
