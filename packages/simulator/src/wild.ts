// What happens to fleets beyond the ordinary: identities that two boards have or that two have swapped, boards that are cut
// off together, disks that lie, and people who edit and approve while all of that goes on.

import { Chance } from './chance.ts';
import { FAULTS_END_MS, type Happening, type Scenario, type Timed } from './scenario.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MOST = 6;

/** The same history with more in it; its own chance, so that a seed means the same with and without. */
export function wilder(scenario: Scenario): Scenario {
  const { seed, fleet, happenings } = scenario;
  const chance = new Chance(seed + 5_000_011);
  const needsApproval = fleet.stages.length > 1 && chance.happens(0.4);
  const more = Array.from({ length: chance.between(1, MOST) }, () => ({
    atMs: chance.between(MINUTE, FAULTS_END_MS - HOUR),
    what: happeningOf(chance, { boards: fleet.boards.length, needsApproval }),
  }));
  return {
    ...scenario,
    fleet: needsApproval ? { ...fleet, approved: [] } : fleet,
    happenings: [...happenings, ...more].sort((a: Timed, b: Timed) => a.atMs - b.atMs),
  };
}

function happeningOf(
  chance: Chance,
  { boards, needsApproval }: { readonly boards: number; readonly needsApproval: boolean },
): Happening {
  const some = (): number => chance.between(0, boards - 1);
  const forMs = chance.between(MINUTE, 2 * HOUR);
  return chance.pick<() => Happening>([
    () => ({ kind: 'clone', board: some(), forMs }),
    () => ({ kind: 'swap', board: some(), other: some() }),
    () => ({ kind: 'partition', boards: [...new Set([some(), some(), some()])], forMs }),
    () => ({ kind: 'lose-records', board: some(), forMs }),
    () => ({ kind: 'power-cut', board: some(), offMs: chance.between(1_000, 10 * MINUTE) }),
    // An approval is for a stage by its number: where one is needed, the stages stay.
    () => (needsApproval ? { kind: 'approve' } : editOf(chance)),
    () => (needsApproval ? { kind: 'approve' } : { kind: 'order', order: chance.pick(['pause', 'resume', 'retry']) }),
  ])();
}

const editOf = (chance: Chance): Happening => ({
  kind: 'edit',
  stages: chance.pick([
    ['{ limit: 100% }'],
    ['{ limit: 1 }', '{ limit: 100% }'],
    ['{ limit: 50%, soak: 30m }', '{ limit: 100% }'],
  ]),
  deviceTimeout: chance.pick(['1h', '3h']),
});
