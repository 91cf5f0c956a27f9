// One scenario's world: a fresh board, and the fleet that leads it: git repository, the real controller, mosquitto, and an HTTP
// server for capsules and the OSTree repository. Into the board goes nothing but MQTT and what it fetches.

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeReport, type Report, topic } from '@seatrial/capsule-plan';
import { type ControllerClient, controllerClient, startController } from '@seatrial/controller';
import {
  type FirmwareVersion,
  firmwareVersion,
  formatFirmwareVersion,
  type Guid,
  type Payload,
  sha256Hex,
} from '@seatrial/spec';
import { type ArtifactServer, type CapsuleFlaw, startArtifactServer } from '@seatrial/virtual-board';
import { connectAsync, type MqttClient } from 'mqtt';
import { keyFile } from '../image/keys.ts';
import type { Variant } from '../image/system-variants.ts';
import { refOf } from '../image/systems.ts';
import { BoardFailure } from '../machine/board-failure.ts';
import { RealBoard } from '../machine/real-board.ts';
import { type CapsuleArtifact, FleetRepository, type ReleaseOrder } from './fleet-repository.ts';
import { Mosquitto } from './mosquitto.ts';
import { DEVICE, FACTORY_FIRMWARE, FW_CLASS, v, type Workbench } from './workbench.ts';

/** Emulated, beside other work: what takes a board seconds takes it minutes here. */
const TRANSACTION_DEADLINE_MS = 1_500_000;

export interface FirmwareHalf {
  readonly version: FirmwareVersion;
  readonly lowestSupported?: FirmwareVersion;
  readonly flaw?: CapsuleFlaw;
  readonly signedBy?: 'vendor' | 'stranger';
  readonly fwClass?: Guid;
  readonly imageBytes?: number;
  /** What the capsule itself says, where it is not what the release says. */
  readonly insideVersion?: FirmwareVersion;
}

export interface Halves {
  readonly firmware?: FirmwareHalf;
  readonly os?: Variant;
  readonly transaction?: Payload['transaction'];
}

type Controller = Awaited<ReturnType<typeof startController>>;

interface Parts {
  readonly workbench: Workbench;
  readonly directory: string;
  readonly board: RealBoard;
  readonly server: ArtifactServer;
  readonly broker: Mosquitto;
  readonly listener: MqttClient;
  readonly controller: Controller;
  readonly repository: FleetRepository;
}

