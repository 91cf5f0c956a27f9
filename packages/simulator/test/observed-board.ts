// A board of the simulated fleets as a snapshot would have it.

import type { Observed } from '@seatrial/capsule-plan';
import { bytes, firmwareVersion, millis, parseBootId } from '@seatrial/spec';
import { FW_CLASS } from '../src/hardware.ts';
import { FACTORY, FLOOR, need, RELEASES } from '../src/world.ts';

export const observedBoard = (release: 'r-1' | 'r-2'): Observed => ({
  bootId: need(parseBootId('00000000-0000-4000-8000-000000000001')),
  clock: { nowMs: millis(Date.UTC(2026, 0, 5, 9)), timeZone: 'UTC' },
  firmware: {
    esrt: {
      fwClass: FW_CLASS,
      fwType: 1,
      fwVersion: RELEASES[release].firmware,
      lowestSupportedFwVersion: FLOOR,
      capsuleFlags: 0,
      lastAttemptVersion: firmwareVersion(0),
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
        commit: RELEASES[release].os,
        serial: 0,
        stateroot: 'poky',
        booted: true,
        staged: false,
        entry: { id: 'ostree-2-poky' },
      },
      ...(release === 'r-1'
        ? []
        : [
            {
              index: 1,
              commit: FACTORY.os,
              serial: 0,
              stateroot: 'poky',
              booted: false,
              staged: false,
              entry: { id: 'ostree-1-poky' },
            },
          ]),
    ],
    ostreeCountsBoots: false,
    bootFreeBytes: bytes(100 * 1024 * 1024),
    sysrootFreeBytes: bytes(1024 ** 3),
  },
  fetched: { capsules: [], commits: [] },
  facts: {},
});
