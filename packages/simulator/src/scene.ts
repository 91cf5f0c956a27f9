// Controller, broker, audit branch and boards with their agents in one process and in virtual time, over whatever is in git.

import { generateKeyPairSync } from 'node:crypto';
import { topic } from '@seatrial/capsule-plan';
import type { Changes, Store } from '@seatrial/controller/parts';
import { AgentConfig } from '@seatrial/device-reconciler';
import type { Ports } from '@seatrial/device-reconciler/parts';
import { type DeviceId, parseKeyId, publicKeyOf, type SigningRole } from '@seatrial/spec';
import { type BoardBirth, type BoardWatch, type Downloads, SimBoard } from './board.ts';
import { SimBroker } from './broker.ts';
import { Chance } from './chance.ts';
import { SimController } from './controller.ts';
import { SimAuditLog, type SimGit } from './git.ts';
import { FOREIGN, HAPPEN, type SceneHappening } from './happen.ts';
import { CONTROLLER_CLIENT } from './link.ts';
import { Promises, type Rules, type Violation } from './promises.ts';
import { VirtualTime } from './virtual-time.ts';
import { need } from './world.ts';

/** Parts that are broken on purpose. */
export interface Tampered {
  readonly agent?: (ports: Ports, board: SimBoard) => Ports;
  readonly store?: (store: Store) => Store;
}

export interface SceneOptions<Git> {
  readonly seed: number;
  readonly startMs: number;
  readonly git: Git;
  readonly boards: readonly BoardBirth[];
  readonly rules: Rules;
  /** How long downloads take; by chance where nothing is said. */
  readonly downloads?: Downloads;
  /** How often the controller looks at the clock; ten minutes where nothing is said. */
  readonly tickMs?: number;
  /** Sees what the promises see. */
  readonly watch?: BoardWatch;
  readonly tampered?: Tampered;
  readonly intervals?: Partial<Record<'poll' | 'heartbeat', string>>;
}

type AnyGit = Pick<SimGit<unknown>, 'repository' | 'validator' | 'isReachable'>;

const { privateKey } = generateKeyPairSync('ed25519');
const KEY_ID = need(parseKeyId('k-controller'));
const SIGNER = { keyId: KEY_ID, privateKey };
const ROLE: SigningRole = {
  role: 'controller',
  threshold: 1,
  keys: new Map([[KEY_ID, need(publicKeyOf(privateKey))]]),
};

const intervalsOf = (changes: SceneOptions<unknown>['intervals']) =>
  AgentConfig.parse({
    device: 'hub-1',
    intervals: {
      poll: '20m',
      heartbeat: '2h',
      progress: '10m',
      retryFirst: '1s',
      retryLongest: '10m',
      healthRetry: '30s',
      rebootGrace: '10m',
      ...changes,
    },
  }).intervals;

export class Scene<Git extends AnyGit = AnyGit> {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly broker: SimBroker;
  readonly git: Git;
  readonly audit = new SimAuditLog();
  readonly controller: SimController;
  readonly boards: readonly SimBoard[];
  /** Boards that have somebody else's identity as well. */
  readonly #twins: SimBoard[] = [];
  /** Identities have changed hands: a topic does not tell any more who has spoken. */
  #isMixed = false;
  readonly #bear: (birth: BoardBirth) => SimBoard;
  readonly promises: Promises;
  /** The first plan that each board was sent. */
  readonly oldPlans = new Map<string, Uint8Array>();
  /** Plans whose place on the broker a forged one has taken; an engineer puts them back. */
  readonly displaced = new Map<string, Uint8Array>();
  /** Told only when somebody wants to know. */
  story: string[] | undefined;
  /** Sees the world after every event; for those who look into a run that they know. */
  onEvent: (() => void) | undefined;
  /** Sees what the controller stores, as soon as it is stored. */
  onStored: (changes: Changes) => void = () => {};
  readonly #startMs: number;

  constructor(options: SceneOptions<Git>) {
    const { seed, startMs, git, boards, rules, watch, downloads, tampered = {}, intervals } = options;
    this.#startMs = startMs;
    this.time = new VirtualTime(startMs);
    this.chance = new Chance(seed + 1_000_003);
    this.broker = new SimBroker(this.time, this.chance);
    this.git = git;
    const log = (line: () => string) => this.story?.push(`${(this.time.elapsedMs() / 60_000).toFixed(1)} ${line()}`);
    this.promises = new Promises({ nowMs: () => this.time.elapsedMs(), role: ROLE, rules, log });
    this.controller = this.#controller(log, options);
    const around = {
      time: this.time,
      broker: this.broker,
      chance: this.chance,
      role: ROLE,
      watch: watch === undefined ? this.promises : together(this.promises, watch),
      agent: intervalsOf(intervals),
      downloads: downloads ?? byChance(this.chance),
      tamper: tampered.agent ?? ((ports: Ports) => ports),
    };
    this.#bear = birth => new SimBoard(birth, around);
    this.boards = boards.map(this.#bear);
    this.#listen();
  }

  #controller(
    log: (line: () => string) => void,
    { tickMs = 600_000, tampered = {} }: Pick<SceneOptions<Git>, 'tickMs' | 'tampered'>,
  ): SimController {
    return new SimController({
      time: this.time,
      broker: this.broker,
      git: this.git,
      audit: this.audit,
      signer: SIGNER,
      stored: changes => {
        this.promises.stored(changes);
        for (const { device, judgement } of changes.judgements ?? []) {
          if (judgement.kind === 'upToDate') void this.#judged(device, judgement.payloadHash);
        }
        this.onStored(changes);
      },
      forgotten: decisions => {
        for (const decision of decisions) this.promises.decisions.delete(decision);
      },
      log: line => {
        log(() => `controller: ${line}`);
        if (line.includes(': defect:') || line.includes('did not start'))
          this.promises.broken(9, `the controller broke a promise of its own: ${line}`);
      },
      tamper: tampered.store ?? (store => store),
      tickMs,
    });
  }

