// Simulated board-updates of one kind, in a process of its own: `simulate.ts KIND COUNT`. Prints as JSON what one of them
// cost, after a few fleets have warmed the compiler up.

import { decodeReport, EMPTY_JOURNAL, preview } from '@seatrial/capsule-plan';
import { run, runCampaign, type ScenarioOptions, scenarioOf } from '@seatrial/simulator';
import { InvariantError } from '@seatrial/spec';
import { type ReportedBoard, reportedBoards } from '../fleet/board-reports.ts';

/** Does its work, and says how many board-updates and events (of a preview: steps) that was. */
type Work = () => Promise<{ readonly updates: number; readonly events: number }>;
/** Prepares what is not measured. */
type Kind = (count: number) => Work;

/** Seeded fleets with faults, as many as it takes for so many board-updates. */
const fleets =
  (shape: ScenarioOptions): Kind =>
  count =>
  async () => {
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
  preview: count => {
    const boards = reportedBoards('update to do', count);
    return async () => ({ updates: count, events: boards.reduce((sum, board) => sum + stepsOf(board), 0) });
  },
  small: fleets({ mostBoards: 3, mostHappenings: 9 }),
  large: fleets({ mostBoards: 24, mostHappenings: 60 }),
  campaign: boards => async () => {
    const { converged, events, violation } = await runCampaign({ boards, seed: 1 });
    if (violation !== undefined || converged !== boards - 1) throw new InvariantError(violation ?? `${converged}`);
    return { updates: boards, events };
  },
};

function stepsOf({ message, target }: ReportedBoard): number {
  const report = decodeReport(message);
  if (!report.ok) throw new InvariantError(`a report is ${report.error}`);
  return preview(report.value.observed, target, EMPTY_JOURNAL).steps.length;
}

const [name = '', countText = ''] = process.argv.slice(2);
const kind = KINDS[name];
if (kind === undefined) throw new InvariantError(`no ${name}`);

await KINDS['small']?.(40)();
const work = kind(Number(countText));
const started = performance.now();
const before = process.cpuUsage();
const { updates, events } = await work();
const { user, system } = process.cpuUsage(before);
console.log(
  JSON.stringify({
    cpuMicros: (user + system) / updates,
    perSecond: updates / ((performance.now() - started) / 1_000),
    eventsEach: events / updates,
  }),
);
