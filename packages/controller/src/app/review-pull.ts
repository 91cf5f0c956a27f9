// The review of one pull request, and what becomes of it: asked of git, of the boards and of the teams, decided by the pure
// review.

import { type GitCommit, type Millis, type Name, POLICY_FILE } from '@seatrial/spec';
import { standingApprovals } from '../domain/reviews.ts';
import { PortError } from '../errors.ts';
import type { Forge, PullRequest } from '../ports/forge.ts';
import type { MergePreview } from '../ports/merge-preview.ts';
import {
  DEFAULT_POLICY,
  type ObservedFleet,
  policyOf,
  type Review,
  type ReviewInput,
  type ReviewPolicy,
  reviewChange,
  type Side,
} from '../review/index.ts';
import type { PullSides } from './pull-sides.ts';

/** What is to be told of a pull request. */
export type Outcome =
  | { readonly kind: 'reviewed'; readonly review: Review; readonly touchesFleet: boolean }
  /** Paths from the root of the repository. */
  | { readonly kind: 'conflict'; readonly paths: readonly string[] }
  | { readonly kind: 'unreadable'; readonly problem: PortError };

export interface PullReviewOptions {
  readonly git: MergePreview;
  readonly sides: PullSides;
  readonly forge: Forge;
  readonly snapshot: () => Promise<ObservedFleet>;
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
  const { pull, head, base, nowMs } = at;
  const merge = await git.merge(base, head);
  if (merge.kind === 'conflict') return merge;
  const before = await sides.base(base, nowMs);
  try {
    const after = await sides.merged(merge.tree, { head, isFork: pull.isFork, nowMs });
    return await reviewSides(options, at, { before, after });
  } catch (error) {
    if (error instanceof PortError && error.code === 'commit-too-large') return { kind: 'unreadable', problem: error };
    throw error;
  }
}

async function reviewSides(
  { snapshot, directory, repository, forge }: PullReviewOptions,
  { pull, head, nowMs }: PullAt,
  { before, after }: { readonly before: Side; readonly after: Side },
): Promise<Outcome> {
  const touchesFleet = !sameFiles(before, after);
  // Nobody loosens the rules for his own change; broken rules are the strictest that need no names.
  const policy = policyOf(before).policy ?? DEFAULT_POLICY;
  const input: ReviewInput = {
    base: before,
    head: withPolicyIssues(after),
    snapshot: await snapshot(),
    policy,
    nowMs,
    directory,
    repository,
    policyChanged: !sameBytes(before.files.get(POLICY_FILE), after.files.get(POLICY_FILE)),
  };
  const review = reviewChange(input);
  if (review.needsApproval.length === 0) return { kind: 'reviewed', review, touchesFleet };
  const approvedBy = await rolesThatApproved(forge, { ...pull, head }, policy.teams);
  return {
    kind: 'reviewed',
    review: approvedBy.length === 0 ? review : reviewChange({ ...input, approvedBy }),
    touchesFleet,
  };
}

/** A policy with errors comes into force like any other error: not at all. */
function withPolicyIssues(side: Side): Side {
  const { issues } = policyOf(side);
  const { desired: _desired, ...rest } = side;
  return issues.length === 0 ? side : { ...rest, issues: [...side.issues, ...issues] };
}

function sameFiles({ files: a }: Side, { files: b }: Side): boolean {
  return a.size === b.size && [...a].every(([path, bytes]) => sameBytes(bytes, b.get(path)));
}

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0);

/* ---- Approvals by review ---- */

/** Only reviews of the very commit that is reviewed here count. */
async function rolesThatApproved(
  forge: Forge,
  { number, author, head }: { readonly number: number; readonly author: string; readonly head: GitCommit },
  teams: ReviewPolicy['teams'],
): Promise<readonly Name[]> {
  const people = standingApprovals({ author, head }, await forge.reviews(number)).map(({ by }) => by);
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
