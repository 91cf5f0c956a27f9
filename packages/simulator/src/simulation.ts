// A whole fleet in one process: git, the controller, the broker, and boards with their agents, in virtual time.

import { generateKeyPairSync } from 'node:crypto';
import { topic } from '@seatrial/capsule-plan';
import type { Store } from '@seatrial/controller/parts';
import { AgentConfig } from '@seatrial/device-reconciler';
import type { Ports } from '@seatrial/device-reconciler/parts';
import { type DeviceId, parseDeviceId, parseKeyId, parseName, publicKeyOf, type SigningRole } from '@seatrial/spec';
import { SimBoard } from './board.ts';
import { SimBroker } from './broker.ts';
import { Chance } from './chance.ts';
import { SimController } from './controller.ts';
import { SimAuditLog, SimGit } from './git.ts';
import { CONTROLLER_CLIENT } from './link.ts';
import { Promises, type Violation } from './promises.ts';
import type { Happening, Scenario } from './scenario.ts';
import { VirtualTime } from './virtual-time.ts';
import { type FleetFile, need } from './world.ts';

/** Decisions that are broken on purpose. */
export interface Tampering {
  readonly agent?: (ports: Ports, board: SimBoard) => Ports;
  readonly store?: (store: Store) => Store;
  /** The fleet's file as the controller understands it. */
  readonly reading?: (fleet: FleetFile) => FleetFile;
}

const { privateKey } = generateKeyPairSync('ed25519');
const KEY_ID = need(parseKeyId('k-controller'));
const SIGNER = { keyId: KEY_ID, privateKey };
const ROLE: SigningRole = {
  role: 'controller',
  threshold: 1,
  keys: new Map([[KEY_ID, need(publicKeyOf(privateKey))]]),
};

export const START_MS = Date.UTC(2026, 10, 21, 12);
export const FIELD = need(parseName('field'));

const intervalsOf = (changes: { readonly heartbeat?: string }) =>
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

export class Simulation {
  readonly time = new VirtualTime(START_MS);
  readonly chance: Chance;
  readonly broker: SimBroker;
  readonly git: SimGit;
  readonly audit = new SimAuditLog();
  readonly controller: SimController;
  readonly boards: readonly SimBoard[];
  readonly promises: Promises;
  /** The first plan that each board was sent. */
  readonly oldPlans = new Map<string, Uint8Array>();
  /** Plans whose place on the broker a forged one has taken; an engineer puts them back. */
  readonly displaced = new Map<string, Uint8Array>();
  /** Told only when somebody wants to know. */
  story: string[] | undefined;

