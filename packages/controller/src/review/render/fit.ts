// A review in Markdown within a bound: what matters most comes first, and what does not fit is counted, not cut in two.

import { type FleetReview, REVIEW_MARKER, type Review } from '../review.ts';
import {
  basisPart,
  fleetFold,
  issueItem,
  issuesOf,
  tableHead,
  tableRow,
  verdictPart,
  warningItem,
} from './markdown.ts';

export interface FitOptions {
  /** In bytes of UTF-8, which are never fewer than the characters that GitHub counts. */
  readonly limit: number;
  /** Where what does not fit can be read, as a sentence of ours. */
  readonly elsewhere: string;
  readonly marker: boolean;
}

/** Warnings first, then rows of the table, then folds; in each, the fleets with the most changing boards. */
export function fitReview(review: Review, { limit, elsewhere, marker }: FitOptions): string {
  const before = [...(marker ? [REVIEW_MARKER] : []), ...verdictPart(review), ''];
  const after = ['', ...basisPart(review)];
  const room = new Room(limit - sizeOf(before) - sizeOf(after) - RESERVED * sizeOf([elsewhere]) - NOTES_BYTES);
  const ranked = byWeight(review.fleets);
  const items = [...issuesOf(review).map(issueItem), ...review.warnings.map(warningItem)];
  const head = review.fleets.length === 0 ? [] : tableHead();
  room.take(head);
  const warnings = room.most(items.map(item => [item]));
  const rows = room.most(ranked.map(fleet => [tableRow(fleet)]));
  const folds = ranked.filter(fleet => fleetFold(fleet).length > 0).map(fleet => room.largest(variantsOf(fleet)));
  const shownFolds = folds.filter(lines => lines.length > 0);
  const body = [
    ...before,
    ...(rows.length === 0 ? [] : [...head, ...rows.flat()]),
    ...more(ranked.length - rows.length, 'fleets', elsewhere),
    ...(warnings.length === 0 ? [] : ['', ...warnings.flat()]),
    ...more(items.length - warnings.length, 'warnings', elsewhere),
    ...shownFolds.flatMap(lines => ['', ...lines]),
    ...more(folds.length - shownFolds.length, "fleets' steps", elsewhere),
    ...after,
  ];
  return body.join('\n');
}

/** Of the notes about what is left out, of which there are three. */
const RESERVED = 3;
const NOTES_BYTES = 256;

const more = (count: number, what: string, elsewhere: string): readonly string[] =>
  count <= 0 ? [] : ['', `${count} more ${what}: ${elsewhere}`];

/** Whole, or with fewer classes of boards. */
function* variantsOf(fleet: FleetReview): Generator<readonly string[]> {
  yield fleetFold(fleet);
  for (const most of [32, 8, 2]) if (fleet.classes.length > most) yield fleetFold(fleet, most);
}

const byWeight = (fleets: readonly FleetReview[]): readonly FleetReview[] =>
  [...fleets].sort((a, b) => b.counts.changing - a.counts.changing || (a.fleet < b.fleet ? -1 : 1));

/** Lines with their ends, and an empty one before. */
const sizeOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 1);

class Room {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(lines: readonly string[]): void {
    this.#left -= sizeOf(lines);
  }

  /** The first that fits; nothing where none does. */
  largest(variants: Iterable<readonly string[]>): readonly string[] {
    for (const lines of variants) {
      if (sizeOf(lines) > this.#left) continue;
      this.take(lines);
      return lines;
    }
    return [];
  }

  /** As many of the first as fit: what comes after one that does not is left out as well. */
  most(parts: readonly (readonly string[])[]): readonly (readonly string[])[] {
    const missing = parts.findIndex(lines => {
      const size = sizeOf(lines);
      if (size > this.#left) return true;
      this.#left -= size;
      return false;
    });
    return missing === -1 ? parts : parts.slice(0, missing);
  }
}
