// One virtual board with the real agent, driven by nothing but signed plans on a real broker.

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  decodeReport,
  encodePlan,
  NEW_TRIAL_BOOT,
  type Plan,
  type PlanTarget,
  type Report,
  topic,
} from '@seatrial/capsule-plan';
import {
  bytes,
  type FirmwareVersion,
  fingerprint,
  firmwareVersion,
  InvariantError,
  millis,
  type OstreeCommit,
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
  type ArtifactServer,
  type Behaviour,
  type CapsuleFlaw,
  commitSystem,
  createCapsuleFactory,
  createOstreeRepository,
  createVirtualBoard,
  startArtifactServer,
  trustingVerifier,
  type VirtualBoard,
} from '@seatrial/virtual-board';
import { type Broker, startMosquitto } from './broker.ts';

const known = <T>(value: T | undefined): T => {
  if (value === undefined) throw new InvariantError('the test needs a value here');
  return value;
};

export const v = (n: number): FirmwareVersion => firmwareVersion(0x1_0000 + n);
const DEVICE = known(parseDeviceId('hub-01'));
const FW_CLASS = known(parseGuid('78462415-6133-431C-9FAE-48F2BAFD5C71'));
const GLOBAL = known(parseGuid('8be4df61-93ca-11d2-aa0d-00e098032b8c'));
const REF = 'lab/x86_64/hub';
const AGENT = fileURLToPath(new URL('../../../packages/device-reconciler/src/agent-entry.ts', import.meta.url));

export interface Halves {
  readonly firmware?: { readonly version: FirmwareVersion; readonly flaw?: CapsuleFlaw };
  readonly os?: { readonly version: string; readonly behaviour?: Partial<Behaviour> };
  readonly transaction?: Payload['transaction'];
}

export class LoneBoard {
  readonly broker: Broker;
  readonly board: VirtualBoard;
  readonly server: ArtifactServer;
  readonly reports: Report[] = [];
  readonly #directory: string;
  readonly #signer: Signer;
  readonly #capsules: ReturnType<typeof createCapsuleFactory>;
  #generation = 0;

  private constructor(parts: {
    broker: Broker;
    board: VirtualBoard;
    server: ArtifactServer;
    directory: string;
    signer: Signer;
    capsules: ReturnType<typeof createCapsuleFactory>;
  }) {
    this.broker = parts.broker;
    this.board = parts.board;
    this.server = parts.server;
    this.#directory = parts.directory;
    this.#signer = parts.signer;
    this.#capsules = parts.capsules;
  }

  static async start(): Promise<LoneBoard> {
    const directory = mkdtempSync(join(tmpdir(), 'seatrial-e2e-'));
    const broker = await startMosquitto();
    const artifacts = join(directory, 'artifacts');
    const repository = join(artifacts, 'ostree');
    await createOstreeRepository(repository);
    const server = await startArtifactServer({ directory: artifacts });
    const capsules = createCapsuleFactory();
    const signer: Signer = {
      keyId: known(parseKeyId('k-controller')),
      privateKey: generateKeyPairSync('ed25519').privateKey,
    };
    const board = await createVirtualBoard({
      directory: join(directory, 'board'),
      id: DEVICE,
      agent: { command: paths => [process.execPath, AGENT, '--config', paths.agentConfig] },
      verifyCapsule: trustingVerifier(capsules.anchors),
      firmware: { fwClass: FW_CLASS, version: v(1), lowestSupported: v(0), trial: NEW_TRIAL_BOOT },
      system: {
        repository,
        ref: REF,
        commit: await commitSystem(repository, { ref: REF, version: '1.0.0' }),
        stateroot: 'lab',
        remote: { name: 'lab', url: `${server.url}/ostree` },
      },
      agentConfig: ({ root, bin }) => agentConfig({ root, bin, brokerUrl: broker.url }),
    });
    const trust = {
      version: 1,
      keys: { 'k-controller': publicKeyOf(signer.privateKey) },
      roles: { controller: { threshold: 1, keys: ['k-controller'] } },
    };
    writeFileSync(join(board.paths.agentState, 'root.json'), JSON.stringify(trust));
    const lone = new LoneBoard({ broker, board, server, directory, signer, capsules });
    await lone.#listen();
    await board.powerOn();
    return lone;
  }

