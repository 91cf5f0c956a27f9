// Documents whose fields are not what their kind says.

import type { IssueKind } from '../issue-table.ts';

export const SHAPE_ISSUES = {
  'not-a-document': {
    severity: 'error',
    title: 'Not a document',
    cause: 'A document must be a mapping with apiVersion, kind, metadata and spec.',
    remedy: 'Start from an example in fleets/, or move files of another purpose out of this directory.',
  },
  'unknown-api-version': {
    severity: 'error',
    title: 'Unknown apiVersion',
    cause: 'This version of the tool reads seatrial.dev/v1alpha1 only.',
    remedy: 'Write apiVersion: seatrial.dev/v1alpha1.',
  },
  'unknown-kind': {
    severity: 'error',
    title: 'Unknown kind',
    cause: 'The kind is none of Board, Release, Fleet, DeviceList, Approval, TrustRoot.',
    remedy: 'Mind the capital letters.',
  },
  'unknown-key': {
    severity: 'error',
    title: 'Unknown key',
    cause: 'The kind has no field of this name here; it may be misspelt or indented wrongly.',
    remedy: 'Compare with the page of the kind in docs/spec.',
  },
  'missing-field': {
    severity: 'error',
    title: 'Field missing',
    cause: 'A field that has no default is absent.',
    remedy: 'Add it; the page of the kind in docs/spec says what belongs there.',
  },
  'wrong-type': {
    severity: 'error',
    title: 'Wrong type of value',
    cause: 'For example a text where a list belongs, or a fraction where a whole number belongs.',
    remedy: 'Compare with the page of the kind in docs/spec.',
  },
  'wrong-value': {
    severity: 'error',
    title: 'Value not allowed here',
    cause: 'The field takes one of a few fixed values, or excludes another field.',
    remedy: 'Use one of the values that the message lists.',
  },
  'out-of-range': {
    severity: 'error',
    title: 'Number out of range',
    cause: 'The number is below the least or above the greatest value that the field allows.',
    remedy: 'Choose a number in the range that the message names.',
  },
  'too-long': {
    severity: 'error',
    title: 'Text, list or mapping too long',
    cause: 'Every text, list and mapping has an upper bound, so that no file can exhaust the reader.',
    remedy: 'Shorten it, or split the document.',
  },
  'too-short': {
    severity: 'error',
    title: 'Text or list too short',
    cause: 'The field needs at least one character or member.',
    remedy: 'Fill it in.',
  },
  'unquoted-text': {
    severity: 'error',
    title: 'Text must be quoted here',
    cause:
      'YAML reads this unquoted value as a number, a boolean or null: a digest such as 12e4567 would become infinite.',
    remedy: 'Put the value in double quotes.',
  },
  'bad-text': {
    severity: 'error',
    title: 'Text has forbidden characters',
    cause: 'The field allows only certain characters, so that it is safe as file name, argument or topic.',
    remedy: 'Follow the form in the message.',
  },
  'bad-name': {
    severity: 'error',
    title: 'Not a name',
    cause: 'A name is 1 to 63 of a-z, 0-9, dot and dash, and starts and ends with a letter or digit.',
    remedy: 'Rename it; file names do not matter.',
  },
  'bad-device-id': {
    severity: 'error',
    title: 'Not a device id',
    cause: 'A device id is 1 to 64 of A-Z, a-z, 0-9, dot, underscore and dash, and starts with a letter or digit.',
    remedy: 'Use the common name of the board’s client certificate.',
  },
  'bad-guid': {
    severity: 'error',
    title: 'Not a GUID',
    cause: 'A GUID is written as 8-4-4-4-12 hex digits without braces.',
    remedy: 'Copy it from the ESRT: /sys/firmware/efi/esrt/entries/entry0/fw_class.',
  },
  'bad-digest': {
    severity: 'error',
    title: 'Not a digest',
    cause: 'SHA-256 digests and OSTree commits are exactly 64 lower-case hex digits.',
    remedy: 'Copy the whole digest from sha256sum or ostree rev-parse.',
  },
  'bad-version': {
    severity: 'error',
    title: 'Not a firmware version',
    cause: 'Firmware versions are 0.0.A.B with A and B up to 65535; a requirement is >=0.0.A.B.',
    remedy: 'Use the version that the capsule was built with.',
  },
  'bad-duration': {
    severity: 'error',
    title: 'Not a duration',
    cause: 'A duration is a whole number with s, m, h or d, at most 90 days; most must be longer than nothing.',
    remedy: 'Write 30s, 15m, 24h or 7d.',
  },
  'bad-size': {
    severity: 'error',
    title: 'Not a size',
    cause: 'A size is a whole number of bytes, or one with B, KiB, MiB or GiB, and more than nothing.',
    remedy: 'Write 4202221 or 200MiB.',
  },
  'bad-rate': {
    severity: 'error',
    title: 'Not a rate',
    cause: 'A rate is a size with a unit per second, and more than nothing.',
    remedy: 'Write 512KiB/s.',
  },
  'bad-percent': {
    severity: 'error',
    title: 'Not a percentage',
    cause: 'A percentage is a number up to 100 with at most three decimals and a percent sign.',
    remedy: 'Write 1%, 0.5% or 100%.',
  },
  'bad-cron': {
    severity: 'error',
    title: 'Not a cron time',
    cause:
      'The start of a window has five fields (minute, hour, day, month, weekday) and must come round at some time.',
    remedy: 'Write "0 2 * * *" for two o’clock every night.',
  },
  'bad-time-zone': {
    severity: 'error',
    title: 'Not a time zone',
    cause: 'The zone is neither device nor a name of the IANA time zone database.',
    remedy: 'Write device, UTC or a name such as Europe/Berlin.',
  },
  'bad-url': {
    severity: 'error',
    title: 'Not a URL that boards may fetch',
    cause: 'The URL is not http or https, has characters that need escaping, or holds a user name or password.',
    remedy: 'Escape it, and keep credentials out of git.',
  },
  'bad-timestamp': {
    severity: 'error',
    title: 'Not a moment in time',
    cause: 'A moment is written in UTC to the second, and must exist in the calendar.',
    remedy: 'Write 2027-11-01T00:00:00Z.',
  },
  'bad-public-key': {
    severity: 'error',
    title: 'Not an Ed25519 public key',
    cause: 'A public key is its 32 raw bytes in standard, padded base64: 44 characters.',
    remedy: 'Take the last 32 bytes of the key in DER form and encode them in base64.',
  },
  'release-empty': {
    severity: 'error',
    title: 'Release has nothing in it',
    cause: 'Either half of a release may be absent, but not both.',
    remedy: 'Add firmware, os or both.',
  },
} as const satisfies Readonly<Record<string, IssueKind>>;
