// The review of one pull request, and what becomes of it: asked of git, of the boards and of the teams, decided by the pure
// review.

import type { DeviceId, GitCommit, Millis, Name } from '@seatrial/spec';
import { standingApprovals } from '../../domain/reviews.ts';
import { PortError } from '../../errors.ts';
import type { Forge, Review as PersonsReview, PullRequest } from '../../ports/forge.ts';
import type { MergePreview } from '../../ports/merge-preview.ts';
import {
  changesOf,
  DEFAULT_POLICY,
  type ObservedFleet,
  parsePolicy,
  type Review,
  type ReviewInput,
  type ReviewPolicy,
  reviewChange,
  type Side,
  withPolicyIssues,
} from '../../review/index.ts';
import type { CapsuleLookup } from './indexed-capsules.ts';
import type { PullSide, PullSides } from './pull-sides.ts';

/** What is to be told of a pull request. */
export type Outcome =
  | {
      readonly kind: 'reviewed';
      readonly review: Review;
      readonly touchesFleet: boolean;
      /** Of people, where the verdict depends on them. */
      readonly heard?: readonly PersonsReview[];
    }
  /** Paths from the root of the repository. */
  | { readonly kind: 'conflict'; readonly paths: readonly string[] }
  | { readonly kind: 'unreadable'; readonly problem: PortError };

export interface PullReviewOptions {
  readonly git: MergePreview;
  readonly sides: PullSides;
  readonly forge: Forge;
  /** What the given boards were last seen to be. */
  readonly snapshot: (boards: ReadonlySet<DeviceId>) => Promise<ObservedFleet>;
  readonly capsules: CapsuleLookup;
  readonly directory: string;
  readonly repository: string;
}

export interface PullAt {
  readonly pull: PullRequest;
  readonly head: GitCommit;
  readonly base: GitCommit;
  readonly nowMs: Millis;
}

/** Throws PortError for what is not the pull request's own fault. */
export async function reviewPull(options: PullReviewOptions, at: PullAt): Promise<Outcome> {
  const { git, sides } = options;
  const { pull, head, base } = at;
  const merge = await git.merge(base, head);
  if (merge.kind === 'conflict') return merge;
  try {
    const both = await sides.read(base, { tree: merge.tree, head, isFork: pull.isFork });
    return await reviewSides(options, at, both);
  } catch (error) {
    if (error instanceof PortError && error.code === 'commit-too-large') return { kind: 'unreadable', problem: error };
    throw error;
  }
}

async function reviewSides(
  { snapshot, capsules, directory, repository, forge }: PullReviewOptions,
  { pull, head, nowMs }: PullAt,
  { before, after }: Awaited<ReturnType<PullSides['read']>>,
): Promise<Outcome> {
  const policyChanged = !sameBytes(before.policy, after.policy);
  const touchesFleet = policyChanged || !sameFiles(before.side, after.side);
  const policy = rulesOf(before);
  const sides = { base: before.side, head: withPolicyIssues(after.side) };
  const changes = changesOf(sides);
  const input: ReviewInput = {
    ...sides,
    changes,
    snapshot: await snapshot(changes?.boards ?? new Set()),
    artifacts: await capsules(changes),
    policy,
    nowMs,
    directory,
    repository,
    policyChanged,
  };
  const review = reviewChange(input);
  if (review.needsApproval.length === 0) return { kind: 'reviewed', review, touchesFleet };
  const heard = await forge.reviews(pull.number);
  const people = standingApprovals({ author: pull.author, head }, heard).map(({ by }) => by);
  const approvedBy = await rolesOf(forge, people, policy.teams);
  const approved = approvedBy.length === 0 ? review : reviewChange({ ...input, approvedBy });
  return { kind: 'reviewed', review: approved, touchesFleet, heard };
}

/** Of the base: nobody loosens the rules for his own change. Where they can not be read, those without a file hold. */
const rulesOf = ({ policy }: PullSide): ReviewPolicy =>
  (policy === undefined ? undefined : parsePolicy(policy).policy) ?? DEFAULT_POLICY;

function sameFiles({ files: a }: Side, { files: b }: Side): boolean {
  return a.size === b.size && [...a].every(([path, bytes]) => sameBytes(bytes, b.get(path)));
}

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0);

/* ---- Approvals by review ---- */

/** The roles that these people can speak for. */
async function rolesOf(
  forge: Forge,
  people: readonly string[],
  teams: ReviewPolicy['teams'],
): Promise<readonly Name[]> {
  const roles: Name[] = [];
  for (const [role, members] of Object.entries(teams)) {
    if (await isAnyMember(forge, members ?? [], people)) roles.push(role as Name); // a key that passed the policy's schema
  }
  return roles;
}

async function isAnyMember(forge: Forge, teams: readonly string[], people: readonly string[]): Promise<boolean> {
  for (const team of teams) {
    for (const person of people) if (await forge.isMember(team, person)) return true;
  }
  return false;
}
