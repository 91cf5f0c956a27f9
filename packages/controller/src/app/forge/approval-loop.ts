// Approvals by review: a stage that waits for roles is opened when members of their teams have approved the merged pull
// request, or the open one that brings the Approval.
//
// INVARIANTS: a review counts for the very release that the rollout brings, as it was at the commit that was reviewed; who
// belongs to a team is asked of the forge at the moment of the decision; nothing is recorded before every role is there, so a
// review that is taken back before that has done nothing; afterwards the record stays.

import type { GitCommit, Name, ResolvedApproval } from '@seatrial/spec';
import { worldOf } from '../../domain/ledger.ts';
import { type GivenReview, standingApprovals } from '../../domain/reviews.ts';
import { advance, type GivenApproval, type Rollout, rolesMissing } from '../../domain/rollout.ts';
import { PortError } from '../../errors.ts';
import type { Forge, PullRequest } from '../../ports/forge.ts';
import type { Desk } from '../desk.ts';
import type { LoopOutcome } from '../loop.ts';
import type { Checkouts } from './checkouts.ts';
import { ForgeGlance } from './glance.ts';
import type { HousePolicy } from './house-policy.ts';
import type { Origins } from './origins.ts';

export interface ApprovalOptions {
  readonly desk: Desk;
  readonly forge: Forge;
  readonly checkouts: Checkouts;
  readonly origins: Origins;
  readonly policy: HousePolicy;
  /** Has git know the head of a pull request, and says which commit it is. */
  readonly takeHead: (number: number) => Promise<GitCommit>;
  /** Then only signed documents approve, and no review does. */
  readonly requireSignatures: boolean;
  readonly pollMs: number;
}

/** A rollout that waits for these roles before its next stage. */
interface Waiting {
  readonly rollout: Rollout;
  readonly stage: number;
  readonly roles: readonly Name[];
}

type Teams = Readonly<Partial<Record<string, readonly string[]>>>;

/** Open pull requests that are looked through for an Approval, the ones touched last first. */
const MOST_PULLS = 50;
const MOST_REMEMBERED = 200;

export class Approver {
  readonly #options: ApprovalOptions;
  /** Heads that git has been made to know. */
  readonly #taken = new Set<GitCommit>();
  readonly #approvals = new Map<GitCommit, readonly ResolvedApproval[]>();

  constructor(options: ApprovalOptions) {
    this.#options = options;
  }

  async look(): Promise<LoopOutcome> {
    const { desk, forge, policy, requireSignatures, pollMs } = this.#options;
    const commit = desk.meta.goodCommit;
    const waiting =
      desk.mayDecide && !requireSignatures
        ? [...desk.ledger.rollouts.keys()].flatMap(fleet => this.#waiting(fleet) ?? [])
        : [];
    if (waiting.length > 0 && commit !== undefined) {
      const { teams } = await policy.at(commit);
      const glance = new ForgeGlance(forge);
      const bound = waiting.filter(({ roles }) => roles.every(role => (teams[role] ?? []).length > 0));
      for (const one of bound) {
        // What looks complete is asked once more, for itself alone: that is the moment of the decision.
        if ((await this.#given(one, teams, glance)) === undefined) continue;
        const given = await this.#given(one, teams, new ForgeGlance(forge));
        if (given !== undefined) await this.#open(one, given);
      }
    }
    return { kind: 'again', afterMs: pollMs };
  }

  #waiting(fleet: Name): Waiting | undefined {
    const { ledger, clock, unsettled } = this.#options.desk;
    const [entry, rollout] = [ledger.fleets.get(fleet), ledger.rollouts.get(fleet)];
    if (entry === undefined || rollout === undefined || unsettled.has(fleet)) return undefined;
    const world = worldOf(ledger, entry, clock.now());
    const { state } = advance(rollout, world);
    if (state.kind !== 'waiting' || state.for !== 'approval') return undefined;
    return { rollout, stage: rollout.stage + 1, roles: rolesMissing(rollout, world) };
  }

  /** One approval for each role; undefined while any is missing. */
  async #given(waiting: Waiting, teams: Teams, glance: ForgeGlance): Promise<readonly GivenApproval[] | undefined> {
    const reviewed: Reviewed[] = [];
    for (const pull of await this.#candidates(waiting, glance)) {
      const approvals = standingApprovals(pull, await glance.reviews(pull.number));
      const roles = approvals.length === 0 ? [] : await this.#rolesOf(pull, waiting);
      if (roles.length > 0) reviewed.push({ pull, approvals, roles });
    }
    const given: GivenApproval[] = [];
    for (const role of waiting.roles) {
      const approval = await findMember(reviewed, { role, stage: waiting.stage, teams: teams[role] ?? [] }, glance);
      if (approval === undefined) return undefined;
      given.push(approval);
    }
    return given;
  }

  /* ---- Which reviews ---- */

  async #candidates({ rollout }: Waiting, glance: ForgeGlance): Promise<readonly PullRequest[]> {
    const { desk, origins } = this.#options;
    const before = (desk.ledger.history.get(rollout.fleet) ?? []).findLast(({ number }) => number < rollout.number);
    const merged = await origins.pullRequestsOf(await origins.commitOf(rollout, before), rollout.startedAtMs);
    // Whoever can fork can fill a pull request with anything: theirs are read when they are merged.
    const open = (await glance.open()).filter(({ isFork, isDraft }) => !isFork && !isDraft);
    return [...merged, ...open.slice(0, MOST_PULLS)];
  }

