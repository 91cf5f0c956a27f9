// The diff: one board after the other comes to the same as all boards anew, and what makes a board stand how.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Boards, emptyBoards, idOf, NEVER, Numbering, rowOf } from '../../src/domain/boards.ts';
import { diffAll, diffBoard, diffRows, regroup, standingAt } from '../../src/domain/diff.ts';
import { type Standing, verdictCode } from '../../src/domain/standing.ts';
import { Tallies } from '../../src/domain/tallies.ts';
import { deviceId } from '../support/told-board.ts';

const VERDICTS = ['none', 'pending', 'updating', 'gated', 'blocked', 'failed', 'upToDate'] as const;
const NOW = 1_000;

interface Facts {
  readonly wanted: number;
  readonly planned: number;
  readonly attempt: number;
  readonly judged: number;
  readonly judgedAttempt: number;
  readonly verdict: (typeof VERDICTS)[number];
  readonly unreachableAtMs: number;
  readonly overdueAtMs: number;
}

const HEALTHY: Facts = {
  wanted: 1,
  planned: 1,
  attempt: 1,
  judged: 1,
  judgedAttempt: 1,
  verdict: 'updating',
  unreachableAtMs: NEVER,
  overdueAtMs: NEVER,
};

function put(boards: Boards, row: number, { verdict, ...numbers }: Facts): void {
  for (const [column, value] of Object.entries(numbers)) boards[column as keyof typeof numbers][row] = value;
  boards.verdict[row] = verdictCode(verdict);
}

function standingWith(facts: Partial<Facts>): Standing {
  const boards = emptyBoards();
  const row = rowOf(boards, deviceId('hub-1'));
  put(boards, row, { ...HEALTHY, ...facts });
  diffAll(boards, NOW);
  return standingAt(boards, row);
}

describe('when one board is looked at', () => {
  test.each<readonly [string, Partial<Facts>, Standing]>([
    ['nothing is wanted of it', { wanted: 0 }, 'unassigned'],
    ['it runs what is wanted', { verdict: 'upToDate' }, 'upToDate'],
    ['it runs what is wanted and was never told', { verdict: 'upToDate', planned: 0 }, 'upToDate'],
    ['it runs what is wanted and is silent', { verdict: 'upToDate', unreachableAtMs: NOW }, 'upToDate'],
    ['it proved something else', { verdict: 'upToDate', judged: 2 }, 'pending'],
    ['it has a plan for something else', { planned: 2 }, 'queued'],
    ['it has no plan and is silent', { planned: 0, unreachableAtMs: 0 }, 'queued'],
    ['it has said nothing about its plan', { verdict: 'none' }, 'pending'],
    ['it is at work', {}, 'updating'],
    ['it waits for a gate', { verdict: 'gated' }, 'gated'],
    ['it can not begin', { verdict: 'blocked' }, 'blocked'],
    ['it failed', { verdict: 'failed' }, 'failed'],
    ['it failed and fell silent', { verdict: 'failed', unreachableAtMs: NOW }, 'failed'],
    ['it failed an earlier try', { verdict: 'failed', attempt: 2 }, 'pending'],
    ['it is silent', { unreachableAtMs: NOW }, 'unreachable'],
    ['it will be silent', { unreachableAtMs: NOW + 1 }, 'updating'],
    ['it is late', { overdueAtMs: NOW }, 'overdue'],
    ['it is late and waits for a gate', { overdueAtMs: NOW, verdict: 'gated' }, 'gated'],
    ['it is late and silent', { overdueAtMs: NOW, unreachableAtMs: NOW }, 'unreachable'],
    ['nothing was ever heard of it', { verdict: 'none', judged: 0, unreachableAtMs: Number.NaN }, 'pending'],
  ])('and %s, then it stands so', (_when, facts, standing) => {
    expect(standingWith(facts)).toBe(standing);
  });
});

const facts: fc.Arbitrary<Facts> = fc.record({
  wanted: fc.nat({ max: 3 }),
  planned: fc.nat({ max: 3 }),
  attempt: fc.nat({ max: 2 }),
  judged: fc.nat({ max: 3 }),
  judgedAttempt: fc.nat({ max: 2 }),
  verdict: fc.constantFrom(...VERDICTS),
  unreachableAtMs: fc.constantFrom(NEVER, 500, NOW, 2_000),
  overdueAtMs: fc.constantFrom(NEVER, 500, NOW, 2_000),
});

describe('when boards change one after the other', () => {
  test('then the counts are those of looking at all of them anew', () => {
    const changes = fc.array(fc.record({ pick: fc.nat(), facts, group: fc.nat({ max: 200 }) }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), changes, (count, all) => {
        const boards = emptyBoards(4);
        for (let index = 0; index < count; index += 1) rowOf(boards, deviceId(`hub-${index}`));
        const tallies = diffAll(boards, NOW);
        for (const { pick, facts: next, group } of all) {
          const row = pick % count;
          regroup(boards, tallies, row, group);
          put(boards, row, next);
          diffBoard(boards, tallies, row, NOW);
        }
        const anew = diffAll(boards, NOW);
        for (let group = 0; group <= 200; group += 1) expect(tallies.of(group)).toEqual(anew.of(group));
      }),
    );
  });

  test('then only those that stand otherwise are told', () => {
    const boards = emptyBoards();
    const rows = ['hub-1', 'hub-2'].map(id => rowOf(boards, deviceId(id)));
    for (const row of rows) put(boards, row, HEALTHY);
    const tallies = new Tallies();
    diffRows(boards, tallies, rows, NOW);
    put(boards, 1, { ...HEALTHY, verdict: 'failed' });
    expect(diffRows(boards, tallies, rows, NOW)).toEqual([{ row: 1, before: 'updating', after: 'failed' }]);
  });
});

describe('when columns grow', () => {
  test('then every board keeps its row, its id and its facts', () => {
    const boards = emptyBoards(2);
    for (let index = 0; index < 1_000; index += 1) {
      const row = rowOf(boards, deviceId(`hub-${index}`));
      boards.generation[row] = index;
    }
    for (let index = 0; index < 1_000; index += 1) {
      const row = rowOf(boards, deviceId(`hub-${index}`));
      expect([idOf(boards, row), boards.generation[row]]).toEqual([`hub-${index}`, index]);
    }
  });

  test('then equal texts have one number, and no text has the number of nothing', () => {
    const numbers = new Numbering();
    expect(numbers.numberOf('a')).toBe(numbers.numberOf('a'));
    expect(numbers.numberOf('b')).not.toBe(numbers.numberOf('a'));
    expect(numbers.textOf(numbers.numberOf('b'))).toBe('b');
    expect(numbers.textOf(0)).toBeUndefined();
  });
});