  #listen(): void {
    const byTopic = new Map(this.boards.map(board => [topic(board.device, 'report'), board]));
    this.broker.onSent = (name, payload, sender) => {
      const board = this.#isMixed && byTopic.has(name) ? this.#senderOf(sender) : byTopic.get(name);
      if (board !== undefined) this.promises.reportSent(board, sequenceOf(payload));
    };
    this.broker.onPublished = (name, payload) => {
      if (!name.endsWith('/plan')) return;
      if (!this.oldPlans.has(name)) this.oldPlans.set(name, payload);
      // What the controller has published since is newer than what was displaced.
      this.displaced.delete(name);
    };
  }

  #senderOf = (sender: object | undefined): SimBoard | undefined =>
    [...this.boards, ...this.#twins].find(board => board.isRunBy(sender));

  /** A new board with the identity of this one, and its nature. */
  twinOf(index: number): SimBoard {
    const { device, hardware } = this.board(index);
    const number = this.boards.length + this.#twins.length + 1;
    const twin = this.#bear({ device, number, nature: hardware.nature, make: hardware.make });
    twin.hardware.facts.facts = hardware.facts.facts;
    this.#twins.push(twin);
    this.#isMixed = true;
    return twin;
  }

  /**
   * The remedy is part of it: reports are numbered by the time of the boot, so the true board is switched off and on to be
   * heard above what its twin has said.
   */
  takeAway(twin: SimBoard): void {
    if (twin.isDead) return;
    twin.isDead = true;
    twin.cutPower(0);
    for (const board of this.boards) if (board.device === twin.device) board.cutPower(1_000);
  }

  swap(one: SimBoard, other: SimBoard): void {
    if (one === other) return;
    this.#isMixed = true;
    const [first, second] = [one.device, other.device];
    one.takeIdentity(second);
    other.takeIdentity(first);
  }

  async #judged(device: DeviceId, payloadHash: Parameters<Promises['judged']>[1]): Promise<void> {
    const [report] = await this.controller.store.reports([device]);
    if (report !== undefined)
      this.promises.judged(device, payloadHash, { sequence: report.sequence, bootId: bootIdOf(report.body) });
  }

  start(): void {
    this.controller.start();
    for (const board of this.boards) this.time.after(this.chance.between(0, 300_000), () => board.powerOn());
  }

  /** Runs until then or until a promise is broken. */
  async runUntil(elapsedMs: number): Promise<Violation | undefined> {
    const stop = new Error('broken');
    try {
      await this.time.runUntil(this.#startMs + elapsedMs, () => {
        this.onEvent?.();
        if (this.promises.violations.length > 0) throw stop;
      });
    } catch (error) {
      if (error !== stop) throw error;
    }
    return this.promises.violations[0];
  }

  happenHere(what: SceneHappening): void {
    HAPPEN[what.kind](this, what as never); // the table's key and the happening's kind are one
  }

  /** Ends everything that is out of order and mends what can be mended. */
  mend(): void {
    this.broker.start();
    Object.assign(this.broker.weather, { slow: 0, doubled: 0, overtaking: false });
    for (const client of [CONTROLLER_CLIENT, ...this.boards.map(({ device }) => device)])
      this.broker.reconnectable(client);
    this.git.isReachable = true;
    this.audit.isReachable = true;
    for (const [name, genuine] of [...this.displaced]) this.broker.take(name, genuine, true);
    for (const twin of this.#twins) this.takeAway(twin);
    for (const board of this.boards) {
      const { hardware } = board;
      hardware.records.isLying = false;
      board.isOffline = false;
      board.clockOffsetMs = 0;
      board.losesBlesses = false;
      hardware.power.cutAfter = undefined;
      hardware.esp.isWritable = true;
      hardware.efi.isWritable = true;
      hardware.records.isFull = false;
      hardware.esp.files.delete(FOREIGN);
      hardware.facts.facts = { parked: true };
      hardware.flash = { ...hardware.flash, faults: [] };
      board.powerOn();
    }
    if (!this.controller.isRunning) void this.controller.restart('kept');
  }

  board = (index: number): SimBoard => need(this.boards[index], `board ${index}`);
  client = (who: number | 'controller'): string => (who === 'controller' ? CONTROLLER_CLIENT : this.board(who).device);
}

/** Both see everything, the first one first. */
const together = (first: BoardWatch, second: BoardWatch): BoardWatch => ({
  effect: (board, name) => {
    first.effect(board, name);
    second.effect(board, name);
  },
  started: (board, start) => {
    first.started(board, start);
    second.started(board, start);
  },
  rebootAsked: board => {
    first.rebootAsked(board);
    second.rebootAsked(board);
  },
  planKept: (board, text) => {
    first.planKept(board, text);
    second.planKept(board, text);
  },
  log: (board, line) => {
    first.log(board, line);
    second.log(board, line);
  },
  fetched: (board, what) => {
    first.fetched(board, what);
    second.fetched(board, what);
  },
});

const byChance = (chance: Chance): Downloads => ({
  capsuleMs: () => chance.between(1_000, 60_000),
  commitMs: () => chance.between(1_000, 120_000),
});

const bootIdOf = (report: Uint8Array): string =>
  /"observed":\{"bootId":"([0-9a-f-]{36})"/.exec(Buffer.from(report).toString())?.[1] ?? '';

export const sequenceOf = (payload: Uint8Array): number =>
  Number(/"sequence":(\d+)/.exec(Buffer.from(payload).toString())?.[1]);
