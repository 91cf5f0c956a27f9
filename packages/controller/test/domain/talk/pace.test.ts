// How often people are told, whoever speaks when and however often the controller is started anew.

import { millis } from '@seatrial/spec';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Pace, type Said, stillCounting, type Utterance, whoseTurn } from '../../../src/domain/talk/pace.ts';
import { NOW_MS } from '../../support/told-board.ts';

const PACE: Pace = { leastMs: 60_000, perMinute: 3, perHour: 20 };
const MINUTE_MS = 60_000;

interface Spoken {
  readonly topic: string;
  readonly digest: string;
  readonly isFinal: boolean;
  readonly atMs: number;
}

/** What was said, as the store would give it back. */
function saidOf(spoken: readonly Spoken[], nowMs: number): Said {
  const last = new Map(spoken.map(({ topic, ...one }) => [topic, { ...one, atMs: millis(one.atMs) }]));
  return {
    last,
    atMs: stillCounting(
      spoken.map(({ atMs }) => millis(atMs)),
      millis(nowMs),
    ),
  };
}

const look = (wanted: readonly Utterance[], spoken: Spoken[], nowMs: number, pace = PACE) => {
  const turn = whoseTurn(wanted, saidOf(spoken, nowMs), millis(nowMs), pace);
  for (const { topic, digest, isFinal } of turn.now) spoken.push({ topic, digest, isFinal, atMs: nowMs });
  return turn;
};

/** Looks as the loop would: at every moment that it asks for. */
function untilSilent(wanted: readonly Utterance[], spoken: Spoken[], fromMs: number): void {
  let nowMs = fromMs;
  for (let looks = 0; looks < 1_000; looks += 1) {
    const { nextAtMs } = look(wanted, spoken, nowMs);
    if (nextAtMs === undefined) return;
    expect(nextAtMs).toBeGreaterThan(nowMs);
    nowMs = nextAtMs;
  }
  throw new Error('the talk does not end');
}

const topic = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const story = fc.array(
  fc.record({ topic, digest: fc.constantFrom('1', '2', '3'), waitMs: fc.integer({ min: 0, max: 3 * MINUTE_MS }) }),
  { minLength: 1, maxLength: 60 },
);

interface Change {
  readonly topic: string;
  readonly digest: string;
  readonly waitMs: number;
}

/** Texts that change, and a look after each change. */
function playOut(changes: readonly Change[], isLast: (digest: string) => boolean) {
  const spoken: Spoken[] = [];
  const wanted = new Map<string, Utterance>();
  let nowMs: number = NOW_MS;
  for (const { topic: about, digest, waitMs } of changes) {
    wanted.set(about, { topic: about, digest, isFinal: isLast(digest), sinceMs: millis(NOW_MS) });
    nowMs += waitMs;
    look([...wanted.values()], spoken, nowMs);
  }
  return { spoken, wanted, nowMs };
}

describe('when texts change faster than people are told', () => {
  test('then the last text of every topic is always told, and no text twice in a row', () => {
    fc.assert(
      fc.property(story, changes => {
        const { spoken, wanted, nowMs } = playOut(changes, () => false);
        const last = [...wanted.values()].map(one => ({ ...one, isFinal: true }));
        untilSilent(last, spoken, nowMs);
        for (const one of last) {
          const told = spoken.filter(each => each.topic === one.topic).map(({ digest }) => digest);
          expect(told.at(-1)).toBe(one.digest);
          expect(told.some((digest, index) => digest === told[index - 1])).toBe(false);
        }
      }),
    );
  });

  test('then no topic speaks twice within its interval, but for the last word, and all together keep to the pace', () => {
    fc.assert(
      fc.property(story, changes => {
        const { spoken } = playOut(changes, digest => digest === '3');
        for (const [index, { topic: about, atMs, isFinal }] of spoken.entries()) {
          const before = spoken.slice(0, index).findLast(one => one.topic === about);
          const isLastWord = isFinal && before?.isFinal !== true;
          const passedMs = before === undefined || isLastWord ? PACE.leastMs : atMs - before.atMs;
          expect(passedMs).toBeGreaterThanOrEqual(PACE.leastMs);
          const inMinute = spoken.filter(one => one.atMs > atMs - MINUTE_MS && one.atMs <= atMs).length;
          const inHour = spoken.filter(one => one.atMs > atMs - 60 * MINUTE_MS && one.atMs <= atMs).length;
          expect(inMinute).toBeLessThanOrEqual(PACE.perMinute);
          expect(inHour).toBeLessThanOrEqual(PACE.perHour);
        }
      }),
    );
  });

  test('then those who have waited longest speak first, and last words before them', () => {
    const spoken: Spoken[] = [];
    const say = (about: string, isFinal = false): Utterance => ({
      topic: about,
      digest: `${about} anew`,
      isFinal,
      sinceMs: millis(NOW_MS),
    });
    for (const [index, about] of ['a', 'b', 'c'].entries()) {
      spoken.push({ topic: about, digest: 'old', isFinal: false, atMs: NOW_MS + index });
    }
    const later = NOW_MS + 10 * MINUTE_MS;
    const { now } = whoseTurn(
      [say('c'), say('b'), say('a'), say('z', true)],
      saidOf(spoken, later),
      millis(later),
      PACE,
    );
    expect(now.map(one => one.topic)).toEqual(['z', 'a', 'b']);
  });

  test('then a rollout of ninety days has fewer statuses than GitHub keeps for one commit', () => {
    const spoken: Spoken[] = [];
    let nowMs = NOW_MS;
    const wanted = () => [{ topic: 'a', digest: String(nowMs), isFinal: false, sinceMs: millis(NOW_MS) }];
    while (nowMs < NOW_MS + 90 * 24 * 60 * MINUTE_MS) {
      const { last } = saidOf(spoken.slice(-1), nowMs);
      const turn = whoseTurn(wanted(), { last, atMs: [] }, millis(nowMs), PACE);
      for (const { topic: about, digest } of turn.now)
        spoken.push({ topic: about, digest, isFinal: false, atMs: nowMs });
      nowMs = turn.nextAtMs ?? nowMs + 1;
    }
    expect(spoken.length).toBeLessThan(1_000);
    expect(spoken.length).toBeGreaterThan(100);
  });
});
