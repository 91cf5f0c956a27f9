// Every way in which a capsule, or an input to making one, is refused: a closed union of codes with cause and remedy.

/** The layer that refuses; the first ten are in the order in which a capsule is judged, the rest belong to authoring. */
export type CapsuleLayer =
  | 'capsule'
  | 'fmp'
  | 'image'
  | 'auth'
  | 'payload'
  | 'fv'
  | 'meta'
  | 'semantic'
  | 'esrt'
  | 'version'
  | 'xml'
  | 'partition'
  | 'config'
  | 'input'
  | 'key'
  | 'output';

interface CapsuleErrorEntry {
  readonly layer: CapsuleLayer;
  readonly cause: string;
  readonly remedy: string;
}

const row = (layer: CapsuleLayer, cause: string, remedy: string): CapsuleErrorEntry => ({ layer, cause, remedy });

const COPY_AGAIN = 'Copy the file again and compare its SHA-256 with the release.';
const BUILD_AGAIN = 'Build the capsule again; the tool that wrote this one is broken.';
const NOT_OURS = 'Do not use this file: ask who made it.';

/** Code to layer, cause and remedy; docs/errors.md is checked against it both ways. */
export const CAPSULE_ERRORS = {
  CAP_TRUNCATED: row('capsule', 'The file ends inside the capsule header.', COPY_AGAIN),
  CAP_GUID: row('capsule', 'The capsule GUID is not that of a firmware management capsule.', NOT_OURS),
  CAP_HEADER_SIZE: row('capsule', 'HeaderSize is below 28 or leaves no room for a body.', BUILD_AGAIN),
  CAP_IMAGE_SIZE: row('capsule', 'CapsuleImageSize differs from the size of the file.', COPY_AGAIN),
  CAP_FLAGS: row('capsule', 'The capsule flags contradict UEFI.', 'Build with PersistAcrossReset only.'),
  FMP_TRUNCATED: row('fmp', 'The file ends inside the firmware management header.', COPY_AGAIN),
  FMP_VERSION: row('fmp', 'The firmware management header is not version 1.', BUILD_AGAIN),
  FMP_NO_ITEMS: row('fmp', 'The capsule carries no payload.', BUILD_AGAIN),
  FMP_ITEM_COUNT: row('fmp', 'The offset table is larger than the capsule.', NOT_OURS),
  FMP_ITEM_OFFSET: row('fmp', 'Item offsets are not ascending inside the capsule.', NOT_OURS),
  FMP_DRIVERS: row(
    'fmp',
    'The capsule embeds drivers, which firmware refuses by default.',
    'Build without drivers, or allow them if this firmware does.',
  ),
  IMG_TRUNCATED: row('image', 'An item ends inside its image header.', NOT_OURS),
  IMG_VERSION: row('image', 'The image header is not version 1, 2 or 3.', BUILD_AGAIN),
  IMG_SIZE: row('image', 'The image header does not add up to the length of its item.', COPY_AGAIN),
  IMG_GUID: row('image', 'The image type GUID is not the one that was asked for.', 'Take the capsule of this board.'),
  IMG_INDEX: row('image', 'The image index is 0 or not the one that was asked for.', BUILD_AGAIN),
  AUTH_MISSING: row('auth', 'The payload is not signed.', 'Sign it: seatrial capsule sign.'),
  AUTH_BIT: row('auth', 'An authentication block is present but its bit is not set.', BUILD_AGAIN),
  AUTH_TRUNCATED: row('auth', 'The image is too small for an authentication block.', NOT_OURS),
  AUTH_LENGTH: row('auth', 'The field dwLength does not fit the image.', NOT_OURS),
  AUTH_REVISION: row('auth', 'The field wRevision is not 0x0200.', BUILD_AGAIN),
  AUTH_CERT_TYPE: row('auth', 'The field wCertificateType is not 0x0EF1.', BUILD_AGAIN),
  AUTH_CERT_GUID: row('auth', 'The signature is not of type PKCS#7.', BUILD_AGAIN),
  AUTH_SIGNATURE: row('auth', 'The PKCS#7 signature does not match these bytes.', COPY_AGAIN),
  AUTH_UNTRUSTED: row(
    'auth',
    'The signer does not chain to a trust anchor.',
    'Give the right trust anchor, or sign with a certificate below it.',
  ),
  AUTH_EXPIRED: row('auth', 'A certificate is outside its validity time (strict policy).', 'Renew the certificate.'),
  AUTH_WEAK: row('auth', 'A digest or key is too weak (strict policy).', 'Sign with SHA-256 and RSA of 2048 bits.'),
  PAYLOAD_DEPENDENCY: row('payload', 'The dependency expression is malformed.', BUILD_AGAIN),
  PAYLOAD_TRUNCATED: row('payload', 'Nothing follows the payload header.', BUILD_AGAIN),
  PAYLOAD_SIGNATURE: row('payload', 'The payload header does not start with MSS1.', BUILD_AGAIN),
  PAYLOAD_HDR_SIZE: row('payload', 'The payload header size is below 16 or beyond the payload.', BUILD_AGAIN),
  FV_TRUNCATED: row('fv', 'The payload ends inside the firmware volume header.', BUILD_AGAIN),
  FV_SIGNATURE: row('fv', 'The payload is not a firmware volume (_FVH).', BUILD_AGAIN),
  FV_HDR_LENGTH: row('fv', 'The firmware volume header length does not fit.', BUILD_AGAIN),
  FV_CHECKSUM: row('fv', 'The firmware volume header checksum is wrong.', BUILD_AGAIN),
  FV_LENGTH: row('fv', 'FvLength differs from the size of the payload.', BUILD_AGAIN),
  FV_GUID: row('fv', 'The volume is neither FFS2 nor FFS3.', BUILD_AGAIN),
  FV_REVISION: row('fv', 'The firmware volume revision is not 2.', BUILD_AGAIN),
  FV_BLOCKS: row('fv', 'The block map does not add up to FvLength.', BUILD_AGAIN),
  FFS_HDR_CHECKSUM: row('fv', 'An FFS header checksum is wrong.', BUILD_AGAIN),
  FFS_DATA_CHECKSUM: row('fv', 'An FFS file checksum is wrong.', BUILD_AGAIN),
  FFS_SIZE: row('fv', 'An FFS file is smaller than its header or larger than the volume.', BUILD_AGAIN),
  FFS_TYPE: row('fv', 'An FFS file is not of type RAW.', BUILD_AGAIN),
  FFS_COUNT: row('fv', 'The volume has more files than any update.', BUILD_AGAIN),
  META_SIGNATURE: row('meta', 'The metadata does not start with its signatures.', BUILD_AGAIN),
  META_TRUNCATED: row('meta', 'The metadata ends inside its header.', BUILD_AGAIN),
  META_REVISION: row('meta', 'The metadata revision is neither 3 nor 5.', BUILD_AGAIN),
  META_SIZE: row('meta', 'The metadata header size is not 24.', BUILD_AGAIN),
  META_COUNT: row('meta', 'EntryCount does not match the size of the metadata.', BUILD_AGAIN),
  META_ENTRY: row('meta', 'A metadata entry holds a value that no update has.', BUILD_AGAIN),
  FV_NO_METADATA: row('semantic', 'The volume has no metadata file.', 'Build the volume again: fv-create fails open.'),
  META_DUPLICATE: row('semantic', 'The volume has more than one metadata file.', BUILD_AGAIN),
  META_NO_ENTRIES: row('semantic', 'The metadata lists no update.', 'Set at least one Operation to UPDATE.'),
  META_DANGLING: row('semantic', 'A metadata entry names no file of the volume.', BUILD_AGAIN),
  FFS_DUPLICATE: row('semantic', 'Two files of the volume have one GUID.', BUILD_AGAIN),
  FFS_UNREFERENCED: row('semantic', 'A file of the volume is in no metadata entry.', BUILD_AGAIN),
  VERSION_MISMATCH: row('semantic', 'Payload header and metadata name different versions.', BUILD_AGAIN),
  LOW_ABOVE_FW: row(
    'semantic',
    'The lowest supported version is above the version itself.',
    'Lower the floor or raise the version.',
  ),
  DISK_TYPE: row('semantic', 'A disk type does not fit the flash type.', 'Correct DiskType or FlashType.'),
  DUP_DEST: row('semantic', 'Two updates write one partition.', 'Remove one of them.'),
  DEST_IS_BACKUP: row('semantic', 'An update would overwrite its own backup.', 'Name another backup partition.'),
  ESRT_GUID: row('esrt', 'The capsule is for another firmware class.', 'Take the capsule of this board.'),
  ESRT_FLOOR: row('esrt', 'The version is below the lowest supported one.', 'Take a newer release.'),
  ESRT_FLAGS: row('esrt', 'The capsule flags are not those of the ESRT entry.', 'Build with the flags of the entry.'),
  ESRT_DEPENDENCY: row('esrt', 'The dependency expression is not satisfied.', 'Update the named firmware first.'),
  VERSION_TEXT: row('version', 'The text is not a version 0.0.A.B.', 'Write four numbers, the first two 0.'),
  VERSION_RANGE: row('version', 'A part of the version does not fit 16 bits.', 'Use parts from 0 to 65535.'),
  VERSION_FILE: row('version', 'SYSFW_VERSION.bin is malformed or its CRC is wrong.', 'Create the file again.'),
  XML_MALFORMED: row('xml', 'FvUpdate.xml is not well-formed XML.', 'Correct the named line.'),
  XML_DOCTYPE: row('xml', 'FvUpdate.xml has a document type, so it could declare entities.', 'Remove the DOCTYPE.'),
  XML_TOO_LARGE: row('xml', 'FvUpdate.xml is larger than 1 MiB.', 'Split the update.'),
  XML_ELEMENT: row('xml', 'An element is missing, repeated or unexpected.', 'Correct the named line.'),
  XML_VALUE: row('xml', 'An element holds a value that is not allowed.', 'Correct the named line.'),
  TARGET_UNKNOWN: row('partition', 'No such target.', 'Use a target that seatrial capsule fv-xml --list names.'),
  STORAGE_UNKNOWN: row('partition', 'The target has no table for this storage.', 'Use a storage that --list names.'),
  STORAGE_UNDETECTED: row('partition', 'The partition table names no storage type.', 'Give --storage.'),
  PARTITION_MISSING: row('partition', 'The image belongs to no partition of the target.', 'Correct the name.'),
  PARTITION_PAIRS: row('partition', 'The partition table holds no updatable pair.', 'Check the table and the storage.'),
  CONFIG_JSON: row('config', 'The file config.json is malformed.', 'Correct the named member.'),
  CONFIG_VALUE: row('config', 'A value is outside what the format can hold.', 'Correct the named value.'),
  DEPENDENCY_TEXT: row('config', 'The dependency expression can not be read.', 'Correct the expression.'),
  IMAGE_MISSING: row('input', 'An image that is to be updated can not be found.', 'Add it or set it to IGNORE.'),
  INPUT_UNREADABLE: row('input', 'A file can not be read.', 'Check the path and its permissions.'),
  INPUT_CHANGED: row('input', 'A file changed while it was read.', 'Run again when nothing writes it.'),
  INPUT_TOO_LARGE: row('input', 'The capsule would pass 4 GiB, which its header can not say.', 'Leave images out.'),
  KEY_UNREADABLE: row('key', 'No usable private key was found.', 'Give a PEM file with an RSA key.'),
  KEY_PASSPHRASE: row('key', 'The key is encrypted and the passphrase is missing or wrong.', 'Give --passphrase-file.'),
  KEY_TYPE: row('key', 'The key is not RSA of 2048 to 4096 bits.', 'Make a new key: seatrial capsule certs.'),
  KEY_MISMATCH: row('key', 'The key does not belong to the certificate.', 'Pair the key with its own certificate.'),
  KEY_TOKEN: row('key', 'The token did not sign.', 'Check the module, the PIN and the PKCS#11 URI.'),
  CERT_UNREADABLE: row('key', 'No usable certificate was found.', 'Give a PEM or DER certificate.'),
  CERT_EXPIRED: row('key', 'A certificate is not valid at the signing time (strict policy).', 'Renew it.'),
  INTERRUPTED: row('output', 'The command was stopped before it was done; nothing was written.', 'Run it again.'),
  OUTPUT_FAILED: row('output', 'The output could not be written.', 'Check the directory and its free space.'),
} as const satisfies Readonly<Record<string, CapsuleErrorEntry>>;

export type CapsuleErrorCode = keyof typeof CAPSULE_ERRORS;

/** A refusal. `layer` follows from the code; `detail` is for people; `offset` is bytes from the start of the file. */
export interface CapsuleError {
  readonly code: CapsuleErrorCode;
  readonly layer: CapsuleLayer;
  readonly detail: string;
  readonly offset?: number;
  /** Of text inputs, from 1. */
  readonly line?: number;
  readonly column?: number;
}

export const capsuleError = (code: CapsuleErrorCode, detail: string, offset?: number): CapsuleError => ({
  code,
  layer: CAPSULE_ERRORS[code].layer,
  detail,
  ...(offset === undefined ? {} : { offset }),
});
