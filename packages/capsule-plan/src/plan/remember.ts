// What is written down before an act, because afterwards it could not be seen: the intention, and the boot it belongs to.

import { assertNever } from '@seatrial/spec';
import type { Attempt, HealthResult, Journal } from './journal.ts';
import type { Observed } from './observed.ts';
import { type PlanTarget, targetPair } from './plan.ts';
import { runningPair } from './situation.ts';
import type { RebootPurpose, Step } from './step.ts';

/** The journal to persist before the step is taken; the same journal where there is nothing to remember. */
export function remember(step: Step, observed: Observed, target: PlanTarget, journal: Journal): Journal {
  if (step.kind === 'reboot') return rememberReboot(step.purpose, observed, target, journal);
  if (step.kind === 'request-capsule') return rememberRequest(observed, target, journal);
  return BEGINS_ATTEMPT.has(step.kind) ? { ...journal, attempt: openAttempt(observed, target, journal) } : journal;
}

/** The verdict of this boot's health checks; one unhealthy check is enough. */
export function recordHealth(
  journal: Journal,
  observed: Observed,
  target: PlanTarget,
  results: readonly HealthResult[],
): Journal {
  const health = { bootId: observed.bootId, healthy: results.every(({ healthy }) => healthy), results };
  return { ...journal, attempt: { ...openAttempt(observed, target, journal), health } };
}

/** The steps before whose first side effect it must be known what ran before. */
const BEGINS_ATTEMPT: ReadonlySet<Step['kind']> = new Set(['arm-trial', 'place-capsule', 'deploy-commit']);

const openAttempt = (observed: Observed, target: PlanTarget, { attempt }: Journal): Attempt =>
  attempt ?? {
    payloadHash: target.payloadHash,
    attempt: target.attempt,
    startedAtMs: observed.clock.nowMs,
    from: runningPair(observed),
    to: targetPair(target),
  };

function rememberRequest(observed: Observed, target: PlanTarget, journal: Journal): Journal {
  const { esrt } = observed.firmware;
  if (esrt === undefined) return journal;
  const { fwVersion, lastAttemptVersion, lastAttemptStatus } = esrt;
  const before = { fwVersion, lastAttemptVersion, lastAttemptStatus };
  const capsule = { bootId: observed.bootId, before, rebooted: false };
  return { ...journal, attempt: { ...openAttempt(observed, target, journal), capsule } };
}

function rememberReboot(purpose: RebootPurpose, observed: Observed, target: PlanTarget, journal: Journal): Journal {
  const attempt = openAttempt(observed, target, journal);
  switch (purpose) {
    case 'apply-capsule':
      if (attempt.capsule === undefined) return journal;
      return {
        ...journal,
        attempt: { ...attempt, capsule: { ...attempt.capsule, bootId: observed.bootId, rebooted: true } },
      };
    case 'try-commit':
      return { ...journal, attempt: { ...attempt, osTrial: { bootId: observed.bootId } } };
    case 'roll-back-firmware':
      return { ...journal, attempt: { ...attempt, firmwareRollback: { bootId: observed.bootId, rebooted: true } } };
    case 'retry-commit':
    case 'fall-back':
      return journal;
    default:
      return assertNever(purpose, 'reboot purpose');
  }
}
