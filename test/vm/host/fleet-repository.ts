// The fleet's git repository as an engineer keeps it: board, device list, fleet, releases signed with `seatrial sign`.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type DeviceId,
  type FirmwareVersion,
  formatFirmwareVersion,
  type Guid,
  type OstreeCommit,
  type Payload,
} from '@seatrial/spec';
import { HOST_ADDRESS, HTTP_PORT, REMOTE, STATEROOT } from '../image/board-files.ts';
import { fleetTrust, keyFile, type Role, SEATRIAL } from '../image/keys.ts';
import type { Built } from '../image/stage.ts';
import { run } from '../run-program.ts';

export const ARTIFACTS = `http://${HOST_ADDRESS}:${HTTP_PORT}`;

export interface CapsuleArtifact {
  readonly version: FirmwareVersion;
  readonly lowestSupported: FirmwareVersion;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface ReleaseOrder {
  readonly name: string;
  readonly transaction?: Payload['transaction'];
  readonly capsule?: CapsuleArtifact;
  readonly os?: { readonly ref: string; readonly commit: OstreeCommit };
}

export interface RepositoryOptions {
  readonly directory: string;
  readonly keys: Built;
  readonly device: DeviceId;
  readonly fwClass: Guid;
}

export class FleetRepository {
  readonly directory: string;
  readonly #options: RepositoryOptions;

  private constructor(options: RepositoryOptions) {
    this.#options = options;
    this.directory = options.directory;
  }

  static async create(options: RepositoryOptions, first: ReleaseOrder): Promise<FleetRepository> {
    const repository = new FleetRepository(options);
    const { device, fwClass, keys } = options;
    mkdirSync(options.directory, { recursive: true });
    repository.#write('boards/test-board.yaml', boardYaml(fwClass));
    repository.#write('devices.yaml', devicesYaml(device));
    repository.#write('trust/root.yaml', fleetTrust(keys));
    await repository.#sign('trust/root.yaml', ['root']);
    await repository.#git('init', '--quiet', '--initial-branch=main');
    await repository.roll(first);
    return repository;
  }

  /** Adds a signed release and points the fleet at it, in one commit: what a merged pull request leaves behind. */
  async roll(order: ReleaseOrder): Promise<void> {
    const path = `releases/${order.name}.yaml`;
    this.#write(path, releaseYaml(order));
    await this.#sign(path, ['vendor', 'operator']);
    this.#write('fleet.yaml', fleetYaml(order.name));
    await this.#git('add', '--all');
    await this.#git('commit', '--quiet', '--message', `Roll ${order.name} out`);
  }

  async #sign(path: string, roles: readonly Role[]): Promise<void> {
    const keys = roles.map(role => keyFile(this.#options.keys, role));
    await run(process.execPath, [SEATRIAL, 'sign', join(this.directory, path), '--key', ...keys]);
  }

  #write(path: string, text: string): void {
    const file = join(this.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  async #git(...words: readonly string[]): Promise<void> {
    const author = ['-c', 'user.name=Fleet Engineer', '-c', 'user.email=engineer@example.com'];
    const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
    await run('git', ['-C', this.directory, ...author, ...words], { env });
  }
}

const boardYaml = (fwClass: Guid): string => `apiVersion: seatrial.dev/v1alpha1
kind: Board
metadata: { name: test-board }
spec:
  target: QCS9100
  storage: UFS
  firmware:
    fwClass: ${fwClass}
    versionFloor: 0.0.1.0
    trial: required
    trialVariable: { name: OsTrialBootStatus, guid: 8be4df61-93ca-11d2-aa0d-00e098032b8c }
  esp: { mountPoint: /boot, size: 256MiB }
  os: { stateroot: ${STATEROOT}, bootLoader: systemd-boot }
  limits: { nvram: 64KiB }
`;

const devicesYaml = (device: DeviceId): string => `apiVersion: seatrial.dev/v1alpha1
kind: DeviceList
metadata: { name: bench }
spec:
  board: test-board
  labels: { ring: bench }
  devices: [{ id: ${device} }]
`;

const fleetYaml = (release: string): string => `apiVersion: seatrial.dev/v1alpha1
kind: Fleet
metadata: { name: bench }
spec:
  board: test-board
  selector: { matchLabels: { ring: bench } }
  release: ${release}
  rollout:
    stages: [{ limit: 100% }]
    successThreshold: 100%
    failureBudget: 0
    deviceTimeout: 4h
    onFailure: pause
  windows: []
  gates: { parked: false, charging: false, consent: notRequired }
  trial:
    bootTries: 3
    healthDeadline: 45s
    healthChecks:
      - { name: application, unit: application.service, timeout: 30s }
`;

const releaseYaml = ({ name, transaction = 'coupled', capsule, os }: ReleaseOrder): string =>
  [
    'apiVersion: seatrial.dev/v1alpha1\nkind: Release\n',
    `metadata: { name: ${name} }\nspec:\n  board: test-board\n  transaction: ${transaction}\n`,
    capsule === undefined ? '' : firmwareYaml(capsule),
    os === undefined ? '' : osYaml(os),
  ].join('');

const firmwareYaml = ({
  version,
  lowestSupported,
  fileName,
  sizeBytes,
  sha256,
}: CapsuleArtifact): string => `  firmware:
    version: ${formatFirmwareVersion(version)}
    lowestSupported: ${formatFirmwareVersion(lowestSupported)}
    capsules: [{ name: firmware.cap, url: "${ARTIFACTS}/${fileName}", size: ${sizeBytes}, sha256: "${sha256}" }]
`;

const osYaml = ({ ref, commit }: NonNullable<ReleaseOrder['os']>): string => `  os:
    remote: ${REMOTE}
    ref: ${ref}
    commit: "${commit}"
    url: "${ARTIFACTS}/ostree"
`;
