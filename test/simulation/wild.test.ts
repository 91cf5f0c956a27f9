// Fleets to which more happens than the ordinary: cloned and swapped identities, boards that are cut off together, disks that
// answer flushes which they have not done, and people who edit and approve while all of that goes on.

import { run } from '@seatrial/simulator';
import { expect, test } from 'vitest';
import { runFleets, summaryOf, wildScenario } from './fleets.ts';

const FROM = Number(process.env['WILD_FROM'] ?? 1);
const RUNS = Number(process.env['WILD_RUNS'] ?? 300);

test('when identities change hands and disks lie on top, then every promise holds', async () => {
  const ran = await runFleets({ from: FROM, runs: RUNS }, { scenarioFor: wildScenario });
  console.info(`wild seeds ${FROM} to ${FROM + RUNS - 1}: ${summaryOf(ran)}`);
  expect(ran.stories).toEqual([]);
});

test.each([
  [276, 'two boards that swapped names were heard no more, since their old names had spoken later'],
  [283, 'after the disk had lost the journal, a capsule below the floor of committed firmware was requested'],
  [365, 'a board under a new name refused its plans, because its old name had seen a higher number'],
])('when wild seed %i is run, then what it found stays mended: %s', async seed => {
  expect((await run(wildScenario(seed))).violation).toBeUndefined();
});

/** A check that is broken on purpose must be found broken, or it checks nothing. */
test('when approvals are not read, then promise 3 is found broken', async () => {
  const scenario = wildScenario(7);
  const reading = ({ approved: _approved, ...fleet }: typeof scenario.fleet) => fleet;
  expect((await run(scenario)).violation).toBeUndefined();
  expect((await run(scenario, { tampering: { reading } })).violation?.promise).toBe(3);
});
