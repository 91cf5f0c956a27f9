// What a board tells, put together.

import {
  encodeReport,
  type Journal,
  MAX_REPORT_BYTES,
  type Observed,
  type Phase,
  type Plan,
  type Progress,
  type RefusedMessages,
  type Report,
  type Step,
} from '@seatrial/capsule-plan';
import type { Condition, DeviceId, Millis } from '@seatrial/spec';

/** What the agent knows at one moment, the board having been seen. */
export interface Tellable {
  readonly plan: Plan | undefined;
  readonly phase: Phase;
  readonly conditions: readonly Condition[];
  readonly step: Step | undefined;
  readonly progress: Progress | undefined;
  readonly observed: Observed;
  readonly journal: Journal;
  readonly refused: RefusedMessages;
}

export interface Stamp {
  readonly device: DeviceId;
  readonly agentVersion: string;
  readonly sequence: number;
  readonly sentAtMs: Millis;
}

/** The whole truth, as long as it fits: of the failures the newest are told. */
export function reportOf(tellable: Tellable, stamp: Stamp): Report {
  const { failures } = tellable.journal;
  for (let kept = failures.length; kept > 0; kept--) {
    const report = { ...build(tellable, stamp), failures: failures.slice(-kept) };
    if (encodeReport(report).byteLength <= MAX_REPORT_BYTES) return report;
  }
  return { ...build(tellable, stamp), failures: [] };
}

function build({ plan, step, journal, progress, ...told }: Tellable, stamp: Stamp): Omit<Report, 'failures'> {
  const { attempt, success } = journal;
  return {
    schema: 1,
    ...stamp,
    phase: told.phase,
    conditions: told.conditions,
    observed: told.observed,
    refused: told.refused,
    ...(plan === undefined ? {} : { plan: namesOf(plan) }),
    ...(step === undefined ? {} : { step: stepOf(step) }),
    ...(progress === undefined ? {} : { progress }),
    ...(attempt === undefined ? {} : { attempt }),
    ...(success === undefined ? {} : { success }),
  };
}

const namesOf = ({ generation, gitCommit, payloadHash, attempt }: Plan) => ({
  generation,
  gitCommit,
  payloadHash,
  attempt,
});

const stepOf = (step: Step): NonNullable<Report['step']> =>
  step.kind === 'wait' ? { kind: step.kind, waitsFor: step.reason } : { kind: step.kind };
