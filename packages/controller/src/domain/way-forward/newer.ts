// Whether there is something newer than what a release holds, and what a release of it would be called.

import { formatFirmwareVersion, type Name, parseName, type ResolvedRelease } from '@seatrial/spec';
import type { FirmwareArtifact, OsArtifact } from '../artifacts/artifact.ts';

/** At least one half is there. */
export interface Newer {
  readonly os?: OsArtifact;
  readonly firmware?: FirmwareArtifact;
}

export interface Found {
  readonly os?: OsArtifact | undefined;
  /** Newest first. */
  readonly firmware: readonly FirmwareArtifact[];
}

/**
 * A ref moves forwards and back as its build likes, so another commit is a newer one; firmware is newer by its version alone.
 * A half that the release does not have stays absent.
 */
export function newerThan({ payload }: Pick<ResolvedRelease, 'payload'>, { os, firmware }: Found): Newer | undefined {
  const [newest] = firmware;
  const newer: Newer = {
    ...(payload.os !== undefined && os !== undefined && os.commit !== payload.os.commit && { os }),
    ...(payload.firmware !== undefined &&
      newest !== undefined &&
      newest.version > payload.firmware.version && { firmware: newest }),
  };
  return newer.os === undefined && newer.firmware === undefined ? undefined : newer;
}

const LONGEST_NAME = 63;

/** `iq9075-2026.11.0` becomes `iq9075-2026.12.0`: the stem before the first number, and what the build calls itself. */
export function nextName(current: Name, newer: Newer): Name {
  const [, stem = current] = /^(.+?)-\d[a-z0-9.-]*$/.exec(current) ?? [];
  const name = fitted(stem, labelOf(current, newer));
  return parseName(name) ?? current;
}

/** Where that name is taken by something else. */
export function distinctName(name: Name, newer: Newer): Name {
  const digest = newer.os?.commit ?? newer.firmware?.capsules[0]?.sha256 ?? '';
  return parseName(fitted(name, digest.slice(0, 8))) ?? name;
}

const fitted = (stem: string, label: string): string => `${stem.slice(0, LONGEST_NAME - 1 - label.length)}-${label}`;

/** New firmware under an unchanged system keeps the name of the system before its own. */
function labelOf(current: Name, { os, firmware }: Newer): string {
  if (os !== undefined) return inName(os.version ?? '') ?? os.commit.slice(0, 12);
  const version = firmware === undefined ? '' : formatFirmwareVersion(firmware.version);
  const [, before] = /^.+?-(\d[a-z0-9.]*)/.exec(current) ?? [];
  return before === undefined || /^0\.0\.\d+\.\d+$/.test(before) ? version : `${before}-fw${version}`;
}

/** What of a text may stand in a name; undefined where nothing is left of it. */
function inName(text: string): string | undefined {
  const cleaned = text
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '.')
    .replace(/^\.+|\.+$/g, '')
    .slice(0, 32)
    .replace(/\.+$/, '');
  return cleaned === '' ? undefined : cleaned;
}
