// Identifiers as branded strings: a device id can not be passed where a commit is wanted.
// Every constructor returns undefined for text that is not such an id; `as` appears nowhere else.

declare const brand: unique symbol;
export type Branded<T, B extends string> = T & { readonly [brand]: B };

/** A board's identity and its MQTT client id and certificate CN: 1 to 64 of `A-Z a-z 0-9 . _ -`, starting with a letter or digit. */
export type DeviceId = Branded<string, 'DeviceId'>;
/** A metadata.name: 1 to 63 of `a-z 0-9 . -`, starting and ending with a letter or digit. */
export type Name = Branded<string, 'Name'>;
/** A GUID in upper-case registry form, `78462415-6133-431C-9FAE-48F2BAFD5C71`. */
export type Guid = Branded<string, 'Guid'>;
/** 64 lower-case hex digits. */
export type Sha256 = Branded<string, 'Sha256'>;
/** 64 lower-case hex digits: the checksum of an OSTree commit object. */
export type OstreeCommit = Branded<string, 'OstreeCommit'>;
/** 40 (SHA-1) or 64 (SHA-256) lower-case hex digits. */
export type GitCommit = Branded<string, 'GitCommit'>;
/** The kernel's random id of one boot, from /proc/sys/kernel/random/boot_id. */
export type BootId = Branded<string, 'BootId'>;
/** Counts the plans published to one board, from 1; never goes back. */
export type Generation = Branded<number, 'Generation'>;
/** Names a key of a TrustRoot. */
export type KeyId = Branded<string, 'KeyId'>;

const parser =
  <T extends string>(pattern: RegExp, normalize: (text: string) => string = text => text) =>
  (text: string): T | undefined =>
    pattern.test(text) ? (normalize(text) as T) : undefined;

export const parseDeviceId = parser<DeviceId>(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
export const parseName = parser<Name>(/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/);
export const parseGuid = parser<Guid>(/^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$/, text =>
  text.toUpperCase(),
);
export const parseSha256 = parser<Sha256>(/^[0-9a-f]{64}$/);
export const parseOstreeCommit = parser<OstreeCommit>(/^[0-9a-f]{64}$/);
export const parseGitCommit = parser<GitCommit>(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
export const parseBootId = parser<BootId>(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/);
export const parseKeyId = parser<KeyId>(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

export const parseGeneration = (value: number): Generation | undefined =>
  Number.isSafeInteger(value) && value >= 1 ? (value as Generation) : undefined;
