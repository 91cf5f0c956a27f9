// Builders for what boards were seen to be: say only what a test is about.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeObserved, type Observed } from '@seatrial/capsule-plan';
import {
  bytes,
  type FirmwareVersion,
  millis,
  parseBootId,
  parseFirmwareVersion,
  parseGuid,
  parseOstreeCommit,
} from '@seatrial/spec';
import { NOW } from './run-cli.ts';
import { emptyDirectory } from './workspace.ts';

const need = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('the test needs a value here');
  return value;
};

const firmware = (text: string): FirmwareVersion => need(parseFirmwareVersion(text));

/** A healthy, parked board at noon that runs tug-1 of the test's fleet. */
export const observed = (changes: Partial<Observed> = {}): Observed => ({
  bootId: need(parseBootId('00000000-0000-4000-8000-000000000001')),
  clock: { nowMs: NOW, timeZone: 'UTC' },
  firmware: {
    esrt: {
      fwClass: need(parseGuid('78462415-6133-431C-9FAE-48F2BAFD5C71')),
      fwType: 1,
      fwVersion: firmware('0.0.1.1'),
      lowestSupportedFwVersion: firmware('0.0.1.0'),
      capsuleFlags: 0,
      lastAttemptVersion: firmware('0.0.0.0'),
      lastAttemptStatus: 0,
    },
    osIndications: 0n,
    osIndicationsSupported: 4n,
    trial: { raw: 1n, widthBytes: 4 },
    variablesWritable: true,
    rpmbProvisioned: true,
  },
  esp: { writable: true, freeBytes: bytes(100 * 1024 * 1024), capsules: [] },
  os: {
    deployments: [
      {
        index: 0,
        commit: need(parseOstreeCommit('a'.repeat(64))),
        serial: 0,
        stateroot: 'poky',
        booted: true,
        staged: false,
        entry: { id: 'ostree-1-poky' },
      },
    ],
    ostreeCountsBoots: false,
    bootFreeBytes: bytes(100 * 1024 * 1024),
    sysrootFreeBytes: bytes(1024 ** 3),
  },
  fetched: { capsules: [], commits: [] },
  facts: { parked: true, network: 'ethernet' },
  ...changes,
});

/** The same board on another moment's clock. */
export const observedAt = (hour: number, changes: Partial<Observed> = {}): Observed =>
  observed({ clock: { nowMs: millis(Date.UTC(2026, 10, 21, hour)), timeZone: 'UTC' }, ...changes });

export interface SnapshotEntry {
  readonly device: string;
  readonly observed: Observed;
  readonly failures?: readonly object[];
}

/** The path of a snapshot file with these boards. */
export function snapshotFile(devices: readonly SnapshotEntry[]): string {
  const path = join(emptyDirectory(), 'observed.json');
  const plain = devices.map(({ observed: seen, ...rest }) => ({
    ...rest,
    observed: JSON.parse(Buffer.from(encodeObserved(seen)).toString('utf8')) as object,
  }));
  writeFileSync(path, JSON.stringify({ schema: 1, devices: plain }));
  return path;
}
