// Every crash point of a whole transaction of the real agent: killed there, with and without the power, and with everything
// lost that was not flushed, the board comes up, converges, and tells the truth.
//
//   CRASH_TRANSACTION  coupled (default), firmwareFirst, goingBack
//   CRASH_EVERY        1 (default) tries every point, 7 every seventh
//   CRASH_RESTARTS     every so many points also without a reboot; 3 by default, 1 for all

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, openLab } from './lab.ts';
import { type CrashPoint, crashPoints, type Outcome, type Sweep, sweep } from './sweep.ts';
import { buildTracer, CALL_KINDS, whyNotTraced } from './tracer.ts';
import { TRANSACTIONS, type TransactionName } from './transaction.ts';

const NAMES = Object.keys(TRANSACTIONS) as readonly TransactionName[]; // total by its type
const NAME = NAMES.find(name => name === process.env['CRASH_TRANSACTION']) ?? 'coupled';
const EVERY = Number(process.env['CRASH_EVERY'] ?? 1);
const RESTARTS = Number(process.env['CRASH_RESTARTS'] ?? 3);
/** Two cores, and a board waits now and then. */
const SLOTS = 3;
/** Agents do not always come to the same number of calls: a report more, a thread that was quicker. */
const MOST_MISSED = 0.03;

buildTracer();
const hindrance = whyNotTraced();
if (hindrance !== undefined) console.warn(`crash points were not tried: ${hindrance}`);

const nameOf = ({ stretch, at, depth, call }: CrashPoint): string =>
  `stretch ${stretch + 1}, call ${at} (${call.call} ${call.path.replace(/^.*\/root\//, '')}${depth === 'half' ? ', half' : ''})`;

function table({ outcomes, states }: Sweep): string {
  const row = (kind: string, of: readonly Outcome[]): string => {
    const survived = of.filter(({ wasReached, broken }) => wasReached && broken.length === 0).length;
    const missed = of.filter(({ wasReached }) => !wasReached).length;
    const losses = of.reduce((sum, one) => sum + one.losses, 0);
    return `${kind.padEnd(8)}${[of.length, survived, missed, losses].map(count => String(count).padStart(14)).join('')}`;
  };
  const kinds = CALL_KINDS.map(kind =>
    row(
      kind,
      outcomes.filter(({ point }) => point.call.kind === kind),
    ),
  );
  const { on, off, rebooted } = states;
  return [
    `crash points of a transaction: ${TRANSACTIONS[NAME].name}`,
    `killed at   points tried      survived   not reached  unsynced states`,
    ...kinds,
    row('all', outcomes),
    `different disks lived on: ${off} after a power cut, ${on} after a restart in the same boot, ${rebooted} after a reboot`,
  ].join('\n');
}

describe.skipIf(hindrance !== undefined)('when the agent is killed at each of its calls', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab(TRANSACTIONS[NAME], SLOTS);
  }, 120_000);
  afterAll(() => lab.close());

  test('then the board is bootable at that instant, and converges to the truth', { timeout: 3_600_000 }, async () => {
    const points = crashPoints(lab).filter((_point, index) => index % EVERY === 0);
    const swept = await sweep(lab, points, { restartEvery: RESTARTS });
    console.info(table(swept));
    const broken = swept.outcomes.flatMap(({ point, broken: what }) => what.map(one => `${nameOf(point)}: ${one}`));
    expect(broken).toEqual([]);
    const missed = swept.outcomes.filter(({ wasReached }) => !wasReached);
    expect(missed.length, 'nearly every point is reached').toBeLessThanOrEqual(points.length * MOST_MISSED);
    expect(points.length).toBeGreaterThan(500 / EVERY);
  });
});
