// A fleet repository's files, written from the few things that a test is about.

import { type DesiredState, type GitCommit, validateFiles } from '@seatrial/spec';

export interface WrittenFleet {
  readonly devices?: readonly (string | { readonly id: string; readonly pin: string })[];
  readonly release?: string;
  /** Releases by name: the last two numbers of the firmware, and the digit that fills the commit. */
  readonly releases?: Readonly<Record<string, { readonly fw?: string; readonly os?: string }>>;
  readonly suspend?: boolean;
  readonly stages?: readonly string[];
  readonly successThreshold?: string;
  readonly failureBudget?: string;
  readonly deviceTimeout?: string;
  readonly onFailure?: 'pause' | 'revert';
  readonly approvals?: readonly string[];
  readonly gates?: string;
  readonly jitter?: string;
  /** Approvals that were given: role and stage. */
  readonly given?: readonly { readonly role: string; readonly stage: number }[];
  readonly controllerKey?: string;
  readonly name?: string;
}

export const FACTORY = { fw: '1.1', os: 'a' } as const;
export const NEWER = { fw: '1.2', os: 'b' } as const;
export const RELEASES = { 'r-1': FACTORY, 'r-2': NEWER, 'r-3': { fw: '1.3', os: 'c' } } as const;

/** Files by path; several fleets share boards, releases and trust when they are merged. */
export function filesOf(fleet: WrittenFleet = {}): Map<string, string> {
  const { devices = ['hub-1', 'hub-2', 'hub-3', 'hub-4'], releases = RELEASES, name = 'field' } = fleet;
  return new Map([
    ['board.yaml', BOARD],
    ['root.yaml', rootOf(fleet.controllerKey)],
    ...Object.entries(releases).map(
      ([release, half]) => [`releases/${release}.yaml`, releaseOf(release, half)] as const,
    ),
    [`${name}/devices.yaml`, devicesOf(devices, name)],
    [`${name}/fleet.yaml`, fleetOf(fleet)],
    ...(fleet.given ?? []).map(
      ({ role, stage }) => [`${name}/approval-${role}-${stage}.yaml`, approvalOf(fleet, role, stage)] as const,
    ),
  ]);
}

/** The desired state of such files; throws what is wrong with them. */
export function desiredOf(fleet: WrittenFleet = {}): DesiredState {
  return desiredFrom(filesOf(fleet));
}

export function desiredFrom(files: ReadonlyMap<string, string>): DesiredState {
  const bytes = new Map([...files].map(([path, text]) => [path, Buffer.from(text)]));
  const { desired, issues } = validateFiles(bytes);
  if (desired === undefined) throw new Error(JSON.stringify(issues.filter(({ severity }) => severity === 'error')));
  return desired;
}

export const gitCommit = (digit: string): GitCommit => digit.repeat(40) as GitCommit;

const head = (kind: string, name: string) => `apiVersion: seatrial.dev/v1alpha1
kind: ${kind}
metadata:
  name: ${name}
spec:
`;

const BOARD = `${head('Board', 'evk')}  target: QCS9100
  storage: UFS
  firmware:
    fwClass: 78462415-6133-431C-9FAE-48F2BAFD5C71
    versionFloor: 0.0.1.0
  esp: { size: 200MiB }
  os: { stateroot: poky }
`;

const rootOf = (
  controller = 'ezZCXp+DMyA0s99M8bWMdXKMb5OdwNYAP0XwQrUj7HE=',
) => `${head('TrustRoot', 'root')}  version: 1
  expires: 2037-11-01T00:00:00Z
  keys:
    k-root: { type: ed25519, public: "xcykFerw2wnIoazGyHUfLINuhUW6njKZdzXsEoOUSEU=" }
    k-vendor: { type: ed25519, public: "PCkDr5xmrNm52dDmqlHZpcEuHtpujYMuLnsbM+sU2Hw=" }
    k-operator: { type: ed25519, public: "rzJqwqpI3MKfxlMM+0aNQiurdFnu9CYVYJhErr2+JnQ=" }
    k-controller: { type: ed25519, public: "${controller}" }
  roles:
    root: { threshold: 1, keys: [k-root] }
    vendor: { threshold: 1, keys: [k-vendor] }
    operator: { threshold: 1, keys: [k-operator] }
    controller: { threshold: 1, keys: [k-controller] }
    ground-crew: { threshold: 1, keys: [k-operator] }
`;

const releaseOf = (
  name: string,
  { fw, os }: { readonly fw?: string; readonly os?: string },
) => `${head('Release', name)}  board: evk
${fw === undefined ? '' : firmwareOf(name, fw)}${os === undefined ? '' : osOf(os)}`;

const firmwareOf = (name: string, fw: string) => `  firmware:
    version: 0.0.${fw}
    lowestSupported: 0.0.1.0
    capsules:
      - name: firmware.cap
        url: https://artifacts.example.com/${name}/firmware.cap
        size: 1024
        sha256: "${'c'.repeat(64)}"
`;

const osOf = (digit: string) => `  os:
    remote: poky
    ref: poky/evk
    commit: "${digit.repeat(64)}"
`;

const devicesOf = (
  devices: NonNullable<WrittenFleet['devices']>,
  name: string,
) => `${head('DeviceList', `${name}-devices`)}  board: evk
  labels: { ring: ${name} }
  devices:${devices.length === 0 ? ' []' : ''}
${devices.map(device => (typeof device === 'string' ? `    - id: ${device}` : `    - { id: ${device.id}, pin: ${device.pin} }`)).join('\n')}
`;

function fleetOf(fleet: WrittenFleet): string {
  const { name = 'field', stages = ['{ limit: 1 }', '{ limit: 100% }'], approvals = [] } = fleet;
  return `${head('Fleet', name)}  board: evk
  selector: { matchLabels: { ring: ${name} } }
  release: ${fleet.release ?? 'r-1'}
  suspend: ${fleet.suspend ?? false}
  rollout:
    stages:
${stages.map(stage => `      - ${stage}`).join('\n')}
    successThreshold: ${fleet.successThreshold ?? '100%'}
    failureBudget: ${fleet.failureBudget ?? 0}
    deviceTimeout: ${fleet.deviceTimeout ?? '6h'}
    onFailure: ${fleet.onFailure ?? 'pause'}
${approvals.length === 0 ? '' : `    approvals: [${approvals.join(', ')}]\n`}${fleet.gates === undefined ? '' : `  gates: ${fleet.gates}\n`}  download: { jitter: ${fleet.jitter ?? '0s'} }
  trial:
    healthChecks:
      - { name: system, unit: multi-user.target }
`;
}

const approvalOf = ({ name = 'field', release = 'r-1' }: WrittenFleet, role: string, stage: number) =>
  `${head('Approval', `approval-${role}-${stage}`)}  fleet: ${name}
  release: ${release}
  role: ${role}
  stage: ${stage}
  by: crew@example.com
`;
