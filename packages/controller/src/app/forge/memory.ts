// What was told and written on the forge, in memory and in the store at once.

import type { Told } from '../../ports/store.ts';
import type { Desk } from '../desk.ts';

export class ForgeMemory {
  readonly #desk: Desk;
  #told: Map<string, Told> | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Everything by its topic; read once. */
  async all(): Promise<ReadonlyMap<string, Told>> {
    this.#told ??= new Map((await this.#desk.store.told()).map(told => [told.topic, told]));
    return this.#told;
  }

  async get(topic: string): Promise<Told | undefined> {
    return (await this.all()).get(topic);
  }

  /** Stored when it resolves. */
  async note(topic: string, digest: string, isFinal = false): Promise<Told> {
    await this.all();
    const told: Told = { topic, digest, isFinal, atMs: this.#desk.clock.now() };
    await this.#desk.note({ told: [told] });
    this.#told?.set(topic, told);
    return told;
  }

  async forget(topics: readonly string[]): Promise<void> {
    if (topics.length === 0) return;
    await this.#desk.note({ forgotten: topics });
    for (const topic of topics) this.#told?.delete(topic);
  }
}