  constructor({ seed, fleet, natures }: Scenario, tampering: Tampering = {}, intervals: { heartbeat?: string } = {}) {
    this.chance = new Chance(seed + 1_000_003);
    this.broker = new SimBroker(this.time, this.chance);
    this.git = new SimGit(fleet, tampering.reading);
    const log = (line: string) => this.story?.push(`${(this.time.elapsedMs() / 60_000).toFixed(1)} ${line}`);
    this.promises = new Promises({ nowMs: () => this.time.elapsedMs(), role: ROLE, fleet, log });
    this.controller = new SimController({
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
      },
      forgotten: decisions => {
        for (const decision of decisions) this.promises.decisions.delete(decision);
      },
      log: line => {
        log(`controller: ${line}`);
        if (line.includes(': defect:') || line.includes('did not start'))
          this.promises.broken(9, `the controller broke a promise of its own: ${line}`);
      },
      tamper: tampering.store ?? (store => store),
    });
    this.boards = fleet.boards.map(
      (id, number) =>
        new SimBoard(
          need(parseDeviceId(id)),
          number + 1,
          { os: new Map(natures[number]?.os), firmware: new Map(natures[number]?.firmware) },
          {
            time: this.time,
            broker: this.broker,
            chance: this.chance,
            role: ROLE,
            watch: this.promises,
            agent: intervalsOf(intervals),
            tamper: tampering.agent ?? (ports => ports),
          },
        ),
    );
    const byTopic = new Map(this.boards.map(board => [topic(board.device, 'report'), board]));
    this.broker.onSent = (name, payload) => {
      const board = byTopic.get(name);
      if (board !== undefined) this.promises.reportSent(board, sequenceOf(payload));
    };
    this.broker.onPublished = (name, payload) => {
      if (!name.endsWith('/plan')) return;
      if (!this.oldPlans.has(name)) this.oldPlans.set(name, payload);
      // What the controller has published since is newer than what was displaced.
      this.displaced.delete(name);
    };
    for (const board of this.boards) board.hardware.facts.facts = { parked: true };
  }

  async #judged(device: DeviceId, payloadHash: Parameters<Promises['judged']>[1]): Promise<void> {
    const [report] = await this.controller.store.reports([device]);
    if (report !== undefined) this.promises.judged(device, payloadHash, report.sequence);
  }

  start(): void {
    this.controller.start();
    for (const board of this.boards) this.time.after(this.chance.between(0, 300_000), () => board.powerOn());
  }

  /** Runs until then or until a promise is broken. */
  async runUntil(elapsedMs: number): Promise<Violation | undefined> {
    const stop = new Error('broken');
    try {
      await this.time.runUntil(START_MS + elapsedMs, () => {
        if (this.promises.violations.length > 0) throw stop;
      });
    } catch (error) {
      if (error !== stop) throw error;
    }
    return this.promises.violations[0];
  }

  /* ---- What happens ---- */

  happen(what: Happening): void {
    this.story?.push(`${(this.time.elapsedMs() / 60_000).toFixed(1)} *** ${JSON.stringify(what)}`);
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
    for (const board of this.boards) {
      const { hardware } = board;
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

  /* ---- What came of it ---- */

  boardUpdates(): number {
    return this.boards.reduce((sum, { device }) => sum + (this.promises.attempts.get(device) ?? 0), 0);
  }

  /** What is not at rest, and why that is not right. */
  unrest(): readonly string[] {
    const { office } = this.controller;
    if (office === undefined) return ['no controller'];
    const rollouts = office
      .rollouts()
      .flatMap(({ id, state }) =>
        state.kind === 'advancing' || state.kind === 'soaking' ? [`${id} is ${state.kind}: ${state.message}`] : [],
      );
    if (this.git.current.isRemoved) return rollouts;
    const boards = office
      .devices({ limit: 10_000 })
      .devices.flatMap(({ device: id, standing }) =>
        ['updating', 'overdue', 'gated'].includes(standing) ? [`${id} is ${standing}`] : [],
      );
    return [...rollouts, ...boards];
  }

  /** Boards of the fleet that have converged or given up. */
  boardsAtRest(): ReadonlySet<string> {
    if (this.git.current.isRemoved) return new Set();
    const devices = this.controller.office?.devices({ limit: 10_000 }).devices ?? [];
    return new Set(
      devices.filter(({ standing }) => standing === 'upToDate' || standing === 'failed').map(({ device }) => device),
    );
  }

  async checkRecords(): Promise<void> {
    const audited = new Set(
      this.audit.records.map(({ decision: { atMs, decision } }) => JSON.stringify([atMs, decision])),
    );
    for (const [decision, id] of this.promises.decisions) {
      if (!audited.has(decision)) this.promises.broken(10, `decision ${id} is not on the audit branch: ${decision}`);
    }
    for (const { device } of this.boards) {
      const retained = this.broker.retained.get(topic(device, 'report'));
      const [stored] = await this.controller.store.reports([device]);
      if (retained !== undefined && (stored?.sequence ?? -1) < sequenceOf(retained)) {
        this.promises.broken(10, `report ${sequenceOf(retained)} of ${device} is not stored, but ${stored?.sequence}`);
      }
    }
  }

  board = (index: number): SimBoard => need(this.boards[index], `board ${index}`);
  client = (who: number | 'controller'): string => (who === 'controller' ? CONTROLLER_CLIENT : this.board(who).device);
}

const FOREIGN = 'vendor.cap';

const sequenceOf = (payload: Uint8Array): number =>
  Number(/"sequence":(\d+)/.exec(Buffer.from(payload).toString())?.[1]);

type Of<K extends Happening['kind']> = Extract<Happening, { kind: K }>;

const HAPPEN: { readonly [K in Happening['kind']]: (simulation: Simulation, what: Of<K>) => void } = {
  push: ({ git }, { release, suspend = false }) => git.push({ ...git.current, release, suspend, isRemoved: false }),
  revert: ({ git }) => git.revert(),
  'force-push': ({ git }, { release }) => git.forcePush({ ...git.current, release, isRemoved: false }),
  'remove-fleet': ({ git }) => git.push({ ...git.current, isRemoved: true }),
  order: ({ controller }, { order }) => {
    void controller.office?.order(order, FIELD, { by: 'ada', reason: 'said so' });
  },
  'power-cut': (simulation, { board, offMs }) => simulation.board(board).cutPower(offMs),
  'power-cut-at-effect': (simulation, { board, nth }) => {
    simulation.board(board).hardware.power.cutAfter = nth;
  },
  'kill-agent': (simulation, { board }) => simulation.board(board).killAgent(),
  storage: (simulation, { board, place, forMs }) => {
    const { hardware } = simulation.board(board);
    const set = (isBroken: boolean): void => {
      if (place === 'esp') hardware.esp.isWritable = !isBroken;
      if (place === 'efivars') hardware.efi.isWritable = !isBroken;
      if (place === 'disk') hardware.records.isFull = isBroken;
    };
    set(true);
    simulation.time.after(forMs, () => set(false));
  },
  'firmware-fault': (simulation, { board, fault }) => {
    const { hardware } = simulation.board(board);
    hardware.flash = { ...hardware.flash, faults: [...hardware.flash.faults, { ...fault, times: 1 }] };
  },
  'foreign-capsule': (simulation, { board, forMs }) => {
    const { hardware } = simulation.board(board);
    hardware.esp.files.set(FOREIGN, Buffer.from('{}'));
    simulation.time.after(forMs, () => hardware.esp.files.delete(FOREIGN));
  },
  'foreign-bits': (simulation, { board }) => simulation.board(board).hardware.setVariableBits(1n),
  clock: (simulation, { board, offsetMs, forMs }) => {
    const one = simulation.board(board);
    one.clockOffsetMs = offsetMs === 'never-set' ? 0 - simulation.time.now() : offsetMs;
    simulation.time.after(forMs, () => {
      one.clockOffsetMs = 0;
    });
  },
  unparked: (simulation, { board, forMs }) => {
    const { facts } = simulation.board(board).hardware;
    facts.facts = { parked: false };
    simulation.time.after(forMs, () => {
      facts.facts = { parked: true };
    });
  },
  'lose-blesses': (simulation, { board }) => {
    simulation.board(board).losesBlesses = true;
  },
  kick: (simulation, { board }) => simulation.broker.kick(simulation.client(board)),
  'cut-off': (simulation, { board, forMs }) => {
    const client = simulation.client(board);
    simulation.broker.cutOff(client);
    simulation.time.after(forMs, () => simulation.broker.reconnectable(client));
  },
  offline: (simulation, { board, forMs }) => {
    const one = simulation.board(board);
    one.isOffline = true;
    simulation.time.after(forMs, () => {
      one.isOffline = false;
    });
  },
  'broker-restart': ({ broker, time }, { forgets, downMs }) => {
    broker.stop({ forgets });
    time.after(downMs, () => broker.start());
  },
  weather: ({ broker, time }, { slow, doubled, overtaking, forMs }) => {
    Object.assign(broker.weather, { slow, doubled, overtaking });
    time.after(forMs, () => {
      Object.assign(broker.weather, { slow: 0, doubled: 0, overtaking: false });
    });
  },
  forge: (simulation, { board, how }) => {
    const [name, message, genuine] = forgedPlan(simulation, board, how);
    simulation.broker.take(name, message, true);
    if (genuine !== undefined) simulation.displaced.set(name, genuine);
  },
  'kill-controller': ({ controller, time }, { downMs, memory }) => {
    if (!controller.isRunning) return;
    controller.kill();
    time.after(downMs, () => {
      if (!controller.isRunning) void controller.restart(memory);
    });
  },
  backup: ({ controller }) => controller.takeBackup(),
  'git-away': ({ git, time }, { forMs }) => {
    git.isReachable = false;
    time.after(forMs, () => {
      git.isReachable = true;
    });
  },
  'audit-away': ({ audit, time }, { forMs }) => {
    audit.isReachable = false;
    time.after(forMs, () => {
      audit.isReachable = true;
    });
  },
};

/** A plan that no board may follow; `replay` is a real one of this board, and may be followed again. */
function forgedPlan(
  simulation: Simulation,
  index: number,
  how: Of<'forge'>['how'],
): [string, Uint8Array, Uint8Array | undefined] {
  const { broker, promises, boards } = simulation;
  const own = topic(simulation.board(index).device, 'plan');
  const other = boards
    .map(({ device }) => topic(device, 'plan'))
    .find(name => name !== own && broker.retained.has(name));
  const genuine = broker.retained.get(own);
  const text = Buffer.from(genuine ?? '{}').toString();
  const made = {
    unsigned: text.replace(/"sig":"..../, '"sig":"AAAA'),
    'other-board': Buffer.from((other === undefined ? undefined : broker.retained.get(other)) ?? '[]').toString(),
    replay: Buffer.from(simulation.oldPlans.get(own) ?? '[]').toString(),
    garbage: 'x'.repeat(5_000),
  }[how];
  if (how !== 'replay' && made !== text) promises.forged.add(`${simulation.board(index).device} ${made}`);
  return [own, Buffer.from(made), simulation.displaced.get(own) ?? genuine];
}
