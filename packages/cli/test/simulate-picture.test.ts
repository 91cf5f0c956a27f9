import type { FleetRehearsal } from '@seatrial/simulator';
import { describe, expect, test } from 'vitest';
import { bandsOf } from '../src/simulate/bands.ts';
import { formatSpan, formatWhen } from '../src/simulate/span.ts';
import { element, text } from '../src/simulate/svg-parts.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('when a length of time is told', () => {
  test.each([
    [0, '0s'],
    [59_000, '59s'],
    [MINUTE, '1m'],
    [59.6 * MINUTE, '1h'],
    [17 * HOUR + 2 * MINUTE, '17h 2m'],
    [23 * HOUR + 59.9 * MINUTE, '1d'],
    [47.8 * HOUR, '2d'],
    [162 * HOUR, '6d 18h'],
  ])('then %i ms are %s', (ms, words) => {
    expect(formatSpan(ms)).toBe(words);
  });

  test('then a moment has its weekday in UTC and how long it is after the merge', () => {
    expect(formatWhen(Date.UTC(2026, 0, 7, 2), Date.UTC(2026, 0, 5, 9))).toBe('Wed 02:00 (+1d 17h)');
  });
});

describe('when boards are stacked', () => {
  const none = { unassigned: 0, queued: 0, pending: 0, updating: 0, gated: 0, blocked: 0, failed: 0, overdue: 0 };
  const sample = (atMs: number, changes: Partial<FleetRehearsal['timeline'][number]['standings']>) => ({
    atMs,
    standings: { ...none, unreachable: 0, upToDate: 0, ...changes },
  });

  test('then every band begins where the one below it ends, and the uppermost reaches all boards', () => {
    const bands = bandsOf(
      [
        sample(0, { queued: 5 }),
        sample(10, { updating: 2, queued: 3 }),
        sample(20, { upToDate: 1, failed: 1, queued: 3 }),
      ],
      30,
    );
    expect(bands.map(({ band }) => band.name)).toEqual(['up to date', 'failed', 'at work', 'not its turn yet']);
    for (let at = 0; at < 4; at += 1) {
      expect(bands.map(({ steps }) => steps[at]?.from)).toEqual([
        0,
        ...bands.slice(0, -1).map(({ steps }) => steps[at]?.to),
      ]);
      expect(bands.at(-1)?.steps[at]?.to).toBe(5);
    }
    expect(bands.at(-1)?.steps.at(-1)?.atMs).toBe(30);
  });
});

describe('when text stands in a picture', () => {
  test('then what others wrote can not become markup', () => {
    expect(text('<script>"a" & b</script>', { x: 1.005 })).toBe(
      '<text x="1">&lt;script&gt;&quot;a&quot; &amp; b&lt;/script&gt;</text>',
    );
    expect(element('g', { id: '"><x' })).toBe('<g id="&quot;&gt;&lt;x"/>');
  });
});
