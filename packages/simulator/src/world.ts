// What the simulated world is made of: releases and how they behave, and the fleet repository's files.

import {
  type DesiredState,
  type FirmwareVersion,
  InvariantError,
  type OstreeCommit,
  type ParsedFile,
  parseFirmwareVersion,
  parseOstreeCommit,
  type Sha256,
  sha256Hex,
  validateFiles,
} from '@seatrial/spec';

export const need = <T>(value: T | undefined, what = 'a value'): T => {
  if (value === undefined) throw new InvariantError(`the simulation needs ${what}`);
  return value;
};

/** How the OS of a release behaves on one board. */
export type OsBehaviour = 'healthy' | 'unhealthy' | 'panics' | 'hangs' | 'flaps' | 'crashes-once';
/** `dead`: no OS ever starts on it. `refused`: its signature does not hold. */
export type FirmwareBehaviour = 'fine' | 'refused' | 'dead';

export interface SimRelease {
  readonly name: string;
  readonly firmware?: FirmwareVersion;
  readonly os?: OstreeCommit;
  readonly transaction: 'coupled' | 'firmwareFirst';
}

const fw = (text: string): FirmwareVersion => need(parseFirmwareVersion(`0.0.${text}`));
const os = (digit: string): OstreeCommit => need(parseOstreeCommit(digit.repeat(64)));

export const FACTORY = { firmware: fw('1.1'), os: os('a') };
export const FLOOR = fw('1.0');

export const RELEASES = {
  'r-1': { name: 'r-1', ...FACTORY, transaction: 'coupled' },
  'r-2': { name: 'r-2', firmware: fw('1.2'), os: os('b'), transaction: 'coupled' },
  'r-3': { name: 'r-3', firmware: fw('1.3'), os: os('c'), transaction: 'firmwareFirst' },
  'r-4': { name: 'r-4', os: os('d'), transaction: 'coupled' },
  'r-5': { name: 'r-5', firmware: fw('1.4'), transaction: 'coupled' },
} as const satisfies Readonly<Record<string, SimRelease>>;
export type ReleaseName = keyof typeof RELEASES;

/** The capsule of a firmware version, as small as one can be that the simulated firmware understands. */
export const capsuleOf = (version: FirmwareVersion): Uint8Array =>
  Buffer.from(JSON.stringify({ version, lowestSupported: FLOOR }));
export const capsuleUrl = (version: FirmwareVersion): string => `https://artifacts.example.com/${version}.cap`;
export const capsuleDigest = (version: FirmwareVersion): Sha256 => sha256Hex(capsuleOf(version));
export const FIRMWARES: readonly FirmwareVersion[] = Object.values(RELEASES).flatMap(
  (release: SimRelease) => release.firmware ?? [],
);
export const COMMITS: readonly OstreeCommit[] = Object.values(RELEASES).flatMap(
  (release: SimRelease) => release.os ?? [],
);

/** What the fleet's file says; everything else is the same in every simulation. */
export interface FleetFile {
  readonly release: ReleaseName;
  readonly boards: readonly string[];
  readonly stages: readonly string[];
  readonly successThreshold: number;
  readonly failureBudget: string;
  readonly deviceTimeout: string;
  readonly suspend: boolean;
  readonly parked: boolean;
  /** Maintenance from 22:00 on, so many hours; 0 is always. */
  readonly windowHours: number;
  readonly bootTries: number;
  /** The fleet is not in git at all. */
  readonly isRemoved: boolean;
  /** The ground crew must approve the last stage; undefined where nobody need. */
  readonly approved?: readonly Approved[];
}

export interface Approved {
  readonly release: ReleaseName;
  readonly stage: number;
}

const head = (kind: string, name: string): string =>
  `apiVersion: seatrial.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec:\n`;

const BOARD = `${head('Board', 'evk')}  target: QCS9100
  storage: UFS
  firmware: { fwClass: 78462415-6133-431C-9FAE-48F2BAFD5C71, versionFloor: 0.0.1.0 }
  esp: { size: 200MiB }
  os: { stateroot: poky }
`;

