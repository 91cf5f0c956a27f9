// Simulated board-updates of one kind, in a process of its own: `simulate.ts KIND COUNT`. Prints as JSON what one of them
// cost, after a few fleets have warmed the compiler up.

import { EMPTY_JOURNAL, preview } from '@seatrial/capsule-plan';
import { InvariantError } from '@seatrial/spec';
import { runCampaign, run, type ScenarioOptions, scenarioOf } from '@seatrial/simulator';
import { decodedBoards } from '../fleet/board-reports.ts';

/** Does so much of its kind, and says how many board-updates and events that was. */
type Kind = (count: number) => Promise<{ readonly updates: number; readonly events: number }>;

/** Seeded fleets with faults, as many as it takes for so many board-updates. */
const fleets =
  (shape: ScenarioOptions): Kind =>
  async count => {
    let [updates, events] = [0, 0];
    for (let seed = 1; updates < count; seed += 1) {
      const ran = await run(scenarioOf(seed, shape));
      if (ran.violation !== undefined) throw new InvariantError(`seed ${seed}: ${ran.violation.message}`);
      updates += ran.boardUpdates;
      events += ran.events;
    }
    return { updates, events };
  };

const KINDS: Readonly<Record<string, Kind>> = {
  preview: async count => {
    const steps = decodedBoards('update to do', count).map(
      ({ report, target }) => preview(report.observed, target, EMPTY_JOURNAL).steps.length,
    );
    return { updates: steps.length, events: steps.reduce((sum, of) => sum + of, 0) };
  },
  small: fleets({ mostBoards: 3, mostHappenings: 9 }),
  large: fleets({ mostBoards: 24, mostHappenings: 60 }),
  campaign: async boards => {
    const { converged, events, violation } = await runCampaign({ boards, seed: 1 });
    if (violation !== undefined || converged !== boards - 1) throw new InvariantError(violation ?? `${converged}`);
    return { updates: boards, events };
  },
};

const [name = '', countText = ''] = process.argv.slice(2);
const kind = KINDS[name];
if (kind === undefined) throw new InvariantError(`no ${name}`);

await KINDS['small']?.(40);
const started = performance.now();
const before = process.cpuUsage();
const { updates, events } = await kind(Number(countText));
const { user, system } = process.cpuUsage(before);
console.log(
  JSON.stringify({
    cpuMicros: (user + system) / updates,
    perSecond: updates / ((performance.now() - started) / 1_000),
    eventsEach: events / updates,
  }),
);
