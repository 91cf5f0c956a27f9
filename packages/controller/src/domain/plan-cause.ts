// Whether a board gets a plan now, and why: five causes, the first that applies.

import type { Standing } from './standing.ts';

export type PlanCause =
  /** Its turn has come and it is not there: it is set in motion. */
  | 'starts'
  /** It is there already. The plan moves nothing and takes back whatever an earlier one said. */
  | 'is-there'
  /** An engineer lets the boards that failed try again. */
  | 'tries-again'
  /** Same payload, but windows, gates, trial or the board's own description have changed. */
  | 'is-told-otherwise'
  /** The plan it has would expire. */
  | 'runs-out';

/** One board as its turn looks at it. */
export interface Turn {
  readonly standing: Standing;
  /** The release carries the signatures that are demanded. */
  readonly isSigned: boolean;
  /** Its place in the cohort is inside what the rollout lets in; for a pinned board: it may follow its pin. */
  readonly isLetIn: boolean;
  /** This rollout, or the pin, has set it in motion. */
  readonly isMoved: boolean;
  /** Its newest plan is for what is wanted. */
  readonly isPlanned: boolean;
  /** That plan tells all that is to be told. */
  readonly isTold: boolean;
  readonly attempt: number;
  /** The try that the rollout is at. */
  readonly attemptWanted: number;
  readonly expiresSoon: boolean;
}

const CAUSES: Readonly<Record<PlanCause, (turn: Turn) => boolean>> = {
  starts: turn => turn.isLetIn && !turn.isMoved && turn.standing !== 'upToDate',
  'is-there': turn => turn.standing === 'upToDate' && !turn.isPlanned && turn.isSigned,
  'tries-again': turn => turn.isMoved && gaveUp(turn.standing) && turn.attempt < turn.attemptWanted,
  'is-told-otherwise': turn => turn.isPlanned && !turn.isTold,
  'runs-out': turn => turn.isPlanned && turn.expiresSoon,
};

const IN_ORDER = Object.entries(CAUSES) as readonly [PlanCause, (turn: Turn) => boolean][]; // the keys of CAUSES by its type

/** Undefined when the plan that the board has is right. */
export const planCause = (turn: Turn): PlanCause | undefined => IN_ORDER.find(([, applies]) => applies(turn))?.[0];

const gaveUp = (standing: Standing): boolean => standing === 'failed' || standing === 'overdue';
