// Firmware volumes, FFS files (UEFI PI 1.8, volume 3, section 3.2) and the metadata file that Qualcomm's firmware reads.

import { ascii, constant, guid, i32, rawBytes, u8, u16, u24, u32, u64, utf8, utf16 } from '../bytes/fields.ts';
import { knownGuid } from '../bytes/guid.ts';
import { type LayoutValues, layout, struct, times } from '../bytes/layout.ts';

export const FFS2_GUID = knownGuid('8C8CE578-8A3D-4F1C-9935-896185C32DD3');
/** The file system of volumes that hold a file of 16 MiB or more. */
export const FFS3_GUID = knownGuid('5473C07A-3DCB-4DCA-BD6F-1E9689E7349A');
export const METADATA_FILE_GUID = knownGuid('C7340E65-0D5D-43D6-ABB7-39751D5EC8E7');
/** The only file of a volume for an embedded controller. */
export const EC_FILE_GUID = knownGuid('4DC8BBB0-D3F6-4407-B46B-4B729F606DC0');

export const FV_BLOCK_BYTES = 64;
export const FILE_ALIGNMENT_BYTES = 8;
export const ERASED = 0xff;

export const volumeHeader = layout({
  zeroVector: rawBytes(16),
  fileSystemGuid: guid,
  fvLength: u64,
  signature: constant(ascii(4), '_FVH'),
  attributes: constant(u32, 0x0003_feff),
  headerLength: constant(u16, 72),
  checksum: u16,
  extHeaderOffset: constant(u16, 0),
  reserved: constant(u8, 0),
  revision: constant(u8, 2),
  numBlocks: u32,
  blockLength: constant(u32, FV_BLOCK_BYTES),
  terminator: constant(u64, 0n),
});

const fileFields = {
  name: guid,
  headerChecksum: u8,
  fileChecksum: u8,
  type: constant(u8, 0x01),
  attributes: u8,
  size: u24,
  state: constant(u8, 0xf8),
};
export const fileHeader = layout(fileFields);
/** For a file whose size does not fit 24 bits: `size` is 0 and `extendedSize` counts. */
export const largeFileHeader = layout({ ...fileFields, extendedSize: u64 });
export type FileHeader = LayoutValues<typeof fileHeader>;

export const FILE_ATTRIBUTES = { checksum: 0x40, large: 0x01 } as const;
/** From this size on, header included, a file is large. */
export const LARGE_FILE_BYTES = 0x100_0000;

/** What fits a partition name in UTF-16 without its NUL. */
export const PARTITION_NAME_CHARS = 36;

export const partitionPath = layout({
  diskType: u32,
  partitionName: utf16(2 * PARTITION_NAME_CHARS),
  partitionTypeGuid: guid,
  fileName: utf16(510),
});
export type PartitionPath = LayoutValues<typeof partitionPath>;

export const metadataHeader = layout({
  signature1: constant(u32, 0x2e19_46fb),
  signature2: constant(u32, 0x7f74_4d57),
  revision: u32,
  size: constant(u32, 24),
  firmwareVersion: u32,
  lowestSupportedVersion: u32,
  breakingChangeNumber: constant(u32, 0),
  reserved1: constant(u32, 0),
  reserved2: constant(u32, 0),
  entryCount: u32,
});

const entryFields = {
  fileGuid: guid,
  operation: constant(u32, 1),
  updateType: constant(u32, 0),
  backupType: constant(u32, 0),
  dest: struct(partitionPath),
  backup: struct(partitionPath),
};
export const metadataEntry3 = layout(entryFields);
export type MetadataEntry = LayoutValues<typeof metadataEntry3>;

export const imageSlot = layout({ fileName: utf16(510), arValidationType: utf16(72) });
export const IMAGE_SLOTS = 2;

/** Revision 5, which target Glymur uses. */
export const metadataEntry5 = layout({
  entryRevision: u32,
  ...entryFields,
  matchIdentifier: utf8(72),
  binaryType: u32,
  images: times(IMAGE_SLOTS, struct(imageSlot)),
  imageCount: i32,
});
export type MetadataEntry5 = LayoutValues<typeof metadataEntry5>;
