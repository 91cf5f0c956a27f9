// The shortest history that still breaks the same promise: what is not needed for it is left out.

import type { Violation } from './promises.ts';
import { run } from './run.ts';
import type { Scenario } from './scenario.ts';
import type { Tampering } from './simulation.ts';
import { changesBetween, linesOf, type View, viewOf } from './state-view.ts';

export async function shrink(scenario: Scenario, { promise }: Violation, tampering: Tampering = {}): Promise<Scenario> {
  let shortest = scenario;
  for (let at = shortest.happenings.length - 1; at >= 0; at -= 1) {
    const shorter = { ...shortest, happenings: shortest.happenings.toSpliced(at, 1) };
    const { violation } = await run(shorter, { tampering });
    if (violation?.promise === promise) shortest = shorter;
  }
  return shortest;
}

/** Everything that is needed to see it again: the seed, what happened, and the last that was heard of it. */
export async function tell(scenario: Scenario, tampering: Tampering = {}): Promise<string> {
  const first = await run(scenario, { tampering });
  if (first.violation === undefined) return `seed ${scenario.seed}: every promise holds`;
  const shortest = await shrink(scenario, first.violation, tampering);
  const { violation, events, story = [] } = await run(shortest, { tampering, tells: true });
  const { before, after } = await aroundEvent(shortest, { tampering, event: events });
  return [
    `seed ${scenario.seed} breaks promise ${violation?.promise}: ${violation?.message}`,
    `fleet: ${JSON.stringify(shortest.fleet)}`,
    `natures: ${JSON.stringify(shortest.natures)}`,
    ...shortest.happenings.map(({ atMs, what }) => `at ${(atMs / 60_000).toFixed(1)} min: ${JSON.stringify(what)}`),
    'the last that was heard, in minutes:',
    ...story.slice(-40),
    'what the event that broke it has changed:',
    ...changesBetween(before, after),
    'the state after it:',
    ...linesOf(after),
  ].join('\n');
}

/** The same run once more, looked at before and after one of its events. */
async function aroundEvent(
  scenario: Scenario,
  { tampering, event }: { readonly tampering: Tampering; readonly event: number },
): Promise<{ readonly before: View; readonly after: View }> {
  let [before, after]: readonly [View, View] = [new Map(), new Map()];
  await run(scenario, {
    tampering,
    look: simulation => {
      if (simulation.time.events === event - 1) before = viewOf(simulation);
      if (simulation.time.events === event) after = viewOf(simulation);
    },
  });
  return { before, after };
}
