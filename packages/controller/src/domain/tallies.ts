// Counts of boards by group and standing, kept up to date one board at a time.

import { STANDINGS, type Standing } from './standing.ts';

export type Tally = Readonly<Record<Standing, number>>;

const WIDTH = STANDINGS.length;
const ROOM_FOR_GROUPS = 64;

/** How many boards of each group stand how; grows with the groups that are mentioned. */
export class Tallies {
  #counts = new Uint32Array(ROOM_FOR_GROUPS * WIDTH);

  count(group: number, standing: number, by: 1 | -1): void {
    const cell = group * WIDTH + standing;
    if (cell >= this.#counts.length) this.#grow(cell * 2);
    this.#counts[cell] = (this.#counts[cell] ?? 0) + by;
  }

  of(group: number): Tally {
    const start = group * WIDTH;
    const counts = STANDINGS.map((standing, index) => [standing, this.#counts[start + index] ?? 0] as const);
    return Object.fromEntries(counts) as Tally; // one count for each of STANDINGS
  }

  #grow(cells: number): void {
    const larger = new Uint32Array(cells);
    larger.set(this.#counts);
    this.#counts = larger;
  }
}

export const NO_BOARDS: Tally = new Tallies().of(0);
export const addTallies = (a: Tally, b: Tally): Tally =>
  Object.fromEntries(STANDINGS.map(standing => [standing, a[standing] + b[standing]])) as Tally; // one sum for each of STANDINGS
export const boardsIn = (tally: Tally): number => STANDINGS.reduce((sum, standing) => sum + tally[standing], 0);