const ROOT = `${head('TrustRoot', 'root')}  version: 1
  expires: 2037-11-01T00:00:00Z
  keys:
    k-root: { type: ed25519, public: "xcykFerw2wnIoazGyHUfLINuhUW6njKZdzXsEoOUSEU=" }
    k-vendor: { type: ed25519, public: "PCkDr5xmrNm52dDmqlHZpcEuHtpujYMuLnsbM+sU2Hw=" }
    k-operator: { type: ed25519, public: "rzJqwqpI3MKfxlMM+0aNQiurdFnu9CYVYJhErr2+JnQ=" }
    k-controller: { type: ed25519, public: "ezZCXp+DMyA0s99M8bWMdXKMb5OdwNYAP0XwQrUj7HE=" }
  roles:
    root: { threshold: 1, keys: [k-root] }
    vendor: { threshold: 1, keys: [k-vendor] }
    operator: { threshold: 1, keys: [k-operator] }
    controller: { threshold: 1, keys: [k-controller] }
    ground-crew: { threshold: 1, keys: [k-operator] }
`;

function releaseFile({ name, firmware, os: commit, transaction }: SimRelease): string {
  const version = firmware === undefined ? '' : `0.0.${firmware >>> 16}.${firmware & 0xffff}`;
  return `${head('Release', name)}  board: evk
  transaction: ${transaction}
${
  firmware === undefined
    ? ''
    : `  firmware:
    version: ${version}
    lowestSupported: 0.0.1.0
    capsules:
      - name: firmware.cap
        url: ${capsuleUrl(firmware)}
        size: ${capsuleOf(firmware).byteLength}
        sha256: "${capsuleDigest(firmware)}"
`
}${commit === undefined ? '' : `  os: { remote: poky, ref: poky/evk, commit: "${commit}" }\n`}`;
}

const fleetFile = (fleet: FleetFile): string => `${head('Fleet', 'field')}  board: evk
  selector: { matchLabels: { ring: field } }
  release: ${fleet.release}
  suspend: ${fleet.suspend}
  rollout:
    stages:
${fleet.stages.map(stage => `      - ${stage}`).join('\n')}
    successThreshold: ${fleet.successThreshold}%
    failureBudget: ${fleet.failureBudget}
    deviceTimeout: ${fleet.deviceTimeout}
    onFailure: pause
${fleet.approved === undefined ? '' : `    approvals: [{ role: ground-crew, stage: ${fleet.stages.length} }]\n`}${fleet.windowHours === 0 ? '' : `  windows:\n    - { start: "0 22 * * *", duration: ${fleet.windowHours}h, timeZone: UTC }\n`}  gates: { parked: ${fleet.parked} }
  download: { jitter: 0s }
  trial:
    bootTries: ${fleet.bootTries}
    healthDeadline: 2m
    healthChecks:
      - { name: system, unit: multi-user.target, timeout: 30s }
`;

const approvalFile = ({
  release,
  stage,
}: Approved): string => `${head('Approval', `approval-${release}-${stage}`)}  fleet: field
  release: ${release}
  role: ground-crew
  stage: ${stage}
  by: crew@example.com
`;

const devicesFile = ({ boards }: FleetFile): string => `${head('DeviceList', 'field-devices')}  board: evk
  labels: { ring: field }
  devices:
${boards.map(id => `    - id: ${id}`).join('\n')}
`;

const known = new Map<string, DesiredState>();
const parsed = new Map<Sha256, ParsedFile>();
/** Every seed brings files of its own: a long run must not remember them all. */
const MOST_KNOWN = 500;

/** Files as people write them, through the product's own validation. */
export function desiredOf(fleet: FleetFile): DesiredState {
  const files: readonly (readonly [string, string])[] = [
    ['board.yaml', BOARD],
    ['root.yaml', ROOT],
    ...Object.values(RELEASES).map(release => [`releases/${release.name}.yaml`, releaseFile(release)] as const),
    ['devices.yaml', devicesFile(fleet)],
    ...(fleet.isRemoved ? [] : [['fleet.yaml', fleetFile(fleet)] as const]),
    ...(fleet.isRemoved ? [] : (fleet.approved ?? [])).map(
      given => [`approvals/${given.release}-${given.stage}.yaml`, approvalFile(given)] as const,
    ),
  ];
  const key = JSON.stringify(fleet);
  const before = known.get(key);
  if (before !== undefined) return before;
  const { desired, issues } = validateFiles(
    new Map(files.map(([path, text]) => [path, Buffer.from(text)])),
    {},
    parsed,
  );
  if (desired === undefined) throw new InvariantError(JSON.stringify(issues.slice(0, 3)));
  if (known.size > MOST_KNOWN) known.clear();
  if (parsed.size > MOST_KNOWN) parsed.clear();
  known.set(key, desired);
  return desired;
}
