// A controller at work on a repository of a GitHub for tests: its real loops, real git, real boards of paper, and every line
// that it logs.

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControllerConfigInput, type RunningController, startController } from '@seatrial/controller';
import {
  eventually as eventuallyWithin,
  FACTORY,
  filesOf,
  PaperBoard,
  type WrittenFleet,
} from '@seatrial/controller/test-lab';
import { type PublicKey, publicKeyOf } from '@seatrial/spec';
import type { Engineer } from '../engineer.ts';
import { type GitHub, need } from '../github.ts';
import type { Comment, PullRequest } from '../model/repository.ts';
import { type GitHubOptions, startGitHub } from '../start-github.ts';

const DEADLINE_MS = 60_000;

/** Patient enough for a machine that runs everything at once. */
export const eventually = <T>(ask: () => T | Promise<T>, isWanted: (answer: T) => boolean = Boolean): Promise<T> =>
  eventuallyWithin(ask, isWanted, DEADLINE_MS);

export interface LabOptions {
  readonly fleet?: WrittenFleet;
  /** Beside those of the fleet. */
  readonly files?: Readonly<Record<string, string>>;
  readonly github?: Partial<NonNullable<ControllerConfigInput['github']>>;
  readonly config?: Partial<ControllerConfigInput>;
  readonly stand?: GitHubOptions;
  /** The address of the repository as the controller is given it; its path where nothing is said. */
  readonly remote?: (github: GitHub) => string;
}

export class ConsoleLab {
  readonly github: GitHub;
  readonly lines: string[] = [];
  readonly publicKey: PublicKey;
  readonly directory: string;
  readonly #options: LabOptions;
  readonly #boards: PaperBoard[] = [];
  #controller: RunningController | undefined;

  private constructor(
    github: GitHub,
    options: LabOptions,
    { directory, publicKey }: { directory: string; publicKey: PublicKey },
  ) {
    this.github = github;
    this.directory = directory;
    this.publicKey = publicKey;
    this.#options = options;
  }

  /** GitHub, with the fleet in its repository; the controller is started by `start`. */
  static async open(options: LabOptions = {}): Promise<ConsoleLab> {
    const directory = mkdtempSync(join(tmpdir(), 'seatrial-console-'));
    const { privateKey } = generateKeyPairSync('ed25519');
    const publicKey = need(publicKeyOf(privateKey), 'public key');
    writeFileSync(join(directory, 'signing.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const files = { ...Object.fromEntries(filesOf({ ...options.fleet, controllerKey: publicKey })), ...options.files };
    const github = await startGitHub({ ...options.stand, files });
    writeFileSync(join(directory, 'app.pem'), github.app.privateKey);
    writeFileSync(join(directory, 'webhook'), `${github.app.webhookSecret}\n`);
    return new ConsoleLab(github, options, { directory, publicKey });
  }

  /** Those that were booted. */
  get boards(): readonly PaperBoard[] {
    return this.#boards;
  }

  get controller(): RunningController {
    return need(this.#controller, 'controller');
  }

  async start(changes: Partial<ControllerConfigInput> = {}): Promise<void> {
    const config = { ...this.#config(), ...this.#options.config, ...changes };
    this.#controller = await startController(config, { log: line => this.lines.push(line) });
    this.github.deliverTo(`${this.#controller.url}/webhooks/github`);
  }

  async stop(): Promise<void> {
    await this.#controller?.stop();
    this.#controller = undefined;
  }

  /** Boards with what they left the factory with; resolves when the controller knows them. */
  async boot(...devices: readonly string[]): Promise<void> {
    const { brokerUrl, office } = this.controller;
    for (const device of devices) {
      this.#boards.push(new PaperBoard({ device, brokerUrl, controllerKey: this.publicKey, runs: FACTORY }));
    }
    await eventually(
      async () => (await office.snapshot()).devices.map(({ device }) => device),
      known => devices.every(device => known.includes(device)),
    );
  }

  ada(): Promise<Engineer> {
    return this.github.engineer('ada');
  }

  /** The files of another fleet under the same controller. */
  filesOf(fleet: WrittenFleet): Readonly<Record<string, string>> {
    return Object.fromEntries(filesOf({ ...this.#options.fleet, ...fleet, controllerKey: this.publicKey }));
  }

  /** What the controller has said on a pull request, once it is what the test waits for. */
  untilSaid(pull: PullRequest, isWanted: (body: string) => boolean): Promise<string> {
    return eventually(() => this.ours(pull).map(({ body }) => body)[0] ?? '', isWanted);
  }

  /** The controller's own comments. */
  ours(pull: PullRequest): readonly Comment[] {
    return this.github.comments(pull).filter(({ author }) => author.login === 'seatrial[bot]');
  }

  /** The newest check on the head of a pull request, once it is complete. */
  untilChecked(pull: PullRequest, isWanted: (conclusion: string | undefined) => boolean = Boolean) {
    return eventually(
      () => this.github.checkRuns(pull.head.sha).findLast(({ name }) => name === 'seatrial'),
      run => run?.status === 'completed' && isWanted(run.conclusion),
    ).then(run => need(run, 'check'));
  }

  /** Deletes the database and the mirror of a controller that is stopped. */
  forget(): void {
    rmSync(join(this.directory, 'state'), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await Promise.all(this.#boards.map(board => board.leave()));
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
    await this.github.close();
  }

  /** For a controller that is to differ in part of it. */
  get githubConfig(): NonNullable<ControllerConfigInput['github']> {
    const at = (name: string) => join(this.directory, name);
    return {
      repository: 'acme/fleets',
      baseUrl: this.github.baseUrl,
      app: { id: this.github.app.id, privateKeyFile: at('app.pem') },
      webhook: { secretFile: at('webhook') },
      poll: '1s',
      writePause: '1ms',
      ...this.#options.github,
    };
  }

  #config(): ControllerConfigInput {
    const { remote } = this.#options;
    const at = (name: string) => join(this.directory, name);
    return {
      stateDirectory: at('state'),
      git: { repository: remote?.(this.github) ?? this.github.repository.git.path, poll: '500ms' },
      broker: { listen: { port: 0 } },
      http: { listen: { port: 0 } },
      signing: { keyFile: at('signing.pem') },
      tick: '100ms',
      quiet: '200ms',
      github: this.githubConfig,
    };
  }
}
