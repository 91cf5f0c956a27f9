// What the controller decides, as facts: each is told to people, kept in the store and committed to the audit branch.

import type { DeviceId, GitCommit, Millis, Name } from '@seatrial/spec';

/** `<fleet>-r<number>`; numbers count the rollouts of a fleet from 1. */
export type RolloutId = string;

export type PauseReason = 'operator' | 'failure-budget' | 'success-threshold';

/** An engineer's order, as the API took it. */
export interface Order {
  readonly by: string;
  readonly reason: string;
}

/** Where an approval was given: in a document that git holds, or in a review on the forge. */
export type ApprovalSource = 'document' | 'review';

/** A pull request of ours, as people find it. */
interface OfPullRequest {
  readonly number: number;
  readonly url: string;
}

interface OfFleet {
  readonly fleet: Name;
  readonly rollout: RolloutId;
}

export type Decision =
  | (OfFleet & {
      readonly kind: 'rollout-started';
      readonly release: Name;
      readonly gitCommit: GitCommit;
      readonly boards: number;
      /** The earlier rollout whose payload this one brings back. */
      readonly returnsTo?: RolloutId;
    })
  | (OfFleet & {
      readonly kind: 'stage-entered';
      /** From 1. */
      readonly stage: number;
      readonly stages: number;
      /** The first `boards` of `cohort` boards may move. */
      readonly boards: number;
      readonly cohort: number;
    })
  /** One for each role whose approval the stage needs, when it is entered. */
  | (OfFleet &
      Partial<OfPullRequest> & {
        readonly kind: 'stage-approved';
        /** From 1. */
        readonly stage: number;
        readonly release: Name;
        readonly role: Name;
        readonly by: string;
        readonly source: ApprovalSource;
        /** What was looked at, where it was a review. */
        readonly gitCommit?: GitCommit;
        /** When the review was given. */
        readonly givenAtMs?: Millis;
      })
  | (OfFleet & { readonly kind: 'soak-started'; readonly stage: number; readonly untilMs: Millis })
  | (OfFleet & {
      readonly kind: 'rollout-paused';
      readonly stage: number;
      readonly reason: PauseReason;
      readonly message: string;
      readonly by?: string;
    })
  | (OfFleet & Order & { readonly kind: 'rollout-resumed'; readonly stage: number })
  | (OfFleet & Order & { readonly kind: 'stage-promoted'; readonly stage: number })
  | (OfFleet & Order & { readonly kind: 'rollout-retried'; readonly attempt: number })
  | (OfFleet & { readonly kind: 'revert-wanted'; readonly gitCommit: GitCommit; readonly message: string })
  /** The pull request that takes the release back; at most one for each rollout. */
  | (OfFleet &
      OfPullRequest & {
        readonly kind: 'revert-proposed';
        /** The one that the fleet would follow again. */
        readonly release: Name;
      })
  | (OfFleet & { readonly kind: 'revert-impossible'; readonly message: string })
  /** The fleet no longer wants what was to be taken back. */
  | (OfFleet & OfPullRequest & { readonly kind: 'revert-withdrawn'; readonly message: string })
  /** The pull request that gives the fleet a newer release; each release is proposed once. */
  | (OfPullRequest & { readonly kind: 'bump-proposed'; readonly fleet: Name; readonly release: Name })
  | (OfFleet & { readonly kind: 'rollout-superseded'; readonly successor: RolloutId })
  | (OfFleet & { readonly kind: 'rollout-completed'; readonly upToDate: number; readonly others: number })
  /** Git no longer has the fleet. */
  | (OfFleet & { readonly kind: 'rollout-cancelled' })
  | (OfFleet & {
      readonly kind: 'board-failed';
      readonly device: DeviceId;
      readonly attempt: number;
      /** A FailureReason of the board, `overdue`, or `failed-before`. */
      readonly reason: string;
      readonly message: string;
    })
  | {
      readonly kind: 'commit-rejected';
      readonly gitCommit: GitCommit;
      readonly issues: number;
      /** The first of them, each as `file:line:column code message`. */
      readonly first: readonly string[];
      readonly kept?: GitCommit;
    }
  /** The branch was force-pushed: its new head does not descend from the one before. */
  | { readonly kind: 'history-rewritten'; readonly from: GitCommit; readonly to: GitCommit };

