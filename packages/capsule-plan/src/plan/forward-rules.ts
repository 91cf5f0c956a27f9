// The rules of the way forward, each for one part of the transaction. Every rule either names its step or passes.

import { type EntryName, entryState } from '../boot/boot-counting.ts';
import { NEW_TRIAL_BOOT, trialCount, trialMaxCount } from '../firmware/trial-boot.ts';
import { capsulesToPlace, isOurCapsule, isPlaced } from './capsule-files.ts';
import { disruptionHold, downloadHold, rebootWhenAllowed, wait } from './holds.ts';
import { allLeftovers, cleanUp, NO_LEFTOVERS } from './leftovers.ts';
import type { Observed } from './observed.ts';
import type { PlanTarget } from './plan.ts';
import { preflight } from './preflight.ts';
import { changesFirmware, changesOs, pendingDeployment, type Situation } from './situation.ts';
import type { CommitSource, Step, StepOf } from './step.ts';
import { trialBootBudget } from './trial-budget.ts';
import { leaveBootedOs } from './way-back-rules.ts';

/** Firmware on trial that nobody here remembers asking for, and that is not what is wanted: hands off. */
export function refuseStrangeTrial({ onTrial, journal, firmwareWanted }: Situation): Step | undefined {
  if (!onTrial || journal.attempt !== undefined || !firmwareWanted) return undefined;
  return wait('trial-of-unknown-origin', 'the firmware is on a trial that this agent did not begin');
}

/** The new OS woke up on the old firmware and the journal does not know why: it is never blessed. */
export function leaveOldFirmware(situation: Situation): Step | undefined {
  const { firmwareWanted, running, wanted, bootedState, target, journal, observed } = situation;
  const stranded =
    firmwareWanted && running.os === wanted.os && bootedState !== 'good' && journal.attempt === undefined;
  if (!stranded || running.os === undefined || target.payload.transaction !== 'coupled') return undefined;
  return leaveBootedOs(observed, target, { commit: running.os, from: {} });
}

/** The new OS runs on trial: its health decides. An unhealthy one is rebooted so that the loader counts down. */
export function proveAndBless({
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
export function proveAndCommitFirmware(situation: Situation): Step | undefined {
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
export function discardTriedDeployment({ observed, wanted, running, journal }: Situation): Step | undefined {
  const tried = pendingDeployment(wanted.os, observed);
  if (journal.attempt !== undefined || tried?.entry === undefined || wanted.os === running.os) return undefined;
  if (tried.entry.triesDone === undefined && entryState(tried.entry) !== 'bad') return undefined;
  const { commit, serial } = tried;
  return { kind: 'clean-up', leftovers: { ...NO_LEFTOVERS, deployments: [{ commit, serial }] } };
}

/** Before the first side effect, and again before every later one while the halves are still to come. */
export function check(situation: Situation): Step | undefined {
  const complaint = preflight(situation);
  return complaint === undefined ? undefined : wait(complaint.reason, complaint.message);
}

/** Both halves in the background, whatever window and gates say, as long as the network may be used. */
export function fetch({ observed, target, firmwareWanted, osWanted, wanted }: Situation): Step | undefined {
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

/**
 * Trial first, capsule second, request last. A board without the trial variable applies any capsule that it finds on the
 * ESP, without a trial; once the variable is there, nothing happens before the request.
 */
export function installFirmware({
  observed,
  target,
  firmwareWanted,
  attempt,
  capsuleRequested,
}: Situation): Step | undefined {
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
export function installOs({ observed, target, osWanted, wanted }: Situation): Step | undefined {
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
export function tidyUp(situation: Situation): Step | undefined {
  return cleanUp(allLeftovers(situation));
}

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
