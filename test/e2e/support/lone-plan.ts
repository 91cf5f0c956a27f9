// What a lone board is sent: systems and capsules made for the occasion on a real server, and signed plans that ask for them.

import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePlan, NEW_TRIAL_BOOT, type Plan, type PlanTarget } from '@seatrial/capsule-plan';
import {
  bytes,
  type FirmwareVersion,
  fingerprint,
  firmwareVersion,
  InvariantError,
  millis,
  type Payload,
  parseDeviceId,
  parseGeneration,
  parseGitCommit,
  parseGuid,
  parseKeyId,
  parseName,
  parseUrl,
  publicKeyOf,
  type Signer,
  sha256Hex,
} from '@seatrial/spec';
import {
  type AgentSetup,
  type ArtifactServer,
  type Behaviour,
  type CapsuleFlaw,
  type CapsuleVerifier,
  commitSystem,
  createCapsuleFactory,
  createOstreeRepository,
  createVirtualBoard,
  startArtifactServer,
  trustingVerifier,
  type VirtualBoard,
} from '@seatrial/virtual-board';

export const known = <T>(value: T | undefined): T => {
  if (value === undefined) throw new InvariantError('the test needs a value here');
  return value;
};

export const v = (n: number): FirmwareVersion => firmwareVersion(0x1_0000 + n);
export const DEVICE = known(parseDeviceId('hub-01'));
const FW_CLASS = known(parseGuid('78462415-6133-431C-9FAE-48F2BAFD5C71'));
const GLOBAL = known(parseGuid('8be4df61-93ca-11d2-aa0d-00e098032b8c'));
const REF = 'lab/x86_64/hub';
const STATEROOT = 'lab';

export interface Halves {
  readonly firmware?: { readonly version: FirmwareVersion; readonly flaw?: CapsuleFlaw };
  readonly os?: { readonly version: string; readonly behaviour?: Partial<Behaviour> };
  readonly transaction?: Payload['transaction'];
}