  async stop(): Promise<void> {
    await this.board.stop();
    await this.board.remove();
    await this.server.close();
    await this.broker.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Makes what the halves describe and publishes a plan for it. */
  async plan(halves: Halves, changes: Partial<Plan> = {}): Promise<PlanTarget> {
    const payload = await this.#payload(halves);
    const target = this.#target(payload);
    this.#generation += 1;
    const nowMs = millis(Date.now());
    const plan: Plan = {
      ...target,
      schema: 1,
      device: DEVICE,
      generation: known(parseGeneration(this.#generation)),
      gitCommit: known(parseGitCommit('0'.repeat(40))),
      fleet: known(parseName('lab')),
      release: known(parseName('lab-1.1.0')),
      issuedAtMs: nowMs,
      expiresAtMs: millis(nowMs + 3_600_000),
      ...changes,
    };
    const message = Buffer.from(encodePlan(plan, [this.#signer]));
    await this.broker.client.publishAsync(topic(DEVICE, 'plan'), message, { retain: true, qos: 1 });
    return plan;
  }

  /** The newest report once it satisfies `enough`; fails after `deadlineMs`. */
  async reported(enough: (report: Report) => boolean, deadlineMs = 90_000): Promise<Report> {
    const until = Date.now() + deadlineMs;
    while (Date.now() < until) {
      const newest = this.reports.at(-1);
      if (newest !== undefined && enough(newest)) return newest;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    const { phase, step, conditions } = this.reports.at(-1) ?? {};
    throw new Error(`no such report in time; the last: ${JSON.stringify({ phase, step, conditions })}`);
  }

  async #listen(): Promise<void> {
    this.broker.client.on('message', (name, payload) => {
      const report = name.endsWith('/report') ? decodeReport(payload) : undefined;
      if (report?.ok === true) this.reports.push(report.value);
    });
    await this.broker.client.subscribeAsync(topic(DEVICE, 'report'), { qos: 1 });
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
    writeFileSync(join(this.#directory, 'artifacts', name), capsule);
    const url = known(parseUrl(`${this.server.url}/${name}`));
    return {
      version,
      lowestSupported: v(0),
      capsules: [{ name, url, sizeBytes: bytes(capsule.length), sha256: sha256Hex(capsule) }],
    };
  }

  async #osHalf(os: NonNullable<Halves['os']>): Promise<NonNullable<Payload['os']>> {
    const repository = join(this.#directory, 'artifacts/ostree');
    const commit: OstreeCommit = await commitSystem(repository, { ref: REF, ...os });
    return { remote: 'lab', ref: REF, commit, url: known(parseUrl(`${this.server.url}/ostree`)) };
  }

  #target(payload: Payload): PlanTarget {
    return {
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
        os: { stateroot: 'lab', bootLoader: 'systemd-boot' },
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
    };
  }
}

const agentConfig = ({
  root,
  bin,
  brokerUrl,
}: {
  root: string;
  bin: string;
  brokerUrl: string;
}): string => `device: ${DEVICE}
root: ${root}
broker: { urls: [${brokerUrl}], keepAlive: 10s }
commands: { systemctl: [${bin}/systemctl], blessBoot: [${bin}/systemd-bless-boot] }
intervals: { poll: 500ms, heartbeat: 20s, progress: 500ms, retryFirst: 100ms, retryLongest: 1s, stall: 5s, healthRetry: 200ms, rebootGrace: 20s }
board: { fwClass: ${FW_CLASS} }
`;