export type DecisionKind = Decision['kind'];

/** A decision with the moment and the name under which it is known once and for all. */
export interface RecordedDecision {
  /** Unique over all databases of this controller: a decision is never committed twice. */
  readonly id: string;
  readonly atMs: Millis;
  readonly decision: Decision;
}

/** The heading under which people read it, at most 72 columns with usual names. */
export const headline = (decision: Decision): string => {
  const tell = HEADLINES[decision.kind] as (decision: Decision) => string; // each row takes its own kind
  return tell(decision);
};

const HEADLINES: { readonly [K in DecisionKind]: (decision: Extract<Decision, { kind: K }>) => string } = {
  'rollout-started': d =>
    `Start ${d.rollout}: release ${d.release}${d.returnsTo ? ` again, as in ${d.returnsTo}` : ''}`,
  'stage-entered': d => `Enter stage ${d.stage} of ${d.stages} of ${d.rollout}: ${d.boards} of ${d.cohort} boards`,
  'stage-approved': d => `Approve stage ${d.stage} of ${d.rollout} as ${d.role}`,
  'soak-started': d => `Soak stage ${d.stage} of ${d.rollout}`,
  'rollout-paused': d => `Pause ${d.rollout} at stage ${d.stage}: ${PAUSES[d.reason]}`,
  'rollout-resumed': d => `Resume ${d.rollout} at stage ${d.stage}`,
  'stage-promoted': d => `Promote ${d.rollout} past stage ${d.stage}`,
  'rollout-retried': d => `Retry ${d.rollout}, attempt ${d.attempt}`,
  'revert-wanted': d => `Ask to revert ${d.rollout}`,
  'revert-proposed': d => `Propose to take ${d.rollout} back to ${d.release} in #${d.number}`,
  'revert-impossible': d => `Find no way back from ${d.rollout}`,
  'revert-withdrawn': d => `Withdraw #${d.number}, which takes ${d.rollout} back`,
  'bump-proposed': d => `Propose ${d.release} for ${d.fleet} in #${d.number}`,
  'rollout-superseded': d => `Supersede ${d.rollout} by ${d.successor}`,
  'rollout-completed': d => `Complete ${d.rollout}`,
  'rollout-cancelled': d => `Cancel ${d.rollout}: the fleet is gone`,
  'board-failed': d => `Count ${d.device} as failed in ${d.rollout}: ${d.reason}`,
  'commit-rejected': d =>
    `Reject commit ${d.gitCommit.slice(0, 12)}: ${d.issues} ${d.issues === 1 ? 'issue' : 'issues'}`,
  'history-rewritten': d => `Follow the rewritten branch from ${d.from.slice(0, 12)} to ${d.to.slice(0, 12)}`,
};

const PAUSES: Readonly<Record<PauseReason, string>> = {
  operator: 'ordered',
  'failure-budget': 'failure budget spent',
  'success-threshold': 'success threshold out of reach',
};

/** The fleet that a decision is about; undefined for those about the repository. */
export const fleetOf = (decision: Decision): Name | undefined => ('fleet' in decision ? decision.fleet : undefined);
export const deviceOf = (decision: Decision): DeviceId | undefined =>
  'device' in decision ? decision.device : undefined;
/** What stands below the headline: the reason and who gave it, where there is one. */
export const detailOf = (decision: Decision): string => {
  if (decision.kind === 'commit-rejected') return decision.first.join('\n');
  if ('message' in decision) return decision.message;
  return 'reason' in decision ? decision.reason : '';
};
export const orderedBy = (decision: Decision): string | undefined => ('by' in decision ? decision.by : undefined);
