// The decision: what a board does next, given what is seen, what is wanted and what is remembered.
//
// One step at a time, and always a safe one: whatever happens after it, a look at the board leads on. The rules read like
// the transaction itself (capsule, reboot, commit, reboot, health, bless, commit the firmware), with the way back first:
// an attempt that has failed is undone before anything else is thought of.

import type { OstreeCommit } from '@seatrial/spec';
import { type EntryName, entryState } from '../boot/boot-counting.ts';
import { bootedDeployment } from '../boot/deployment.ts';
import { isRollbackRequested, NEW_TRIAL_BOOT, trialCount, trialMaxCount } from '../firmware/trial-boot.ts';
import { capsulesToPlace, isOurCapsule, isPlaced } from './capsule-files.ts';
import { closedGates, mayDownload } from './gates.ts';
import { type Attempt, type Failure, failedBefore, type Journal, type Pair } from './journal.ts';
import { allLeftovers, attemptLeftovers, capsuleLeftovers, isEmpty, NO_LEFTOVERS } from './leftovers.ts';
import type { Observed } from './observed.ts';
import type { PlanTarget } from './plan.ts';
import { preflight } from './preflight.ts';
import { assess, changesFirmware, changesOs, pendingDeployment, type Situation, wayBack } from './situation.ts';
import type { CommitSource, Leftovers, RebootPurpose, Step, StepOf } from './step.ts';
import { trialBootBudget } from './trial-budget.ts';
import { windowState } from './window.ts';

export type Inference =
  | { readonly kind: 'step'; readonly step: Step }
  /** The board runs what is wanted, proven and accepted; there is nothing to do and nothing to write. */
  | { readonly kind: 'converged' }
  /** This very attempt failed before and the board is at rest again; only a new target or a retry changes that. */
  | { readonly kind: 'failed'; readonly failure: Failure };

type Rule = (situation: Situation) => Step | undefined;

/** Expects a journal that has learned from the same look. */
export function inferStep(observed: Observed, target: PlanTarget, journal: Journal): Inference {
  const situation = assess(observed, target, journal);
  const failed = failedBefore(journal, target);
  const open = journal.attempt;
  if (open?.failure !== undefined) return toInference(firstStep(goBack(open, open.failure), situation), open.failure);
  if (failed !== undefined && open === undefined) return toInference(tidyUp(situation), failed.failure);
  return toInference(firstStep(FORWARD, situation));
}

const firstStep = (rules: readonly Rule[], situation: Situation): Step | undefined => {
  for (const rule of rules) {
    const step = rule(situation);
    if (step !== undefined) return step;
  }
  return undefined;
};

const toInference = (step: Step | undefined, failure?: Failure): Inference => {
  if (step !== undefined) return { kind: 'step', step };
  return failure === undefined ? { kind: 'converged' } : { kind: 'failed', failure };
};

/* ---- Forward: the transaction in its order ---- */

const FORWARD: readonly Rule[] = [
  refuseStrangeTrial,
  leaveOldFirmware,
  proveAndBless,
  proveAndCommitFirmware,
  discardTriedDeployment,
  check,
  fetch,
  installFirmware,
  installOs,
  tidyUp,
];

/** Firmware on trial that nobody here remembers asking for, and that is not what is wanted: hands off. */
function refuseStrangeTrial({ onTrial, journal, firmwareWanted }: Situation): Step | undefined {
  if (!onTrial || journal.attempt !== undefined || !firmwareWanted) return undefined;
  return wait('trial-of-unknown-origin', 'the firmware is on a trial that this agent did not begin');
}

/** The new OS woke up on the old firmware and the journal does not know why: it is never blessed. */
function leaveOldFirmware(situation: Situation): Step | undefined {
  const { firmwareWanted, running, wanted, bootedState, target, journal, observed } = situation;
  const stranded =
    firmwareWanted && running.os === wanted.os && bootedState !== 'good' && journal.attempt === undefined;
  if (!stranded || running.os === undefined || target.payload.transaction !== 'coupled') return undefined;
  return leaveBootedOs(observed, target, { commit: running.os, from: {} });
}

/** The new OS runs on trial: its health decides. An unhealthy one is rebooted so that the loader counts down. */
function proveAndBless({
  running,
  wanted,
  journal,
  bootedState,
  health,
  target,
  observed,
}: Situation): Step | undefined {
  const ours = running.os !== undefined && (running.os === wanted.os || running.os === journal.attempt?.to.os);
  if (!ours || bootedState === 'good') return undefined;
  if (health === undefined) return healthCheck(target);
  return health.healthy ? { kind: 'bless-boot' } : rebootWhenAllowed(observed, target, 'retry-commit');
}

/**
 * Firmware is committed last, under an OS that is blessed: once the flag is clear there is no way back. Firmware that
 * came with an OS is proven by that OS; firmware that came alone, or first, by the health of the OS that was there.
 */
