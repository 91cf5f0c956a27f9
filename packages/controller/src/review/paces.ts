// How many boards of each sort a stage lets in, and when those that can act are through.

import type { Millis } from '@seatrial/spec';
import { jitterOf } from '../domain/cohort.ts';
import { type Foresight, previewOf } from './foresight.ts';

/** able: would act. there: has nothing to do. silent: can not be counted on to answer. */
export type Sort = 'able' | 'there' | 'blocked' | 'failed' | 'silent';
export type Share = Readonly<Record<Sort, number>>;

export const NOBODY: Share = { able: 0, there: 0, blocked: 0, failed: 0, silent: 0 };

function sortOf({ prospect, isThere, seen }: Foresight): Sort {
  if (isThere) return 'there';
  if (prospect === 'unobserved' || seen?.unreachable === true) return 'silent';
  return prospect === 'blocked' || prospect === 'failed' ? prospect : 'able';
}

export function countSorts(boards: readonly Foresight[]): Share {
  const counts = { ...NOBODY };
  for (const board of boards) counts[sortOf(board)] += 1;
  return counts;
}

/** The part of each sort in the first `boards` of the cohort, if they are spread evenly; those that can act are rounded up. */
export function shareOf(all: Share, boards: number): Share {
  const cohort = Math.max(1, all.able + all.there + all.blocked + all.failed + all.silent);
  const part = (count: number): number => Math.floor((count * boards) / cohort);
  return {
    able: Math.ceil((all.able * boards) / cohort),
    there: part(all.there),
    blocked: part(all.blocked),
    failed: part(all.failed),
    silent: part(all.silent),
  };
}

/** Boards that are through at the same moment if they are told at the same moment and fetch at once. */
interface Pace {
  readonly example: Foresight;
  count: number;
}

export interface Through {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** No `count` boards are through earlier, whichever they are: not by their windows, and not by their turns to download. */
export function whenThrough(boards: readonly Foresight[], count: number, startMs: Millis): Through {
  const able = boards.filter(board => sortOf(board) === 'able');
  const paces = pacesOf(able);
  const jitters = Float64Array.from(able, jitterMsOf).sort();
  const finish = (jitterMs: number) => sorted(paces.map(pace => finishOf(pace, startMs, jitterMs)));
  const atOnce = finish(0);
  const firstMs = Math.max(nth(atOnce, 1), nth(finish(jitters[0] ?? 0), 1));
  const lastMs = Math.max(nth(atOnce, count), nth(finish(jitters[count - 1] ?? 0), 1));
  return { firstMs, lastMs: Math.max(firstMs, lastMs) };
}

const jitterMsOf = ({ target }: Foresight): number =>
  jitterOf(target.device, target.payloadHash, target.policy.download.jitterMs);

function pacesOf(boards: readonly Foresight[]): readonly Pace[] {
  const paces = new Map<string, Pace>();
  for (const board of boards) {
    const { target, seen, preview } = board;
    const steps = preview.steps.map(({ step }) => step.kind).join();
    const key = `${seen?.observed.clock.timeZone} ${target.payloadHash} ${steps}`;
    const known = paces.get(key);
    if (known === undefined) paces.set(key, { example: board, count: 1 });
    else known.count += 1;
  }
  return [...paces.values()];
}

interface Finish {
  readonly atMs: number;
  readonly count: number;
}

/** When the last step may be taken: windows are waited for, and what is fetched takes as long as the rate allows. */
function finishOf({ example, count }: Pace, startMs: Millis, jitterMs: number): Finish {
  const { seen, target } = example;
  if (seen === undefined) return { atMs: startMs, count };
  const { steps } = previewOf(seen, target, startMs, Math.ceil(jitterMs + fetchMsOf(example)));
  return { atMs: steps.at(-1)?.notBeforeMs ?? startMs, count };
}

/** Only capsules: nobody knows in advance how much of a commit a board lacks. */
function fetchMsOf({ target: { policy }, preview }: Foresight): number {
  const { maxRate } = policy.download;
  return maxRate === undefined ? 0 : (1000 * capsuleBytesOf(preview.steps)) / maxRate;
}

/** What the board would fetch, in bytes; pulled commits not counted. */
export const capsuleBytesOf = (steps: Foresight['preview']['steps']): number =>
  steps.reduce((sum, { step }) => sum + (step.kind === 'fetch-capsule' ? step.capsule.sizeBytes : 0), 0);

const sorted = (finishes: readonly Finish[]): readonly Finish[] => finishes.toSorted((a, b) => a.atMs - b.atMs);

/** The moment at which `count` boards are through. */
function nth(finishes: readonly Finish[], count: number): number {
  let through = 0;
  for (const { atMs, count: more } of finishes) {
    through += more;
    if (through >= count) return atMs;
  }
  return finishes.at(-1)?.atMs ?? 0;
}