export class Stage {
  readonly board: RealBoard;
  readonly server: ArtifactServer;
  readonly broker: Mosquitto;
  /** What the board has said of itself, oldest first. */
  readonly reports: Report[] = [];
  readonly #parts: Parts;
  readonly #client: ControllerClient;
  #releases = 0;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.board = parts.board;
    this.server = parts.server;
    this.broker = parts.broker;
    this.#client = controllerClient({ url: parts.controller.url });
    parts.listener.on('message', (name, payload) => {
      const report = name.endsWith('/report') ? decodeReport(payload) : undefined;
      if (report?.ok === true) this.reports.push(report.value);
    });
  }

  static async open(workbench: Workbench, name: string, watch: (line: string) => void): Promise<Stage> {
    const directory = join(workbench.directory, name);
    const artifacts = join(directory, 'artifacts');
    mkdirSync(artifacts, { recursive: true });
    symlinkSync(workbench.image.systems.repository, join(artifacts, 'ostree'));
    const server = await startArtifactServer({ directory: artifacts });
    const broker = await Mosquitto.start(join(directory, 'mosquitto'));
    const listener = await connectAsync(broker.url, { reconnectPeriod: 500 });
    const { keys } = workbench.image;
    const repository = await FleetRepository.create(
      { directory: join(directory, 'fleet'), keys, device: DEVICE, fwClass: FW_CLASS },
      { name: 'factory', os: { ref: refOf('factory'), commit: workbench.image.systems.commits.factory } },
    );
    const controller = await startController({
      stateDirectory: join(directory, 'controller'),
      git: { repository: repository.directory, poll: '1s' },
      broker: { url: broker.url },
      http: { listen: { host: '127.0.0.1', port: 0 } },
      signing: { keyFile: keyFile(keys, 'controller'), keyId: 'k-controller' },
      boards: { unreachableAfter: '30m', requireSignatures: true },
      tick: '1s',
    });
    const services = { httpPort: Number(new URL(server.url).port), mqttPort: broker.port };
    const board = await RealBoard.make({
      id: DEVICE,
      directory: join(directory, 'board'),
      disk: workbench.disk,
      services,
      watch,
    });
    const stage = new Stage({ workbench, directory, board, server, broker, listener, controller, repository });
    await listener.subscribeAsync(topic(DEVICE, 'report'), { qos: 1 });
    return stage;
  }

  async close(): Promise<void> {
    const { board, controller, listener, broker, server } = this.#parts;
    await board.stop();
    await controller.stop();
    await listener.endAsync(true);
    await broker.goAway();
    await server.close();
  }

  /** Merges a release that names these halves, and points the fleet at it. */
  async roll({ firmware, os, transaction = 'coupled' }: Halves): Promise<void> {
    this.#releases += 1;
    const { commits } = this.#parts.workbench.image.systems;
    const order: ReleaseOrder = {
      name: `release-${this.#releases}`,
      transaction,
      ...(firmware === undefined ? {} : { capsule: this.#capsule(firmware) }),
      ...(os === undefined ? {} : { os: { ref: refOf(os), commit: commits[os] } }),
    };
    await this.#parts.repository.roll(order);
  }

  /** The bytes that a release of this half names. */
  capsuleBytes(half: FirmwareHalf): Uint8Array {
    const { version, insideVersion = version, lowestSupported = v(0), signedBy = 'vendor', ...rest } = half;
    const { fwClass = FW_CLASS, flaw, imageBytes } = rest;
    return this.#parts.workbench[signedBy].capsule({
      fwClass,
      version: insideVersion,
      lowestSupported: firmwareVersion(Math.min(insideVersion, lowestSupported)),
      ...(flaw === undefined ? {} : { flaw }),
      ...(imageBytes === undefined ? {} : { imageBytes }),
    });
  }

  #capsule(half: FirmwareHalf): CapsuleArtifact {
    const { version, lowestSupported = v(0) } = half;
    const bytes = this.capsuleBytes(half);
    const fileName = `firmware-${this.#releases}-${formatFirmwareVersion(version)}.cap`;
    writeFileSync(join(this.#parts.directory, 'artifacts', fileName), bytes);
    return { version, lowestSupported, fileName, sizeBytes: bytes.length, sha256: sha256Hex(bytes) };
  }

  /** The newest report once it satisfies `enough`. */
  async reported(
    what: string,
    enough: (report: Report) => boolean,
    deadlineMs = TRANSACTION_DEADLINE_MS,
  ): Promise<Report> {
    const until = Date.now() + deadlineMs;
    for (;;) {
      const newest = this.reports.at(-1);
      if (newest !== undefined && enough(newest)) return newest;
      this.board.log.requireSound();
      if (Date.now() > until) throw this.failure(`the board never reported ${what} in ${deadlineMs / 1000} s`);
      await new Promise(resolve => setTimeout(resolve, 200));
    }
  }

  /** What the controller makes of the board: it recomputes the verdict from the evidence. */
  async standing(): Promise<{ readonly standing: string; readonly reason: string | undefined }> {
    const view = await this.#client.device(DEVICE);
    if (!view.ok) throw this.failure(`the controller answered ${view.error.code}: ${view.error.message}`);
    return { standing: view.value.standing, reason: view.value.verdict?.reason };
  }

  /** Everything that explains why it did not come to its end, on one screen. */
  failure(message: string): BoardFailure {
    const { phase, step, conditions, failures } = this.reports.at(-1) ?? {};
    const said = { phase, step, conditions, failures: failures?.map(({ failure }) => failure) };
    return new BoardFailure(message, [...this.board.log.tail(), `last report: ${JSON.stringify(said)}`]);
  }

  get factory(): { readonly firmware: FirmwareVersion; readonly os: Variant } {
    return { firmware: FACTORY_FIRMWARE.version, os: 'factory' };
  }

  commitOf(variant: Variant): string {
    return this.#parts.workbench.image.systems.commits[variant];
  }
}