function proveAndCommitFirmware(situation: Situation): Step | undefined {
  const { running, bootedState, onTrial, health, target } = situation;
  const { attempt } = situation.journal;
  const intended = running.firmware !== undefined && running.firmware === (attempt?.to ?? situation.wanted).firmware;
  const arrived = onTrial || (attempt !== undefined && changesFirmware(attempt) && !changesOs(attempt));
  if (!intended || running.firmware === undefined || !arrived) return undefined;
  if (bootedState !== 'good' || waitsForItsOs(situation)) return undefined;
  const osProvesIt = attempt !== undefined && changesOs(attempt) && running.os === attempt.to.os;
  if (!osProvesIt && attempt?.health?.healthy !== true) return health === undefined ? healthCheck(target) : undefined;
  return onTrial ? { kind: 'commit-firmware', version: running.firmware } : undefined;
}

/** Coupled firmware stays on trial until the OS that comes with it has been judged. */
function waitsForItsOs({ running, target, journal: { attempt }, osWanted }: Situation): boolean {
  if (target.payload.transaction !== 'coupled') return false;
  return attempt === undefined ? osWanted : changesOs(attempt) && running.os !== attempt.to.os;
}

/** A deployment of the wanted commit that an earlier, forgotten attempt has tried: its entry would be passed over. */
function discardTriedDeployment({ observed, wanted, running, journal }: Situation): Step | undefined {
  const tried = pendingDeployment(wanted.os, observed);
  if (journal.attempt !== undefined || tried?.entry === undefined || wanted.os === running.os) return undefined;
  if (tried.entry.triesDone === undefined && entryState(tried.entry) !== 'bad') return undefined;
  const { commit, serial } = tried;
  return { kind: 'clean-up', leftovers: { ...NO_LEFTOVERS, deployments: [{ commit, serial }] } };
}

/** Before the first side effect, and again before every later one while the halves are still to come. */
function check(situation: Situation): Step | undefined {
  const complaint = preflight(situation);
  return complaint === undefined ? undefined : wait(complaint.reason, complaint.message);
}

/** Both halves in the background, whatever window and gates say, as long as the network may be used. */
function fetch({ observed, target, firmwareWanted, osWanted, wanted }: Situation): Step | undefined {
  const capsule = firmwareWanted
    ? capsulesToPlace(target.payload).find(
        candidate =>
          !observed.fetched.capsules.includes(candidate.sha256) && !isPlaced(candidate, observed.esp.capsules),
      )
    : undefined;
  const deployed = pendingDeployment(wanted.os, observed) !== undefined;
  const source = osWanted && !deployed ? commitSource(target) : undefined;
  const commit = source === undefined || observed.fetched.commits.includes(source.commit) ? undefined : source;
  if (capsule === undefined && commit === undefined) return undefined;
  return (
    downloadHold(observed, target) ??
    (capsule === undefined ? undefined : { kind: 'fetch-capsule', capsule }) ??
    (commit === undefined ? undefined : { kind: 'pull-commit', source: commit })
  );
}

function downloadHold({ clock, facts }: Observed, { policy, downloadNotBeforeMs }: PlanTarget): Step | undefined {
  if (!mayDownload(policy, facts)) {
    return wait(
      'download-network',
      `downloads are allowed over ${String(policy.download.networks)}, the network is ${facts.network ?? 'not known'}`,
    );
  }
  if (downloadNotBeforeMs === undefined || clock.nowMs >= downloadNotBeforeMs) return undefined;
  return { ...wait('download-jitter', "waits for this board's turn to download"), untilMs: downloadNotBeforeMs };
}

/**
 * Trial first, capsule second, request last. A board without the trial variable applies any capsule that it finds on the
 * ESP, without a trial; once the variable is there, nothing happens before the request.
 */
function installFirmware({ observed, target, firmwareWanted, attempt, capsuleRequested }: Situation): Step | undefined {
  if (!firmwareWanted) return undefined;
  const capsules = capsulesToPlace(target.payload);
  const strays = observed.esp.capsules.filter(
    file => isOurCapsule(file) && !capsules.some(({ fileName }) => fileName === file.fileName),
  );
  const missing = capsules.find(capsule => !isPlaced(capsule, observed.esp.capsules));
  const staged = attempt?.capsule !== undefined && missing === undefined && strays.length === 0;
  if (capsuleRequested && staged) return rebootWhenAllowed(observed, target, 'apply-capsule');
  const hold = disruptionHold(observed, target);
  if (hold !== undefined) return hold;
  const capsuleFileNames = strays.map(({ fileName }) => fileName);
  if (capsuleRequested || strays.length > 0)
    return cleanUp({ ...NO_LEFTOVERS, capsuleFileNames, capsuleRequest: capsuleRequested });
  if (!isArmed(observed, target)) return { kind: 'arm-trial', maxCount: trialBootBudget(target) };
  return missing === undefined ? { kind: 'request-capsule' } : { kind: 'place-capsule', capsule: missing };
}

