// How often people are told: nothing twice, the last word always, and never faster than a forge bears.
//
// What was told is remembered outside (see Told in ports/store.ts), so a restart changes nothing here.

import { type Millis, millis } from '@seatrial/spec';

/** Something to be told under a topic. */
export interface Utterance {
  readonly topic: string;
  readonly digest: string;
  /** The last word: it does not wait for its topic's turn. */
  readonly isFinal: boolean;
  /** When the matter began: the longer it lasts, the less often it is told of. */
  readonly sinceMs: Millis;
}

export interface Pace {
  /** Between two utterances under one topic, at least. */
  readonly leastMs: number;
  /** Over all topics. GitHub bears 80 and 500 requests that make content [GITHUB-REST]. */
  readonly perMinute: number;
  readonly perHour: number;
}

/** What was said before: the last under each topic, and when anything was. */
export interface Said {
  readonly last: ReadonlyMap<string, { readonly digest: string; readonly atMs: Millis; readonly isFinal: boolean }>;
  readonly atMs: readonly Millis[];
}

export interface Turn<U extends Utterance> {
  readonly now: readonly U[];
  /** When somebody's turn comes next; absent when nobody has anything to say. */
  readonly nextAtMs?: Millis;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/**
 * A topic waits a hundredth of its age: in ninety days it has then had its turn fewer than a thousand times, which is as
 * many statuses as GitHub keeps for one commit and context.
 */
const SHARE_OF_AGE = 1 / 100;

/** Who may speak now. Last words first, then those who have waited longest. */
export function whoseTurn<U extends Utterance>(
  utterances: readonly U[],
  said: Said,
  nowMs: Millis,
  pace: Pace,
): Turn<U> {
  const waiting = utterances
    .filter(({ topic, digest }) => said.last.get(topic)?.digest !== digest)
    .map(utterance => ({ utterance, dueMs: dueMs(utterance, said, nowMs, pace) }))
    .sort((a, b) => Number(b.utterance.isFinal) - Number(a.utterance.isFinal) || a.dueMs - b.dueMs);
  const due = waiting.filter(one => one.dueMs <= nowMs);
  const now = due.slice(0, roomNow(said.atMs, nowMs, pace)).map(({ utterance }) => utterance);
  const later = [
    ...waiting.filter(one => one.dueMs > nowMs).map(one => one.dueMs),
    ...(now.length < due.length ? [nowMs + MINUTE_MS] : []),
  ];
  return { now, ...(later.length > 0 && { nextAtMs: millis(Math.min(...later)) }) };
}

function dueMs({ topic, isFinal, sinceMs }: Utterance, { last }: Said, nowMs: Millis, { leastMs }: Pace): number {
  const before = last.get(topic);
  if (before === undefined || (isFinal && !before.isFinal)) return 0;
  return before.atMs + Math.max(leastMs, (nowMs - sinceMs) * SHARE_OF_AGE);
}

function roomNow(spokenAtMs: readonly Millis[], nowMs: Millis, { perMinute, perHour }: Pace): number {
  const within = (ms: number) => spokenAtMs.filter(atMs => atMs > nowMs - ms && atMs <= nowMs).length;
  return Math.max(0, Math.min(perMinute - within(MINUTE_MS), perHour - within(HOUR_MS)));
}

/** Moments that still count against the pace. */
export const stillCounting = (spokenAtMs: readonly Millis[], nowMs: Millis): Millis[] =>
  spokenAtMs.filter(atMs => atMs > nowMs - HOUR_MS);
