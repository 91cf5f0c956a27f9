// How many boards of each fleet stood how, over time.

import { NO_BOARDS, STANDINGS, type Tally } from '@seatrial/controller/parts';
import type { DesiredState, Name } from '@seatrial/spec';
import type { Scene } from '../scene.ts';

export interface Sample {
  readonly atMs: number;
  readonly standings: Tally;
}

/** What time alone changes is seen within a minute, and what is stored within a second. */
const EVERY_MS = 60_000;
const SOON_MS = 1_000;

export class Timeline {
  readonly #scene: Pick<Scene, 'controller' | 'time'>;
  readonly #samples: ReadonlyMap<Name, Sample[]>;
  #startMs = 0;
  #isDue = false;

  constructor(scene: Pick<Scene, 'controller' | 'time'>, { fleets }: DesiredState) {
    this.#scene = scene;
    this.#samples = new Map(fleets.map(({ name }) => [name, []]));
  }

  /** From now on. */
  start(): void {
    this.#startMs = this.#scene.time.now();
    this.#repeat();
  }

  /** Something has changed: it is looked at once it has settled. */
  soon(): void {
    if (this.#isDue || this.#startMs === 0) return;
    this.#isDue = true;
    this.#scene.time.after(SOON_MS, () => {
      this.#isDue = false;
      this.#look();
    });
  }

  #repeat(): void {
    this.#look();
    this.#scene.time.after(EVERY_MS, () => this.#repeat());
  }

  /** Only moments at which something had changed; the first and the last are always there. */
  of(fleet: Name): readonly Sample[] {
    return this.#samples.get(fleet) ?? [];
  }

  /** Of all boards, how many are where they should be, as a share of 1. */
  arrivedShare(): number {
    const last = [...this.#samples.values()].flatMap(samples => samples.at(-1)?.standings ?? []);
    const boards = last.reduce((sum, standings) => sum + STANDINGS.reduce((all, one) => all + standings[one], 0), 0);
    return boards === 0 ? 0 : last.reduce((sum, { upToDate }) => sum + upToDate, 0) / boards;
  }

  #look(): void {
    const { office } = this.#scene.controller;
    const atMs = this.#scene.time.now();
    for (const { name, standings } of office?.fleets() ?? []) {
      const samples = this.#samples.get(name as Name); // the office names the fleets as git does
      const before = samples?.at(-1)?.standings ?? NO_BOARDS;
      if (samples?.length === 0 || STANDINGS.some(one => before[one] !== standings[one]))
        samples?.push({ atMs: samples.length === 0 ? this.#startMs : atMs, standings });
    }
  }
}
