// A plan: the one thing that one board is to become, with the policy under which it may move.

import type {
  DeviceId,
  Generation,
  GitCommit,
  Millis,
  Name,
  Payload,
  Policy,
  ResolvedBoard,
  Sha256,
} from '@seatrial/spec';
import type { AttemptKey, Pair } from './journal.ts';

/** What inference needs of a plan; the controller previews with it before anything is signed. */
export interface PlanTarget extends AttemptKey {
  readonly board: ResolvedBoard;
  readonly payload: Payload;
  /** `fingerprint` of payload and board class: names the pair, whatever the policy. */
  readonly payloadHash: Sha256;
  /** 1 for the first try; counted up when an engineer asks for a retry. */
  readonly attempt: number;
  readonly policy: Policy;
  /** This board's share of the download jitter: nothing is fetched before. */
  readonly downloadNotBeforeMs?: Millis;
}

/** The message on `seatrial/v1/<deviceId>/plan`, inside a DSSE envelope. */
export interface Plan extends PlanTarget {
  readonly schema: 1;
  readonly device: DeviceId;
  readonly generation: Generation;
  readonly gitCommit: GitCommit;
  readonly fleet: Name;
  readonly release: Name;
  readonly issuedAtMs: Millis;
  readonly expiresAtMs: Millis;
}

/** The pair that a converged board runs. */
export const targetPair = ({ payload }: Pick<PlanTarget, 'payload'>): Pair => ({
  ...(payload.firmware === undefined ? {} : { firmware: payload.firmware.version }),
  ...(payload.os === undefined ? {} : { os: payload.os.commit }),
});
