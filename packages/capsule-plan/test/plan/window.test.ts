// Maintenance windows: when they are open, and that nothing which was found out before changes the answer.

import { millis, parseCron, parseTimeZone } from '@seatrial/spec';
import { Cron } from 'croner';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { windowState } from '../../src/index.ts';
import { need } from '../support/builders.ts';

const HOUR_MS = 3_600_000;
/** Clocks are put back in Europe and in America within these days. */
const FROM_MS = Date.UTC(2026, 9, 20);
const TO_MS = Date.UTC(2026, 10, 5);

const window = (start: string, hours: number, timeZone = 'device') => ({
  start: need(parseCron(start)),
  durationMs: millis(hours * HOUR_MS),
  timeZone: need(parseTimeZone(timeZone)),
});

const at = (moment: string, timeZone = 'UTC') => ({ nowMs: millis(Date.parse(moment)), timeZone });

test.each([
  ['before it', '2026-11-21T01:59:59.999Z', { kind: 'closed', opensAtMs: Date.parse('2026-11-21T02:00:00Z') }],
  ['as it opens', '2026-11-21T02:00:00Z', { kind: 'open', untilMs: Date.parse('2026-11-21T05:00:00Z') }],
  ['just before its end', '2026-11-21T04:59:59.999Z', { kind: 'open', untilMs: Date.parse('2026-11-21T05:00:00Z') }],
  ['at its end', '2026-11-21T05:00:00Z', { kind: 'closed', opensAtMs: Date.parse('2026-11-22T02:00:00Z') }],
])('when a board asks %s, then it hears so', (_when, moment, expected) => {
  expect(windowState([window('0 2 * * *', 3)], at(moment))).toEqual(expected);
});

test('when boards ask in any order, then each hears what it would have heard alone', () => {
  const asked = fc.record({
    start: fc.constantFrom('0 2 * * *', '30 1 * * 0', '*/20 * * * *', '0 3 29 2 *', '30 2 25 10 *'),
    zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
    hours: fc.integer({ min: 1, max: 30 }),
    nowMs: fc.integer({ min: FROM_MS, max: TO_MS }),
  });
  fc.assert(
    fc.property(fc.array(asked, { minLength: 2, maxLength: 20 }), questions => {
      for (const { start, zone, hours, nowMs } of questions) {
        const first = need(
          new Cron(start, { timezone: zone }).nextRun(new Date(nowMs - hours * HOUR_MS)) ?? undefined,
        ).getTime();
        const state = windowState([window(start, hours)], { nowMs: millis(nowMs), timeZone: zone });
        expect(state).toEqual(
          first > nowMs ? { kind: 'closed', opensAtMs: first } : { kind: 'open', untilMs: first + hours * HOUR_MS },
        );
      }
    }),
  );
});
