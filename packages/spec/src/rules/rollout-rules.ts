// Fleets whose pace, trial or windows can not work.

import { type Corpus, type LocatedKind, type Objection, objection } from '../corpus.ts';
import type { Portion } from '../kinds/text.ts';
import { coupledTrialBoots, TRIAL_BOOTS_MAX } from '../limits.ts';
import type { Listing } from '../membership.ts';
import { formatDuration } from '../units.ts';

export function rolloutRules(corpus: Corpus, listings: readonly Listing[]): Objection[] {
  const sizes = fleetSizes(listings);
  return corpus.all.Fleet.flatMap(fleet => [
    ...stageGrowth(fleet, sizes.get(fleet) ?? 0),
    ...lastStage(fleet),
    ...approvalStages(fleet),
    ...bootBudget(fleet, corpus),
    ...healthDeadline(fleet),
    ...shortWindows(fleet),
  ]);
}

type Fleet = LocatedKind<'Fleet'>;

function fleetSizes(listings: readonly Listing[]): ReadonlyMap<Fleet, number> {
  const sizes = new Map<Fleet, number>();
  for (const { fleets } of listings) for (const fleet of fleets) sizes.set(fleet, (sizes.get(fleet) ?? 0) + 1);
  return sizes;
}

/** Like is compared with like; a percentage and a count only where the fleet's size makes the later one smaller. */
function stageGrowth(fleet: Fleet, size: number): Objection[] {
  const limits = fleet.document.spec.rollout.stages.map(({ limit }) => limit);
  return limits.flatMap((limit, position) => {
    const shrinks = limits.slice(0, position).some(earlier => !grows(earlier, limit, size));
    if (!shrinks) return [];
    const message = `stage ${position + 1} holds no more boards than one before it`;
    return [
      objection(fleet, ['spec', 'rollout', 'stages', position, 'limit'], { code: 'stages-do-not-grow', message }),
    ];
  });
}

function grows(earlier: Portion, later: Portion, size: number): boolean {
  if ('percent' in earlier && 'percent' in later) return later.percent > earlier.percent;
  if ('count' in earlier && 'count' in later) return later.count > earlier.count;
  return boardsIn(later, size) >= boardsIn(earlier, size);
}

const boardsIn = (limit: Portion, size: number): number =>
  'percent' in limit ? Math.ceil((size * limit.percent) / 100) : Math.min(limit.count, size);

function lastStage(fleet: Fleet): Objection[] {
  const { stages } = fleet.document.spec.rollout;
  const limit = stages.at(-1)?.limit;
  if (limit !== undefined && 'percent' in limit && limit.percent === 100) return [];
  const path = ['spec', 'rollout', 'stages', stages.length - 1, 'limit'];
  return [objection(fleet, path, { code: 'last-stage-not-all', message: 'the last stage must have limit 100%' })];
}

function approvalStages(fleet: Fleet): Objection[] {
  const { stages, approvals } = fleet.document.spec.rollout;
  return approvals.flatMap(({ stage }, position) => {
    if (stage <= stages.length) return [];
    const message = `the rollout has ${stages.length} stages`;
    return [objection(fleet, ['spec', 'rollout', 'approvals', position, 'stage'], { code: 'unknown-stage', message })];
  });
}

function bootBudget(fleet: Fleet, { byName }: Corpus): Objection[] {
  const { board, trial } = fleet.document.spec;
  const untried = byName.Board.get(board)?.document.spec.firmware.trial === 'unavailable';
  const budget = coupledTrialBoots(trial.bootTries);
  if (untried || budget <= TRIAL_BOOTS_MAX) return [];
  const message = `${trial.bootTries} tries need ${budget} boots, but only ${TRIAL_BOOTS_MAX} can be counted`;
  return [objection(fleet, ['spec', 'trial', 'bootTries'], { code: 'trial-budget-exceeded', message })];
}

function healthDeadline(fleet: Fleet): Objection[] {
  const { healthChecks, healthDeadline: deadline } = fleet.document.spec.trial;
  return healthChecks.flatMap(({ name, timeoutMs }, position) => {
    if (timeoutMs <= deadline) return [];
    const message = `check ${name} may take ${formatDuration(timeoutMs)}, the deadline is ${formatDuration(deadline)}`;
    const path = ['spec', 'trial', 'healthChecks', position, 'timeout'];
    return [objection(fleet, path, { code: 'health-deadline-too-short', message })];
  });
}

function shortWindows(fleet: Fleet): Objection[] {
  const { windows, trial } = fleet.document.spec;
  return windows.flatMap(({ duration }, position) => {
    if (duration >= trial.healthDeadline) return [];
    const message = `${formatDuration(duration)} is shorter than the health deadline ${formatDuration(trial.healthDeadline)}`;
    return [objection(fleet, ['spec', 'windows', position, 'duration'], { code: 'window-too-short', message })];
  });
}
