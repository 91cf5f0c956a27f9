// What the controller does on the forge after a merge, put together: it tells how far boards have come, takes approvals from
// reviews, and proposes the way back and the way forward.

import type { DesiredState, GitCommit } from '@seatrial/spec';
import type { DecisionKind } from '../../domain/decision.ts';
import type { Changed } from '../../domain/edit/changed.ts';
import type { Pace } from '../../domain/talk/pace.ts';
import type { ArtifactIndex } from '../../ports/artifact-index.ts';
import type { FleetRepository } from '../../ports/fleet-repository.ts';
import type { Forge } from '../../ports/forge.ts';
import type { TextMerge } from '../../ports/text-merge.ts';
import type { Validator } from '../../ports/validator.ts';
import { REVIEW_MARKER } from '../../review/index.ts';
import type { Desk } from '../desk.ts';
import type { Loop, LoopOutcome } from '../loop.ts';
import { Approver } from './approval-loop.ts';
import { type BumpOptions, WayForward } from './bump-loop.ts';
import { Checkouts } from './checkouts.ts';
import { HousePolicy } from './house-policy.ts';
import { ForgeMemory } from './memory.ts';
import { Origins } from './origins.ts';
import { OwnBranches } from './own-branches.ts';
import { Proposals } from './proposals.ts';
import { Restorer } from './restorer.ts';
import { WayBack } from './revert-loop.ts';
import { StatusTeller } from './status-loop.ts';

export interface AfterMergeOptions {
  readonly desk: Desk;
  readonly forge: Forge;
  readonly repository: FleetRepository;
  readonly validator: Validator;
  /** What is in force now. */
  readonly inForce: () => DesiredState | undefined;
  readonly merge: TextMerge;
  /** Has git know the head of a pull request, and says which commit it is. */
  readonly takeHead: (number: number) => Promise<GitCommit>;
  /** A file by its path from the root of the repository. */
  readonly fileAtRoot: (commit: GitCommit, path: string) => Promise<Uint8Array | undefined>;
  /** Where in the repository the fleet's YAML lies; empty for all of it. */
  readonly directory: string;
  readonly requireSignatures: boolean;
  readonly pollMs: number;
  /** Between two changes of the same text. */
  readonly tellMs: number;
  /** Absent where no place is configured in which newer artifacts appear. */
  readonly artifacts?: { readonly index: ArtifactIndex; readonly pollMs: number } | undefined;
  readonly startLoop: (name: string, work: () => Promise<LoopOutcome>) => Loop;
}

/** Half of what GitHub takes: the other half is for reviews and people [GITHUB-REST]. */
const PACE: Omit<Pace, 'leastMs'> = { perMinute: 40, perHour: 250 };

/** Each in a loop of its own: what one of them waits for holds up none of the others. */
export function startAfterMerge(options: AfterMergeOptions): Loop {
  const { desk, forge, repository, validator, merge, directory, tellMs, startLoop } = options;
  const checkouts = new Checkouts(repository, validator, options.inForce);
  const origins = new Origins({ checkouts, forge, now: () => desk.clock.now() });
  const proposals = new Proposals(desk.store);
  const policy = new HousePolicy(checkouts, options.fileAtRoot);
  const memory = new ForgeMemory(desk);
  const branches = new OwnBranches({ ...options, memory });
  const fromRoot = rooted(directory);
  const shared = { ...options, checkouts, origins, proposals, policy, memory, branches, fromRoot };
  const teller = new StatusTeller({ ...shared, marker: REVIEW_MARKER, pace: { ...PACE, leastMs: tellMs } });
  const wayBack = new WayBack({ ...shared, restorer: new Restorer(checkouts, merge) });
  const approver = new Approver(shared);
  // Places where builds put things are looked at in their own time, whoever rings.
  let isWoken = false;
  const statuses = startLoop('statuses', () => teller.look());
  const reverts = startLoop('reverts', () => wayBack.look());
  const approvals = startLoop('approvals', () => approver.look());
  const forward = forwards(options, shared);
  desk.listen({
    onEvents: events => {
      if (events.some(({ kind }) => OF_ROLLOUTS.has(kind))) statuses.wake();
      if (events.some(({ kind }) => kind === 'revert-wanted' || kind === 'rollout-superseded')) reverts.wake();
    },
  });
  const asked = [statuses, reverts, approvals];
  return {
    wake: () => {
      for (const loop of asked) loop.wake();
      if (!isWoken) for (const loop of forward) loop.wake();
      isWoken = true;
    },
    stop: async () => void (await Promise.all([...asked, ...forward].map(loop => loop.stop()))),
  };
}

/** A board's own doings are told of with the next look. */
const OF_ROLLOUTS: ReadonlySet<string> = new Set<DecisionKind>([
  'rollout-started',
  'stage-entered',
  'soak-started',
  'rollout-paused',
  'rollout-resumed',
  'rollout-superseded',
  'rollout-completed',
  'rollout-cancelled',
  'revert-proposed',
  'commit-rejected',
]);

const forwards = (
  { artifacts, startLoop }: AfterMergeOptions,
  shared: Omit<BumpOptions, 'artifacts' | 'artifactsMs'>,
): readonly Loop[] => {
  if (artifacts === undefined) return [];
  const forward = new WayForward({ ...shared, artifacts: artifacts.index, artifactsMs: artifacts.pollMs });
  return [startLoop('bumps', () => forward.look())];
};

/** Paths in the fleet's directory into paths from the root of the repository. */
const rooted =
  (directory: string) =>
  (files: Changed): Changed => {
    const prefix = directory === '' ? '' : `${directory.replace(/\/+$/, '')}/`;
    return new Map([...files].map(([path, bytes]) => [`${prefix}${path}`, bytes]));
  };
