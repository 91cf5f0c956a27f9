// The documents of a generated fleet repository, by number: small, valid, and like those that people write.

import { createHash } from 'node:crypto';

export const BOARD_TYPES = 4;
export const DEVICES_PER_LIST = 5;

const four = (n: number): string => String(n).padStart(4, '0');
export const boardName = (n: number): string => `hub-${(n % BOARD_TYPES) + 1}`;
export const releaseName = (n: number): string => `${boardName(n)}-2026.${four(n)}`;
export const fleetName = (n: number): string => `fleet-${four(n)}`;
export const listName = (n: number): string => `devices-${four(n)}`;

const REGIONS = ['emea', 'apac', 'na', 'latam'] as const;
const hex = (text: string): string => createHash('sha256').update(text).digest('hex');

export const board = (n: number): string => `apiVersion: seatrial.dev/v1alpha1
kind: Board
metadata:
  name: ${boardName(n)}
spec:
  target: QCS9100
  storage: UFS
  firmware:
    fwClass: 78462415-6133-431C-9FAE-48F2BAFD5C71
    versionFloor: 0.0.1.0
    trial: required
  esp:
    mountPoint: /boot
    size: 200MiB
  os:
    stateroot: poky
    bootLoader: systemd-boot
`;

/** A release may name a commit that exists. */
export const release = (n: number, commit: string = hex(`commit ${n}`)): string => `apiVersion: seatrial.dev/v1alpha1
kind: Release
metadata:
  name: ${releaseName(n)}
spec:
  board: ${boardName(n)}
  transaction: coupled
  firmware:
    version: 0.0.1.${n % 250}
    lowestSupported: 0.0.1.0
    capsules:
      - name: firmware.cap
        url: https://artifacts.example.com/${releaseName(n)}/firmware.cap
        size: 4202221
        sha256: "${hex(`capsule ${n}`)}"
  os:
    remote: poky
    ref: ${boardName(n)}/stable
    commit: "${commit}"
    requires:
      firmware: ">=0.0.1.0"
  notes: |
    Release ${n} of the house.
`;

/** A fleet may follow another release than its own. */
export const fleet = (n: number, follows: string = releaseName(n)): string => `apiVersion: seatrial.dev/v1alpha1
kind: Fleet
metadata:
  name: ${fleetName(n)}
spec:
  board: ${boardName(n)}
  selector:
    matchLabels:
      fleet: ${fleetName(n)}
  release: ${follows}
  rollout:
    stages:
      - { limit: 1%, soak: 24h }
      - { limit: 10%, soak: 48h }
      - { limit: 100% }
    successThreshold: 98%
    failureBudget: 1%
    deviceTimeout: 6h
    onFailure: pause
  windows:
    - { start: "0 2 * * *", duration: 3h, timeZone: device }
  gates:
    battery: { minPercent: 40, minVolts: 12.5 }
    parked: true
    charging: true
    network: [wifi, ethernet]
    consent: notRequired
  download:
    maxRate: 512KiB/s
    networks: [wifi, ethernet]
    jitter: 15m
  trial:
    bootTries: 3
    healthDeadline: 5m
    healthChecks:
      - { name: system, unit: multi-user.target }
      - { name: modem, command: [/usr/bin/modem-check, --quick], timeout: 30s }
`;

export const deviceName = (list: number, n: number): string => `vehicle-${four(list)}-${n}`;

export interface ListOptions {
  readonly fleet: number;
  readonly ring: string;
  readonly devices?: number;
}

export const deviceList = (
  n: number,
  { fleet: ofFleet, ring, devices = DEVICES_PER_LIST }: ListOptions,
): string => `apiVersion: seatrial.dev/v1alpha1
kind: DeviceList
metadata:
  name: ${listName(n)}
spec:
  board: ${boardName(ofFleet)}
  labels:
    fleet: ${fleetName(ofFleet)}
    ring: ${ring}
  devices:
${Array.from({ length: devices }, (_, d) => device(n, d)).join('')}`;

const device = (list: number, n: number): string => `    - id: ${deviceName(list, n)}
      labels: { region: ${REGIONS[(list + n) % REGIONS.length]}, depot: depot-${list % 40} }
`;