/** A vendor, an operator and a server in one: everything on the other side of a board. */
export class Workshop {
  readonly verifyCapsule: CapsuleVerifier;
  readonly #artifacts: string;
  readonly #server: ArtifactServer;
  readonly #capsules = createCapsuleFactory();
  readonly #signer: Signer = {
    keyId: known(parseKeyId('k-controller')),
    privateKey: generateKeyPairSync('ed25519').privateKey,
  };

  private constructor(artifacts: string, server: ArtifactServer) {
    this.#artifacts = artifacts;
    this.#server = server;
    this.verifyCapsule = trustingVerifier(this.#capsules.anchors);
  }

  /** Serves `artifacts`, which it makes. */
  static async open(artifacts: string): Promise<Workshop> {
    await createOstreeRepository(join(artifacts, 'ostree'));
    return new Workshop(artifacts, await startArtifactServer({ directory: artifacts }));
  }

  close = (): Promise<void> => this.#server.close();

  /** A board with version 1.0.0 that believes this workshop's plans. */
  async makeBoard(options: {
    readonly directory: string;
    readonly agent: AgentSetup;
    readonly agentConfig: (paths: { readonly root: string; readonly bin: string }) => string;
  }): Promise<VirtualBoard> {
    const repository = this.#repository;
    const board = await createVirtualBoard({
      ...options,
      id: DEVICE,
      verifyCapsule: this.verifyCapsule,
      firmware: { fwClass: FW_CLASS, version: v(1), lowestSupported: v(0), trial: NEW_TRIAL_BOOT },
      system: {
        repository,
        ref: REF,
        commit: await commitSystem(repository, { ref: REF, version: '1.0.0' }),
        stateroot: STATEROOT,
        remote: { name: 'lab', url: `${this.#server.url}/ostree` },
      },
    });
    const trust = {
      version: 1,
      keys: { 'k-controller': publicKeyOf(this.#signer.privateKey) },
      roles: { controller: { threshold: 1, keys: ['k-controller'] } },
    };
    writeFileSync(join(board.paths.agentState, 'root.json'), JSON.stringify(trust));
    return board;
  }

  /** Makes what the halves describe and a plan for it, good for an hour. */
  async plan(halves: Halves, generation: number): Promise<Plan> {
    const nowMs = millis(Date.now());
    return {
      ...targetOf(await this.#payload(halves)),
      schema: 1,
      device: DEVICE,
      generation: known(parseGeneration(generation)),
      gitCommit: known(parseGitCommit('0'.repeat(40))),
      fleet: known(parseName('lab')),
      release: known(parseName('lab-1.1.0')),
      issuedAtMs: nowMs,
      expiresAtMs: millis(nowMs + 3_600_000),
    };
  }

  /** In the envelope in which it travels. */
  sign = (plan: Plan): Buffer => Buffer.from(encodePlan(plan, [this.#signer]));

  get #repository(): string {
    return join(this.#artifacts, 'ostree');
  }

  async #payload({ firmware, os, transaction = 'coupled' }: Halves): Promise<Payload> {
    return {
      transaction,
      ...(firmware === undefined ? {} : { firmware: this.#firmwareHalf(firmware) }),
      ...(os === undefined ? {} : { os: await this.#osHalf(os) }),
    };
  }

  #firmwareHalf({ version, flaw }: NonNullable<Halves['firmware']>): NonNullable<Payload['firmware']> {
    const capsule = this.#capsules.capsule({
      fwClass: FW_CLASS,
      version,
      lowestSupported: v(0),
      ...(flaw === undefined ? {} : { flaw }),
    });
    const name = `firmware-${version}-${flaw ?? 'good'}.cap`;
    writeFileSync(join(this.#artifacts, name), capsule);
    const url = known(parseUrl(`${this.#server.url}/${name}`));
    return {
      version,
      lowestSupported: v(0),
      capsules: [{ name, url, sizeBytes: bytes(capsule.length), sha256: sha256Hex(capsule) }],
    };
  }

  async #osHalf(os: NonNullable<Halves['os']>): Promise<NonNullable<Payload['os']>> {
    const commit = await commitSystem(this.#repository, { ref: REF, ...os });
    return { remote: 'lab', ref: REF, commit, url: known(parseUrl(`${this.#server.url}/ostree`)) };
  }
}

const targetOf = (payload: Payload): PlanTarget => ({
  attempt: 1,
  payload,
  payloadHash: fingerprint(JSON.parse(JSON.stringify(payload))),
  board: {
    name: known(parseName('virtual-iq-9075')),
    target: 'QCS9100',
    storage: 'UFS',
    fwClass: FW_CLASS,
    versionFloor: v(0),
    trial: 'required',
    trialVariable: { name: 'OsTrialBootStatus', guid: GLOBAL },
    esp: { mountPoint: '/boot', sizeBytes: bytes(64 * 1024 * 1024) },
    os: { stateroot: STATEROOT, bootLoader: 'systemd-boot' },
  },
  policy: {
    windows: [],
    gates: { parked: false, charging: false, network: 'any', maintenanceMode: false, consent: 'notRequired' },
    download: { networks: 'any', jitterMs: millis(0) },
    trial: {
      bootTries: 3,
      healthDeadlineMs: millis(2_000),
      healthChecks: [{ kind: 'unit', name: 'system', unit: 'multi-user.target', timeoutMs: millis(1_000) }],
    },
  },
});

/** agent.yaml of a board in a directory; `intervals` in YAML, between braces. */
export const agentYaml = (
  { root, bin }: { readonly root: string; readonly bin: string },
  { brokerUrl, intervals }: { readonly brokerUrl: string; readonly intervals: string },
): string => `device: ${DEVICE}
root: ${root}
broker: { urls: [${brokerUrl}], keepAlive: 10s }
commands: { systemctl: [${bin}/systemctl], blessBoot: [${bin}/systemd-bless-boot] }
intervals: { ${intervals} }
board: { fwClass: ${FW_CLASS} }
`;
