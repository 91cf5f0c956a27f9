// One act of the demonstration: what is done, what must come of it, and what was seen.

import type { SystemDescription, VirtualBoard } from '@seatrial/virtual-board';
import type { EvidenceRow, ExpectedPair } from './evidence.ts';
import { complaints, lookAt } from './evidence.ts';
import type { FleetRepository } from './fleet-repository.ts';
import type { FleetView } from './fleet-view.ts';
import { waitFor } from './fleet-view.ts';
import type { Narrator } from './narrator.ts';
import type { PowerCut } from './power-cuts.ts';
import type { CapsuleOrder, Workshop } from './workshop.ts';

/** What every act works with. */
export interface Stage {
  readonly repository: FleetRepository;
  readonly workshop: Workshop;
  readonly boards: readonly VirtualBoard[];
  readonly fleet: FleetView;
  readonly narrator: Narrator;
  readonly ref: string;
  /** 0 to 1, from the seed. */
  readonly random: () => number;
  readonly stop: AbortSignal;
  readonly story: Story;
}

/** What later acts need to know of earlier ones. */
export interface Story {
  /** The release that every board is known to run. */
  good: RolledRelease;
  /** Releases that were rolled out and did not go well, oldest first. */
  readonly bad: RolledRelease[];
  readonly cuts: PowerCut[];
}

export interface Check {
  readonly what: string;
  readonly holds: boolean;
  /** Only where it does not hold. */
  readonly seen?: string;
}

export interface ScenarioResult {
  readonly name: string;
  readonly expected: string;
  readonly checks: readonly Check[];
  readonly holds: boolean;
  readonly seconds: number;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly expected: string;
  /** Tells, does, and checks through `check`. */
  readonly play: (stage: Stage, check: Checker) => Promise<void>;
}

/** Notes whether something holds; `seen` says what was there instead. */
export type Checker = (what: string, holds: boolean, seen?: string) => void;

export async function playScenario(scenario: Scenario, stage: Stage): Promise<ScenarioResult> {
  const checks: Check[] = [];
  const startedAtMs = Date.now();
  stage.narrator.chapter(scenario.title);
  await scenario.play(stage, (what, holds, seen) => {
    const check = { what, holds, ...(holds || seen === undefined || seen === '' ? {} : { seen }) };
    checks.push(check);
    stage.narrator.check(check.seen === undefined ? what : `${what} — ${check.seen}`, { holds });
  });
  return {
    name: scenario.name,
    expected: scenario.expected,
    checks,
    holds: checks.length > 0 && checks.every(({ holds }) => holds),
    seconds: Math.round((Date.now() - startedAtMs) / 100) / 10,
  };
}

export interface ReleaseRecipe {
  readonly name: string;
  readonly capsule: CapsuleOrder;
  readonly system: Pick<SystemDescription, 'version' | 'behaviour'>;
  readonly notes: string;
}

export interface RolledRelease extends ExpectedPair {
  readonly name: string;
  /** The git commit that points the fleet at it. */
  readonly gitCommit: string;
}

/** Builds capsule and system, and merges the release that names them. */
export async function rollRelease(stage: Stage, recipe: ReleaseRecipe): Promise<RolledRelease> {
  const { workshop, repository, narrator, ref } = stage;
  const capsule = await workshop.makeCapsule(recipe.capsule);
  const commit = await workshop.makeSystem({ ref, ...recipe.system });
  const { version, lowestSupported } = recipe.capsule;
  const order = { name: recipe.name, firmware: version, lowestSupported, capsule, commit, notes: recipe.notes };
  const gitCommit = await repository.roll(order);
  narrator.command(`git commit -m "Roll ${recipe.name} out to the lab"   # ${gitCommit}`);
  return { name: recipe.name, gitCommit, firmware: version, commit };
}

/** Polls the controller until the newest rollout of `release` is in one of the states; tells its decisions meanwhile. */
export async function rolloutReaches(
  stage: Stage,
  release: string,
  { states, deadlineMs }: { readonly states: readonly string[]; readonly deadlineMs: number },
): Promise<string> {
  const { fleet, stop } = stage;
  const reached = await waitFor(
    async () => {
      await tellNews(stage);
      return fleet.rollout();
    },
    rollout => rollout?.release === release && states.includes(rollout.state),
    { deadlineMs, stop },
  );
  await tellNews(stage);
  return reached?.state ?? 'no such state in time';
}

export async function tellNews({ fleet, narrator }: Stage): Promise<void> {
  for (const line of await fleet.news()) narrator.say(line);
}

export const lookAtAll = (boards: readonly VirtualBoard[]): Promise<readonly EvidenceRow[]> =>
  Promise.all(boards.map(lookAt));

/** Every one of the boards is at rest on the pair, seen from outside. */
export async function checkPair(boards: readonly VirtualBoard[], pair: ExpectedPair): Promise<readonly string[]> {
  return (await lookAtAll(boards)).flatMap(row => complaints(row, pair));
}

/** The boards' complaints about the pair, once there are none or the deadline has come. */
export async function restOn(
  { boards, stop }: Pick<Stage, 'boards' | 'stop'>,
  pair: ExpectedPair,
  deadlineMs: number,
): Promise<readonly string[]> {
  const quiet = await waitFor(
    () => checkPair(boards, pair),
    found => found.length === 0,
    { deadlineMs, stop },
  );
  return quiet ?? checkPair(boards, pair);
}
