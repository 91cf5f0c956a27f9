// Every board of every fleet as columns: one row per board, one typed array per fact, a few bytes for each.
//
// Objects for a million boards cost hundreds of megabytes and a pause to scan; columns cost tens and milliseconds. Hashes
// stand in the columns as small numbers, which `Numbering` gives out. Rows are never removed: a board that git no longer
// lists keeps its row in the group of nobody.

import type { DeviceId } from '@seatrial/spec';
import { InvariantError } from '@seatrial/spec';

/** In a column of numbered hashes: no hash at all. */
export const NOTHING = 0;
/** In a column of moments: never. */
export const NEVER = Number.POSITIVE_INFINITY;
/** In the column of silence: nothing was ever heard of the board. Compares false with every moment. */
const UNHEARD_OF = Number.NaN;

const COLUMNS = {
  /** The group that the board is counted in, see groups.ts. */
  group: Uint32Array,
  /** Its place in the order of its fleet's rollout, from 0. */
  rank: Uint32Array,
  /** The payload that git wants on the board. */
  wanted: Uint32Array,
  /** The payload of the newest plan made for it, that plan's try at it, all that it tells the board, and its generation. */
  planned: Uint32Array,
  attempt: Uint16Array,
  content: Uint32Array,
  generation: Float64Array,
  /** The rollout that set the board in motion with that plan. */
  movedIn: Uint32Array,
  /** When the newest plan expires. */
  expiresAtMs: Float64Array,
  /** The payload and the try that the last verdict speaks about, and the verdict itself. */
  judged: Uint32Array,
  judgedAttempt: Uint16Array,
  verdict: Uint8Array,
  /** The highest sequence number of a report, plus one; 0 before the first report. */
  reported: Float64Array,
  /** When the board counts as unreachable; NEVER while it is connected. */
  unreachableAtMs: Float64Array,
  /** When the board has had its time; NEVER while it is not acting. */
  overdueAtMs: Float64Array,
  /** What `diff` made of all this when it last looked. */
  standing: Uint8Array,
} as const;

export type Columns = { -readonly [C in keyof typeof COLUMNS]: InstanceType<(typeof COLUMNS)[C]> };

export interface Boards extends Columns {
  /** Rows in use. */
  count: number;
  readonly ids: DeviceId[];
  readonly rows: Map<DeviceId, number>;
}

const SMALLEST_CAPACITY = 64;
const NAMES = Object.keys(COLUMNS) as readonly (keyof Columns)[]; // the keys of COLUMNS by definition

export function emptyBoards(capacity = SMALLEST_CAPACITY): Boards {
  const columns = Object.fromEntries(NAMES.map(name => [name, new COLUMNS[name](capacity)]));
  return { ...(columns as Columns), count: 0, ids: [], rows: new Map() }; // one array per name of COLUMNS
}

/** The row of a board; a new one, about which nothing is known, where the board has none. */
export function rowOf(boards: Boards, id: DeviceId): number {
  const known = boards.rows.get(id);
  if (known !== undefined) return known;
  const row = boards.count;
  if (row === boards.group.length) grow(boards, row * 2);
  boards.unreachableAtMs[row] = UNHEARD_OF;
  boards.overdueAtMs[row] = NEVER;
  boards.ids.push(id);
  boards.rows.set(id, row);
  boards.count = row + 1;
  return row;
}

/** Neither presence nor a report of the board ever came, and nobody has begun to wait for one. */
export const isUnheardOf = (boards: Boards, row: number): boolean => Number.isNaN(boards.unreachableAtMs[row]);

export function idOf(boards: Boards, row: number): DeviceId {
  const id = boards.ids[row];
  if (id === undefined) throw new InvariantError(`no board has row ${row}`);
  return id;
}

function grow(boards: Boards, capacity: number): void {
  for (const name of NAMES) {
    const larger = new COLUMNS[name](capacity);
    larger.set(boards[name]);
    Object.assign(boards, { [name]: larger });
  }
}

/** Gives every text a number of its own, from 1: what columns hold in place of hashes. */
export class Numbering {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [''];

  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.push(text) - 1;
    this.#numbers.set(text, number);
    return number;
  }

  /** Undefined for NOTHING and for a number that was never given out. */
  textOf(number: number): string | undefined {
    return number === NOTHING ? undefined : this.#texts[number];
  }
}