const isArmed = ({ firmware }: Observed, target: PlanTarget): boolean => {
  const trial = firmware.trial ?? NEW_TRIAL_BOOT;
  if (target.board.trial === 'unavailable') return true;
  return trialMaxCount(trial) === trialBootBudget(target) && trialCount(trial) === 0;
};

/** A counted entry beside the running one, then the reboot that tries it. */
function installOs({ observed, target, osWanted, wanted }: Situation): Step | undefined {
  const source = commitSource(target);
  if (!osWanted || source === undefined) return undefined;
  const deployed = pendingDeployment(wanted.os, observed);
  if (deployed !== undefined && (!isCounted(deployed.entry) || observed.os.heldEntryId !== undefined)) {
    return { kind: 'arm-boot-counting', commit: source.commit, tries: target.policy.trial.bootTries };
  }
  const hold = disruptionHold(observed, target);
  if (hold !== undefined) return hold;
  return deployed === undefined
    ? { kind: 'deploy-commit', source, stateroot: target.board.os.stateroot }
    : { kind: 'reboot', purpose: 'try-commit' };
}

const isCounted = (entry: EntryName | undefined): boolean => entry?.triesLeft !== undefined;

/** At rest: what earlier attempts left goes away. */
function tidyUp(situation: Situation): Step | undefined {
  return cleanUp(allLeftovers(situation));
}

/* ---- Back: the pair goes together ---- */

/** First nothing more may be applied, then the old OS, then nothing new may boot, then the old firmware. */
const goBack = (attempt: Attempt, failure: Failure): readonly Rule[] => [
  situation => cleanUp(capsuleLeftovers(situation)),
  situation => leaveNewOs(situation, attempt),
  situation => cleanUp(attemptLeftovers(situation, attempt)),
  situation => (failure.reason === 'firmware-cannot-go-back' ? undefined : restoreFirmware(situation, attempt)),
];

function leaveNewOs({ observed, target, running }: Situation, attempt: Attempt): Step | undefined {
  if (!changesOs(attempt) || running.os === undefined || running.os !== attempt.to.os) return undefined;
  return leaveBootedOs(observed, target, { commit: running.os, from: attempt.from });
}

/** Exhausted, and the loader held to the way back: some loaders boot an exhausted entry all the same. */
function leaveBootedOs(
  observed: Observed,
  target: PlanTarget,
  { commit, from }: { commit: OstreeCommit; from: Pair },
): Step {
  const entry = bootedDeployment(observed.os.deployments)?.entry;
  const back = wayBack(observed, from)?.entry;
  const marked =
    entry !== undefined && entryState(entry) === 'bad' && back !== undefined && observed.os.heldEntryId === back.id;
  return marked ? rebootWhenAllowed(observed, target, 'fall-back') : { kind: 'mark-boot-bad', commit };
}

function restoreFirmware({ observed, target, onTrial, running }: Situation, attempt: Attempt): Step | undefined {
  const { trial } = observed.firmware;
  if (!changesFirmware(attempt) || !onTrial || trial === undefined || running.firmware !== attempt.to.firmware)
    return undefined;
  return isRollbackRequested(trial)
    ? rebootWhenAllowed(observed, target, 'roll-back-firmware')
    : { kind: 'request-firmware-rollback' };
}

/* ---- What several rules need ---- */

const cleanUp = (leftovers: Leftovers): Step | undefined =>
  isEmpty(leftovers) ? undefined : { kind: 'clean-up', leftovers };

const healthCheck = ({ policy }: PlanTarget): StepOf<'check-health'> => ({
  kind: 'check-health',
  checks: policy.trial.healthChecks,
  deadlineMs: policy.trial.healthDeadlineMs,
});

/** Undefined when the payload has no OS half. */
const commitSource = ({ payload: { os } }: PlanTarget): CommitSource | undefined =>
  os === undefined
    ? undefined
    : { remote: os.remote, ref: os.ref, commit: os.commit, ...(os.url === undefined ? {} : { url: os.url }) };

const rebootWhenAllowed = (observed: Observed, target: PlanTarget, purpose: RebootPurpose): Step =>
  disruptionHold(observed, target) ?? { kind: 'reboot', purpose };

/** The window, then the gates: what keeps a board from being disturbed. */
function disruptionHold({ clock, facts }: Observed, { policy }: PlanTarget): StepOf<'wait'> | undefined {
  const window = windowState(policy.windows, clock);
  if (window.kind === 'clock-not-set') return wait('clock-not-set', 'the clock is not set: windows can not be judged');
  if (window.kind === 'closed') {
    const closed = wait('window-closed', 'no maintenance window is open');
    return window.opensAtMs === undefined ? closed : { ...closed, untilMs: window.opensAtMs };
  }
  const [gate] = closedGates(policy.gates, facts);
  return gate === undefined ? undefined : wait(`gate-${gate.gate}`, gate.message);
}

const wait = (reason: StepOf<'wait'>['reason'], message: string): StepOf<'wait'> => ({ kind: 'wait', reason, message });
