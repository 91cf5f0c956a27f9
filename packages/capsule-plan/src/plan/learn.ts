// What one look at the board teaches about its open attempt: that it failed, that it is over, or nothing yet.

import { assertNever, type FirmwareVersion, formatFirmwareVersion, type Millis } from '@seatrial/spec';
import { entryState } from '../boot/boot-counting.ts';
import { capsuleOutcome, lastAttemptStatusName } from '../firmware/esrt.ts';
import { type Attempt, FAILURES_KEPT, type Failure, type FailureReason, type Journal, sameAttempt } from './journal.ts';
import { attemptLeftovers, isEmpty } from './leftovers.ts';
import type { Observed } from './observed.ts';
import type { PlanTarget } from './plan.ts';
import { assess, changesFirmware, changesOs, pendingDeployment, type Situation } from './situation.ts';

/**
 * The journal after a look: a failure is written down as soon as it can be seen, an attempt is closed once the board is at
 * rest again. Idempotent; the shell persists the result before it infers a step.
 */
export function learn(observed: Observed, target: PlanTarget, journal: Journal): Journal {
  const { attempt } = journal;
  if (attempt === undefined) return journal;
  const situation = assess(observed, target, journal);
  const judged = withFailure(attempt, judge(situation, attempt), observed.clock.nowMs);
  const next = judged === attempt ? journal : { ...journal, attempt: judged };
  return isOver(situation, judged) ? closeAttempt(next, judged) : next;
}