  /**
   * The roles that a review of it can speak for. At the commit reviewed the fleet must want what the rollout brings; an open
   * pull request speaks for the Approvals that it holds.
   */
  async #rolesOf(pull: PullRequest, { rollout, stage, roles }: Waiting): Promise<readonly Name[]> {
    if (!(await this.#isHere(pull))) return [];
    const { fleet, release } = rollout;
    const wish = (await this.#options.checkouts.wishesAt(pull.head)).get(fleet);
    if (wish?.payloadHash !== rollout.payloadHash) return [];
    if (pull.state === 'merged') return roles;
    const brought = (await this.#approvalsAt(pull.head)).filter(
      one => one.fleet === fleet && one.release === release && one.stage === stage,
    );
    return roles.filter(role => brought.some(one => one.role === role));
  }

  /** A commit never changes what it holds. */
  async #approvalsAt(head: GitCommit): Promise<readonly ResolvedApproval[]> {
    const known = this.#approvals.get(head) ?? (await this.#options.checkouts.desiredAt(head))?.approvals ?? [];
    if (this.#approvals.size >= MOST_REMEMBERED) this.#approvals.clear();
    this.#approvals.set(head, known);
    return known;
  }

  /** False while the head that git knows is another one than the forge told of. */
  async #isHere({ number, head }: PullRequest): Promise<boolean> {
    if (this.#taken.has(head)) return true;
    try {
      if ((await this.#options.takeHead(number)) !== head) return false;
    } catch (error) {
      if (error instanceof PortError && (error.code === 'git-unreachable' || error.code === 'git-failed')) return false;
      throw error;
    }
    this.#taken.add(head);
    return true;
  }

  /* ---- The decision ---- */

  /** The rollout may have moved while the forge was asked: what it waits for is looked at again, and the stage entered at once. */
  async #open(waiting: Waiting, given: readonly GivenApproval[]): Promise<void> {
    const { desk } = this.#options;
    const { fleet } = waiting.rollout;
    await desk.decide(draft => {
      const now = desk.mayDecide ? this.#waiting(fleet) : undefined;
      if (now === undefined || now.rollout.id !== waiting.rollout.id || now.stage !== waiting.stage) return;
      if (!now.roles.every(role => given.some(one => one.role === role))) return;
      const rollout = { ...now.rollout, approvals: [...(now.rollout.approvals ?? []), ...given] };
      desk.ledger.rollouts.set(fleet, rollout);
      draft.rollouts.set(rollout.id, rollout);
      draft.lookAfter(fleet, 'all');
    });
  }
}

interface Reviewed {
  readonly pull: PullRequest;
  readonly approvals: readonly GivenReview[];
  readonly roles: readonly Name[];
}

interface Needed {
  readonly role: Name;
  readonly stage: number;
  readonly teams: readonly string[];
}

/** The first review by a member of a team of the role. */
async function findMember(
  reviewed: readonly Reviewed[],
  { role, stage, teams }: Needed,
  glance: ForgeGlance,
): Promise<GivenApproval | undefined> {
  for (const { pull, approvals, roles } of reviewed) {
    if (!roles.includes(role)) continue;
    for (const { by, commit, atMs } of approvals) {
      for (const team of teams) {
        if (!(await glance.isMember(team, by))) continue;
        const { number, url } = pull;
        return { role, stage, by, source: 'review', number, url, gitCommit: commit, givenAtMs: atMs };
      }
    }
  }
  return undefined;
}
