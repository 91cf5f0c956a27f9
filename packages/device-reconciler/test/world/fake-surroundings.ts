// The rest of a board in memory: artefacts, records, facts, health, systemd, and a clock that only moves when told.

import type { GateFacts, HealthResult } from '@seatrial/capsule-plan';
import { type BootId, type ByteCount, bytes, type HealthCheck, type Millis, millis, type Sha256 } from '@seatrial/spec';
import { PortError } from '../../src/errors.ts';
import type { ArtifactStore, FetchOptions } from '../../src/ports/artifact-store.ts';
import type { BoardFacts } from '../../src/ports/board-facts.ts';
import type { HealthProbe } from '../../src/ports/health-probe.ts';
import type { Log, LogLevel } from '../../src/ports/log.ts';
import type { RecordName, RecordStore } from '../../src/ports/record-store.ts';
import type { ServiceManager } from '../../src/ports/service-manager.ts';
import type { Timer } from '../../src/ports/timer.ts';
import { BY_CONTENT, type Measure } from './measure.ts';
import type { Power } from './power.ts';
import { boot, NOON } from './values.ts';

export class FakeArtifacts implements ArtifactStore {
  readonly stored = new Map<Sha256, Uint8Array>();
  /** What the server has, by URL. */
  readonly served = new Map<string, Uint8Array>();
  failure: PortError | undefined;
  readonly #power: Power;
  readonly #measure: Measure;

  constructor(power: Power, measure: Measure = BY_CONTENT) {
    this.#power = power;
    this.#measure = measure;
  }

  async list(): Promise<readonly Sha256[]> {
    return [...this.stored.keys()].sort();
  }

  async fetch(
    { url, sizeBytes, sha256 }: { url: string; sizeBytes: number; sha256: Sha256 },
    { onProgress }: FetchOptions,
  ): Promise<void> {
    this.#power.point('before fetching');
    if (this.failure !== undefined) throw this.failure;
    const content = this.served.get(url);
    if (content === undefined) throw new PortError('artifact-missing', url);
    if (this.#measure.sizeOf(content) !== sizeBytes) throw new PortError('artifact-size', url);
    if (this.#measure.digestOf(content) !== sha256) throw new PortError('artifact-digest', url);
    onProgress({ done: sizeBytes, total: sizeBytes, unit: 'bytes' });
    this.stored.set(sha256, content);
    this.#power.point('after fetching');
  }

  pathOf(sha256: Sha256): string {
    return sha256;
  }

  async discard(sha256: Sha256): Promise<void> {
    this.stored.delete(sha256);
  }

  async keepOnly(wanted: readonly Sha256[]): Promise<void> {
    for (const sha256 of this.stored.keys()) if (!wanted.includes(sha256)) this.stored.delete(sha256);
  }
}

export class FakeRecords implements RecordStore {
  readonly stored = new Map<string, string>();
  /** Names of the records that were written, in order. */
  readonly writes: RecordName[] = [];
  readonly #power: Power;

  constructor(power: Power) {
    this.#power = power;
  }

  async read(name: RecordName): Promise<string | undefined> {
    return this.stored.get(name);
  }

  async write(name: RecordName, text: string): Promise<void> {
    this.#power.point(`before keeping ${name}`);
    this.stored.set(name, text);
    this.writes.push(name);
    this.#power.point(`after keeping ${name}`);
  }

  async setAside(name: RecordName): Promise<string> {
    const text = this.stored.get(name);
    if (text === undefined) throw new PortError('store-io', name);
    this.stored.delete(name);
    this.stored.set(`${name}.corrupt`, text);
    return `${name}.corrupt`;
  }
}

export class FakeFacts implements BoardFacts {
  boots = 1;
  facts: GateFacts = {};
  free: ByteCount = bytes(1024 ** 3);

  async bootId(): Promise<BootId> {
    return boot(this.boots);
  }
  async timeZone(): Promise<string> {
    return 'UTC';
  }
  async gates(): Promise<GateFacts> {
    return this.facts;
  }
  async rpmbProvisioned(): Promise<boolean> {
    return true;
  }
  async freeBytes(_path: string): Promise<ByteCount> {
    return this.free;
  }
}

/** Answers as the running system is; `answer` is asked for every check. */
export class FakeHealth implements HealthProbe {
  answer: (check: HealthCheck) => boolean = () => true;

  async run(check: HealthCheck): Promise<HealthResult> {
    const healthy = this.answer(check);
    return { name: check.name, healthy, detail: healthy ? 'active' : 'failed' };
  }
}

export class FakeServices implements ServiceManager {
  reboots = 0;
  readonly #power: Power;

  constructor(power: Power) {
    this.#power = power;
  }

  async reboot(): Promise<void> {
    this.#power.point('before rebooting');
    this.reboots += 1;
  }
}

/** Time stands still until somebody sleeps; then it jumps. */
export class FakeTimer implements Timer {
  nowMs: Millis = NOON;
  elapsedMs = 0;
  readonly slept: number[] = [];

  now(): Millis {
    return this.nowMs;
  }
  monotonic(): Millis {
    return millis(this.elapsedMs);
  }
  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.pass(ms);
  }
  roll(): number {
    return 0.5;
  }
  pass(ms: number): void {
    this.elapsedMs += ms;
    this.nowMs = millis(this.nowMs + ms);
  }
}

export class FakeLog implements Log {
  readonly lines: { readonly level: LogLevel; readonly message: string }[] = [];

  write(level: LogLevel, message: string): void {
    this.lines.push({ level, message });
  }
}
