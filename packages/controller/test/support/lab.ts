// A controller with everything real around it: git, SQLite, a broker, and boards of paper.

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PublicKey, publicKeyOf, type Result } from '@seatrial/spec';
import {
  type ControllerClient,
  type ControllerConfigInput,
  type ControllerPorts,
  controllerClient,
  type RolloutView,
  type RunningController,
  startController,
} from '../../src/index.ts';
import { eventually } from './eventually.ts';
import { GitFleet } from './git-fleet.ts';
import { PaperBoard, type PaperBoardOptions } from './paper-board.ts';
import { need } from './told-board.ts';
import { FACTORY, filesOf, type WrittenFleet } from './written-fleet.ts';

/** The value of an answer; throws its error. */
export function answered<T>(answer: Result<T, unknown>): T {
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.value;
}

export const TOKEN = 'let-me-steer';

export interface LabOptions {
  readonly brokerUrl?: string;
  readonly config?: Partial<ControllerConfigInput>;
  readonly ports?: ControllerPorts;
}

export class Lab {
  readonly directory = mkdtempSync(join(tmpdir(), 'seatrial-lab-'));
  readonly repository = new GitFleet(join(this.directory, 'fleet'));
  readonly publicKey: PublicKey;
  readonly boards: PaperBoard[] = [];
  readonly #options: LabOptions;
  #controller: RunningController | undefined;
  #brokerPort = 0;

  constructor(options: LabOptions = {}) {
    this.#options = options;
    const { privateKey } = generateKeyPairSync('ed25519');
    this.publicKey = need(publicKeyOf(privateKey));
    writeFileSync(join(this.directory, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(this.directory, 'token'), `${TOKEN}\n`);
  }

  get controller(): RunningController {
    return need(this.#controller);
  }

  /** The newest rollout of the fleet; undefined before the first. */
  async rollout(): Promise<RolloutView | undefined> {
    return answered(await this.client.rollouts())[0];
  }

  /** Waits for a rollout of the release that has come to rest. */
  async untilAtRest(release: string): Promise<RolloutView> {
    const isAtRest = (rollout?: RolloutView) =>
      rollout?.release === release && ['done', 'paused', 'waiting'].includes(rollout.state.kind);
    return need(await eventually(() => this.rollout(), isAtRest));
  }

  /** Headlines on the audit branch, oldest first; none before there is one. */
  story(): readonly string[] {
    if (this.repository.git('branch', '--list', 'seatrial/audit') === '') return [];
    return this.repository.git('log', '--reverse', '--format=%s', 'seatrial/audit').split('\n');
  }

  get client(): ControllerClient {
    return controllerClient({ url: this.controller.url, token: TOKEN });
  }

  /** Writes the fleet into git, under the key of this lab's controller. */
  commit(fleet: WrittenFleet): string {
    const head = this.repository.commit(
      filesOf({ controllerKey: this.publicKey, ...fleet }),
      `Want ${fleet.release ?? 'r-1'}`,
    );
    this.#controller?.office.lookAtGit();
    return head;
  }

  async start(changes: Partial<ControllerConfigInput> = {}): Promise<void> {
    const { config, ports } = this.#options;
    this.#controller = await startController({ ...this.#config(), ...config, ...changes }, ports);
    this.#brokerPort = Number(new URL(this.#controller.brokerUrl).port);
  }

  /** The same configuration as a file, for a controller in a process of its own. */
  configFile(): string {
    const file = join(this.directory, 'controller.yaml');
    writeFileSync(file, JSON.stringify(this.#config()));
    return file;
  }

  #config(): ControllerConfigInput {
    const { brokerUrl } = this.#options;
    return {
      stateDirectory: join(this.directory, 'state'),
      git: { repository: this.repository.directory, poll: '500ms' },
      broker: brokerUrl === undefined ? { listen: { port: this.#brokerPort } } : { url: brokerUrl },
      http: { listen: { port: 0 }, tokenFile: join(this.directory, 'token') },
      signing: { keyFile: join(this.directory, 'key.pem') },
      tick: '100ms',
      quiet: '200ms',
    };
  }

  async stop(): Promise<void> {
    await this.#controller?.stop();
    this.#controller = undefined;
  }

  /** Power on: each reports what it left the factory with. */
  boot(devices: readonly string[], options: Partial<PaperBoardOptions> = {}): void {
    for (const device of devices) {
      const brokerUrl = this.#options.brokerUrl ?? this.controller.brokerUrl;
      this.boards.push(new PaperBoard({ device, brokerUrl, controllerKey: this.publicKey, runs: FACTORY, ...options }));
    }
  }

  board(device: string): PaperBoard {
    return need(this.boards.find(board => board.device === device));
  }

  /** Deletes the database and the mirror: only git, the audit branch and the broker remain. */
  forget(): void {
    rmSync(join(this.directory, 'state'), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await Promise.all(this.boards.map(board => board.leave()));
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
