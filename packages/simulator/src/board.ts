// A board with the real agent on it: what its power, its storage, its clock and its processes go through.

import { AgentConfig, type AgentConfig as Config, PortError } from '@seatrial/device-reconciler';
import { type Ports, planIntake, runDaemon } from '@seatrial/device-reconciler/parts';
import { type DeviceId, millis, type OstreeCommit, type SigningRole } from '@seatrial/spec';
import type { SimBroker } from './broker.ts';
import type { Chance } from './chance.ts';
import { EVK, Hardware, type Make, type Nature } from './hardware.ts';
import { simLink } from './link.ts';
import { instead, Process } from './process.ts';
import type { Started } from './start.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What tells one board from the others. */
export interface BoardBirth {
  readonly device: DeviceId;
  /** From 1; part of its boot ids. */
  readonly number: number;
  readonly nature: Nature;
  readonly make?: Make;
}

/** How long downloads take, in milliseconds. */
export interface Downloads {
  capsuleMs(sizeBytes: number, maxRate: number | undefined): number;
  commitMs(commit: OstreeCommit, maxRate: number | undefined): number;
}

export interface BoardSurroundings {
  readonly time: VirtualTime;
  readonly broker: SimBroker;
  readonly chance: Chance;
  readonly role: SigningRole;
  /** Sees the board after whatever touched it. */
  readonly watch: BoardWatch;
  readonly agent: Config['intervals'];
  readonly downloads: Downloads;
  /** Replaces a port before the agent gets it: a decision that is broken on purpose. */
  readonly tamper: (ports: Ports, board: SimBoard) => Ports;
}

export interface BoardWatch {
  effect(board: SimBoard, name: string): void;
  started(board: SimBoard, started: Started): void;
  rebootAsked(board: SimBoard): void;
  planKept(board: SimBoard, text: string): void;
  log(board: SimBoard, line: string): void;
  /** A capsule or a commit has arrived whole; `sizeBytes` of a commit is not known. */
  fetched(board: SimBoard, what: { readonly sizeBytes: number } | { readonly commit: OstreeCommit }): void;
}

export class SimBoard {
  device: DeviceId;
  readonly hardware: Hardware;
  /** Dead hardware: it never comes up again. */
  isDead = false;
  isPowered = false;
  /** Added to the true time by the board's own clock. */
  clockOffsetMs = 0;
  /** The server of artefacts can not be reached. */
  isOffline = false;
  reboots = 0;
  #process = new Process();
  #config: Config | undefined;
  #hasCrashed = new Set<OstreeCommit>();
  /** What the last bless has renamed, as long as it is not surely on the disk. */
  #unsynced: Hardware['boot']['deployed'] | undefined;
  losesBlesses = false;
  readonly #around: BoardSurroundings;

  constructor({ device, number, nature, make = EVK }: BoardBirth, around: BoardSurroundings) {
    this.device = device;
    this.#around = around;
    this.hardware = new Hardware(number, nature, make);
    const { power } = this.hardware;
    power.onEffect = name => around.watch.effect(this, name);
    power.onCut = () => this.#powerIsGone(around.chance.between(1_000, 600_000));
  }

  nowMs(): number {
    return this.#around.time.now() + this.clockOffsetMs;
  }

