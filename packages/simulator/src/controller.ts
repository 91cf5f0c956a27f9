// The real controller in virtual time: killed, started again, and given back an older memory or none.

import { MemoryStore } from '@seatrial/controller/memory-ports';
import { type Changes, type Office, type Store, type StoredBoard, startLoops } from '@seatrial/controller/parts';
import { type DeviceId, millis, type Signer } from '@seatrial/spec';
import type { SimBroker } from './broker.ts';
import type { SimAuditLog, SimGit } from './git.ts';
import { CONTROLLER_CLIENT, simBrokerPort } from './link.ts';
import { instead, Process } from './process.ts';
import type { VirtualTime } from './virtual-time.ts';

const MINUTE = 60_000;

export interface ControllerSurroundings {
  readonly time: VirtualTime;
  readonly broker: SimBroker;
  readonly git: Pick<SimGit<unknown>, 'repository' | 'validator'>;
  readonly audit: SimAuditLog;
  readonly signer: Signer;
  /** Sees what is stored, as soon as it is. */
  readonly stored: (changes: Changes) => void;
  /** Decisions that were lost with a database before they could be pushed. */
  readonly forgotten: (decisions: readonly string[]) => void;
  readonly log: (line: string) => void;
  readonly tamper: (store: Store) => Store;
  /** How often it looks at the clock. */
  readonly tickMs: number;
}

export type Memory = 'kept' | 'older' | 'lost';

export class SimController {
  office: Office | undefined;
  store: MemoryStore = new MemoryStore();
  #process = new Process();
  #storeNumber = 1;
  /** The database as it was when a backup of it was taken last; at first nothing is in it. */
  #backup: MemoryStore = new MemoryStore();
  readonly #around: ControllerSurroundings;

  constructor(around: ControllerSurroundings) {
    this.#around = around;
  }

  get isRunning(): boolean {
    return !this.#process.isDead;
  }

  start(): void {
    const { time, broker, git, audit, signer, log } = this.#around;
    const process = new Process();
    this.#process = process;
    const never = async () => '';
    void startLoops({
      clock: time,
      store: process.port(this.#around.tamper(this.#port())),
      repository: process.port(git.repository),
      auditLog: process.port(audit),
      validator: process.port(git.validator),
      broker: process.port(simBrokerPort(broker, time, process)),
      metrics: { countMessage: () => {}, countPublished: () => {}, text: never },
      log,
      names: { repository: 'fleet', branch: 'main', auditBranch: 'audit' },
      signerFor: () => ({ signer, isTrusted: true }),
      pollMs: 10 * MINUTE,
      tickMs: this.#around.tickMs,
      quietMs: 500,
      window: 64,
      unreachableAfterMs: 30 * MINUTE,
      planLifetimeMs: millis(14 * 24 * 60 * MINUTE),
      requireSignatures: false,
    }).then(
      ({ office }) => {
        if (!process.isDead) this.office = office;
      },
      (error: unknown) => log(`the controller did not start: ${String(error)}`),
    );
  }

  takeBackup(): void {
    this.#backup = this.store.copy();
  }

  kill(): void {
    this.#process.kill();
    this.office = undefined;
    this.#around.broker.kick(CONTROLLER_CLIENT);
  }

  async restart(memory: Memory): Promise<void> {
    if (memory !== 'kept') {
      const pending = await this.store.unaudited(Number.MAX_SAFE_INTEGER);
      this.#around.forgotten(pending.map(({ atMs, decision }) => JSON.stringify([atMs, decision])));
    }
    if (memory === 'lost') {
      this.#backup = new MemoryStore();
      this.#storeNumber += 1;
    }
    if (memory !== 'kept') this.store = this.#backup.copy();
    this.start();
  }

  async board(device: DeviceId): Promise<StoredBoard | undefined> {
    for await (const board of this.store.boards()) if (board.device === device) return board;
    return undefined;
  }

  #port(): Store {
    const { store } = this;
    const id = `store${this.#storeNumber}`;
    return instead<Store>(store, {
      meta: async () => ({ ...(await store.meta()), id }),
      commit: async changes => {
        await store.commit(changes);
        this.#around.stored(changes);
      },
    });
  }
}