/** The evidence against an attempt, by the first rule that finds any. */
function judge(situation: Situation, attempt: Attempt): Omit<Failure, 'atMs'> | undefined {
  if (attempt.failure !== undefined) return cannotGoBack(situation, attempt);
  for (const rule of [firmwareFailure, osFailure, firmwareHealthFailure, supersession]) {
    const failure = rule(situation, attempt);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function withFailure(attempt: Attempt, found: Omit<Failure, 'atMs'> | undefined, nowMs: Millis): Attempt {
  return found === undefined ? attempt : { ...attempt, failure: { ...found, atMs: nowMs } };
}

/** The row of the ESRT, once the firmware has had its chance to see the capsule. */
function firmwareFailure({ observed, running, capsuleRequested }: Situation, attempt: Attempt) {
  const { capsule, to } = attempt;
  const row = observed.firmware.esrt;
  if (!changesFirmware(attempt) || capsule === undefined || capsule.bootId === observed.bootId) return undefined;
  if (to.firmware === undefined || row === undefined || row.fwVersion === to.firmware) return undefined;
  const outcome = capsuleOutcome(row, {
    before: capsule.before,
    target: to.firmware,
    consumed: capsule.rebooted && !capsuleRequested,
  });
  const version = formatFirmwareVersion(to.firmware);
  switch (outcome) {
    case 'applied':
      return undefined;
    case 'refused':
      return failed('capsule-refused', refusedMessage(to.firmware, row.lastAttemptStatus), row.lastAttemptStatus);
    case 'metadata-unreadable':
      return failed('capsule-metadata-unreadable', `the firmware could not read the metadata of capsule ${version}`);
    case 'rolled-back':
      return rolledBack(running, attempt, to.firmware);
    case 'stale':
      return capsule.rebooted
        ? failed('capsule-ignored', `the firmware started and left the capsule ${version} alone`)
        : undefined;
    default:
      return assertNever(outcome, 'capsule outcome');
  }
}

/** UEFI went back by itself: alone, or under the feet of the new OS. */
function rolledBack(running: Situation['running'], attempt: Attempt, version: FirmwareVersion) {
  const underTheNewOs = changesOs(attempt) && running.os === attempt.to.os;
  return underTheNewOs
    ? failed(
        'os-on-old-firmware',
        `the firmware went back from ${formatFirmwareVersion(version)} while the new OS was on trial`,
      )
    : failed(
        'firmware-rolled-back',
        `the firmware used up its trial and went back from ${formatFirmwareVersion(version)}`,
      );
}

const refusedMessage = (version: FirmwareVersion, status: number): string =>
  `the firmware refused capsule ${formatFirmwareVersion(version)}: ${lastAttemptStatusName(status)} (0x${status.toString(16)})`;

/** The new OS failed on its last try, or the loader went back to the old one. */
function osFailure({ observed, running, health, bootedState }: Situation, attempt: Attempt) {
  if (!changesOs(attempt)) return undefined;
  if (running.os === attempt.to.os) {
    return health?.healthy === false && bootedState === 'bad'
      ? failed('os-unhealthy', `the new OS failed its health checks: ${unhealthyNames(health.results)}`)
      : undefined;
  }
  const deployed = pendingDeployment(attempt.to.os, observed);
  const tried =
    deployed?.entry !== undefined && (deployed.entry.triesDone !== undefined || entryState(deployed.entry) === 'bad');
  const passedOver =
    attempt.osTrial !== undefined &&
    attempt.osTrial.bootId !== observed.bootId &&
    observed.os.heldEntryId === undefined;
  if (!tried && !passedOver) return undefined;
  const unhealthy = attempt.health?.healthy === false ? `: ${unhealthyNames(attempt.health.results)}` : '';
  return failed('os-fell-back', `the boot loader fell back from the new OS${unhealthy}`);
}

/** Firmware that is on trial by itself is judged under the OS that is there. */
function firmwareHealthFailure({ health, running }: Situation, attempt: Attempt) {
  const alone = changesFirmware(attempt) && running.firmware === attempt.to.firmware && running.os !== attempt.to.os;
  const withoutOs = changesFirmware(attempt) && !changesOs(attempt);
  if (health?.healthy !== false || !(alone || withoutOs)) return undefined;
  return failed('firmware-unhealthy', `the OS is not healthy on the new firmware: ${unhealthyNames(health.results)}`);
}

/** Another target is wanted now. What is already blessed is finished first; what is not goes back. */
function supersession({ running, bootedState, target }: Situation, attempt: Attempt) {
  if (sameAttempt(attempt, target)) return undefined;
  const blessed = changesOs(attempt)
    ? running.os === attempt.to.os && bootedState === 'good'
    : attempt.health?.healthy === true;
  return blessed ? undefined : failed('superseded', 'a newer plan took the place of this one');
}

/** UEFI was asked to restore the old firmware, had its chance, and still runs the new one. */
function cannotGoBack({ observed, running }: Situation, attempt: Attempt) {
  const { firmwareRollback: asked, to, failure } = attempt;
  const refused = asked?.rebooted === true && asked.bootId !== observed.bootId && running.firmware === to.firmware;
  if (!refused || to.firmware === undefined || failure?.reason === 'firmware-cannot-go-back') return undefined;
  return failed(
    'firmware-cannot-go-back',
    `firmware ${formatFirmwareVersion(to.firmware)} can no longer go back, although ${failure?.message ?? 'it was asked to'}`,
  );
}

/** At rest: nothing on trial, nothing half-way, whichever way it ended. */
function isOver(situation: Situation, attempt: Attempt): boolean {
  return attempt.failure === undefined ? hasSucceeded(situation, attempt) : hasGoneBack(situation, attempt);
}

function hasSucceeded({ running, onTrial, bootedState, capsuleRequested }: Situation, attempt: Attempt): boolean {
  const { to, health } = attempt;
  const firmwareDone = to.firmware === undefined || running.firmware === to.firmware;
  const osDone = to.os === undefined || (running.os === to.os && bootedState === 'good');
  const proven = changesOs(attempt) || !changesFirmware(attempt) || health?.healthy === true;
  return firmwareDone && osDone && proven && !onTrial && !capsuleRequested;
}

/** Old OS again, and firmware that is old, or new and no longer to be changed. */
function hasGoneBack(situation: Situation, attempt: Attempt): boolean {
  const { running, onTrial } = situation;
  const osBack = !changesOs(attempt) || running.os !== attempt.to.os;
  const firmwareRests =
    !onTrial || running.firmware !== attempt.to.firmware || attempt.failure?.reason === 'firmware-cannot-go-back';
  return osBack && firmwareRests && isEmpty(attemptLeftovers(situation, attempt));
}

function closeAttempt(journal: Journal, attempt: Attempt): Journal {
  const { attempt: _closed, ...rest } = journal;
  const { payloadHash, failure } = attempt;
  const key = { payloadHash, attempt: attempt.attempt };
  if (failure === undefined) return { ...rest, success: { ...key, ...evidenceOf(attempt) } };
  if (failure.reason === 'superseded') return rest;
  const others = journal.failures.filter(failed => !sameAttempt(failed, key));
  return { ...rest, failures: [...others, { ...key, failure }].slice(-FAILURES_KEPT) };
}

const evidenceOf = ({ from, to, capsule, osTrial, health }: Attempt) => ({
  from,
  to,
  requestedAt: [...new Set([capsule, osTrial].flatMap(request => (request === undefined ? [] : [request.bootId])))],
  ...(health === undefined ? {} : { health }),
});

const failed = (reason: FailureReason, message: string, lastAttemptStatus?: number): Omit<Failure, 'atMs'> => ({
  reason,
  message,
  ...(lastAttemptStatus === undefined ? {} : { lastAttemptStatus }),
});

const unhealthyNames = (
  results: readonly { readonly name: string; readonly healthy: boolean; readonly detail: string }[],
): string =>
  results
    .filter(result => !result.healthy)
    .map(({ name, detail }) => `${name} (${detail})`)
    .join(', ');