  powerOn(): void {
    if (this.isDead || this.isPowered) return;
    const { time, watch, chance } = this.#around;
    this.isPowered = true;
    this.hardware.power.isOn = true;
    const start = this.hardware.start();
    watch.started(this, start);
    if (start.os === undefined) {
      this.isDead = true;
      return;
    }
    const process = new Process();
    this.#process = process;
    time.after(start.starts * 20_000 + chance.between(1_000, 10_000), () => this.#startAgent(process));
  }

  /** Whatever is under way stops here; the disk keeps what was on it. */
  cutPower(offMs: number): void {
    if (!this.isPowered) return;
    this.hardware.power.isOn = false;
    this.#powerIsGone(offMs);
  }

  /** As by kill -9; systemd starts it again. */
  killAgent(): void {
    if (!this.isPowered) return;
    const { time, broker } = this.#around;
    this.#process.kill();
    broker.kick(this.device);
    const process = new Process();
    this.#process = process;
    time.after(5_000, () => this.#startAgent(process));
  }

  /** By the process that its connections are of. */
  isRunBy = (sender: object | undefined): boolean => sender === this.#process;

  /** Somebody has put another card into it: the agent comes up with another name and the records of the old one. */
  takeIdentity(device: DeviceId): void {
    this.killAgent();
    this.device = device;
    this.#config = undefined;
  }

  #powerIsGone(offMs: number): void {
    const { time, broker } = this.#around;
    this.hardware.records.powerIsGone(time.now());
    this.isPowered = false;
    this.#process.kill();
    if (this.#unsynced !== undefined && this.losesBlesses) this.hardware.boot.deployed = this.#unsynced;
    this.#unsynced = undefined;
    broker.vanish(this.device);
    time.after(offMs, () => this.powerOn());
  }

  #reboot(): void {
    this.reboots += 1;
    const { time, chance } = this.#around;
    const process = this.#process;
    time.after(chance.between(1_000, 8_000), () => {
      if (process.isDead) return;
      this.#unsynced = undefined;
      this.hardware.power.isOn = false;
      this.#powerIsGone(1_000);
    });
  }

  #startAgent(process: Process): void {
    if (process.isDead || !this.isPowered) return;
    void this.#runAgent(process).catch((error: unknown) => {
      if (!process.isDead) this.#around.watch.log(this, `the agent ended: ${String(error)}`);
    });
  }

  async #runAgent(process: Process): Promise<void> {
    const { time, broker, chance, role, agent, tamper } = this.#around;
    const { device } = this;
    this.#config ??= { ...AgentConfig.parse({ device }), intervals: agent };
    const config = this.#config;
    const ports = guarded(process, tamper(this.#ports(process), this));
    const link = simLink({ device, broker, time, chance, process });
    const intake = await planIntake({ device, trust: { controller: async () => role }, ports });
    await runDaemon(
      { config, agentVersion: '0.1.0', ports, link: process.port(link), intake },
      new AbortController().signal,
    );
  }

  #ports(process: Process): Ports {
    const { time, chance, watch, downloads } = this.#around;
    const { efi, boot, artifacts, esp, records, facts } = this.hardware;
    const online = (code: 'artifact-unreachable' | 'pull-unreachable', what: string): void => {
      if (this.isOffline) throw new PortError(code, what);
    };
    return {
      efiVariables: efi,
      firmwareTable: {
        rows: async () => {
          const { esrt } = this.hardware;
          return esrt === undefined ? [] : [esrt];
        },
      },
      artifacts: instead(artifacts, {
        fetch: async (artifact, options) => {
          await time.sleep(downloads.capsuleMs(artifact.sizeBytes, options.maxRate), options.signal);
          if (options.signal.aborted) throw new PortError('interrupted', artifact.url);
          online('artifact-unreachable', artifact.url);
          if (process.isDead) return;
          await artifacts.fetch(artifact, options);
          watch.fetched(this, artifact);
        },
      }),
      ostree: instead<Ports['ostree']>(boot, {
        pull: async (source, options) => {
          await time.sleep(downloads.commitMs(source.commit, options.maxRate), options.signal);
          if (options.signal.aborted) throw new PortError('interrupted', source.commit);
          online('pull-unreachable', source.commit);
          if (process.isDead) return;
          await boot.pull(source, options);
          watch.fetched(this, source);
        },
        deploy: async (commit, stateroot) => {
          await time.sleep(chance.between(500, 20_000));
          if (!process.isDead) await boot.deploy(commit, stateroot);
        },
      }),
      loaderEntries: boot,
      bootAssessment: instead<Ports['bootAssessment']>(boot, {
        markGood: async booted => {
          const before = boot.deployed;
          await boot.markGood(booted);
          this.#blessed(before, process);
        },
      }),
      facts,
      services: {
        reboot: async () => {
          watch.rebootAsked(this);
          this.#reboot();
        },
      },
      health: { run: ({ name, timeoutMs }) => this.#health(name, timeoutMs) },
      records: instead<Ports['records']>(records, {
        write: async (name, text) => {
          records.nowMs = time.now();
          await records.write(name, text);
          if (name === 'last-plan') watch.planKept(this, text);
        },
      }),
      timer: {
        now: () => millis(Math.max(0, this.nowMs())),
        monotonic: () => time.elapsedMs(),
        sleep: (ms, signal) => time.sleep(ms, signal),
        roll: () => chance.next(),
      },
      log: { write: (level, message) => watch.log(this, `${level}: ${message}`) },
      espAt: () => esp,
    };
  }

  async #health(name: string, timeoutMs: number) {
    const { time, chance } = this.#around;
    const behaviour = this.hardware.osBehaviour(this.hardware.runningOs);
    if (behaviour === 'hangs') await time.sleep(timeoutMs);
    const healthy =
      behaviour === 'healthy' || behaviour === 'crashes-once' || (behaviour === 'flaps' && chance.happens(0.3));
    if (healthy) this.hardware.proven.add(this.hardware.runningOs);
    return { name, healthy, detail: healthy ? 'active' : 'failed' };
  }

  /** Some systems crash right after they were blessed; some disks have not kept the bless by then. */
  #blessed(before: Hardware['boot']['deployed'], process: Process): void {
    const { runningOs } = this.hardware;
    this.#unsynced = before;
    const { time } = this.#around;
    time.after(5_000, () => {
      if (!process.isDead) this.#unsynced = undefined;
    });
    if (this.hardware.osBehaviour(runningOs) !== 'crashes-once' || this.#hasCrashed.has(runningOs)) return;
    this.#hasCrashed.add(runningOs);
    time.after(2_000, () => {
      if (!process.isDead) this.cutPower(1_000);
    });
  }
}

/** Every port of the bag, with the process behind it. */
function guarded(process: Process, ports: Ports): Ports {
  const esp = process.port(ports.espAt('/boot'));
  return {
    ...ports,
    efiVariables: process.port(ports.efiVariables),
    firmwareTable: process.port(ports.firmwareTable),
    artifacts: process.port(ports.artifacts),
    ostree: process.port(ports.ostree),
    loaderEntries: process.port(ports.loaderEntries),
    bootAssessment: process.port(ports.bootAssessment),
    facts: process.port(ports.facts),
    services: process.port(ports.services),
    health: process.port(ports.health),
    records: process.port(ports.records),
    timer: process.port(ports.timer),
    espAt: () => esp,
  };
}
