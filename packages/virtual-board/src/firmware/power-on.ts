// What Qualcomm's UEFI does between power and boot loader, as a pure function of what it knows and finds [QC-CAPSULE-VARIABLES].

import { trialCount, trialMaxCount, withTrialCount, withTrialEnabled, withTrialMaxCount } from '@seatrial/capsule-plan';
import type { CapsuleFile, CapsuleVerifier } from './capsule-verifier.ts';
import { asksForCapsules, capsuleDelivery, deliverCapsules, withoutRequest } from './deliver-capsules.ts';
import type { FirmwareEvent } from './events.ts';
import { type FirmwareState, hasFault, heededTrial, runsTrial, useFault, withVariables } from './state.ts';

/** What one start of the firmware, from reset to the next reset or to the boot loader, comes to. */
export interface FirmwarePass {
  readonly state: FirmwareState;
  readonly next: 'reset' | 'boot-loader';
  /** Capsules that are gone from the ESP when this start is over. */
  readonly removed: readonly string[];
  readonly log: readonly FirmwareEvent[];
}

export interface PowerOnOutcome {
  readonly state: FirmwareState;
  /** Extra resets that the firmware made before it started the boot loader. */
  readonly resets: number;
  readonly removed: readonly string[];
  readonly log: readonly FirmwareEvent[];
}

/** Runs passes until the firmware starts the boot loader. `capsules` are the `*.cap` files in EFI/UpdateCapsule. */
export function powerOn(
  state: FirmwareState,
  capsules: readonly CapsuleFile[],
  verify: CapsuleVerifier,
): PowerOnOutcome {
  const pass = firmwarePass(state, capsules, verify);
  if (pass.next === 'boot-loader') return { state: pass.state, resets: 0, removed: pass.removed, log: pass.log };
  const left = capsules.filter(({ fileName }) => !pass.removed.includes(fileName));
  const rest = powerOn(pass.state, left, verify);
  return {
    state: rest.state,
    resets: rest.resets + 1,
    removed: [...pass.removed, ...rest.removed],
    log: [...pass.log, ...rest.log],
  };
}

/** One start of the firmware. Capsules are taken alphabetically; every outcome that changed an image ends in a reset. */
export function firmwarePass(
  state: FirmwareState,
  capsules: readonly CapsuleFile[],
  verify: CapsuleVerifier,
): FirmwarePass {
  if (asksForCapsules(state) && hasFault(state, 'ignore-request')) {
    return bootAnyway(useFault(state, 'ignore-request'), capsules);
  }
  if (capsules.length === 0 || !capsuleDelivery(state).update) return bootAnyway(state, capsules);
  const inOrder = capsules.toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1));
  const accepted = acceptBefore(state);
  const { state: delivered, log } = deliverCapsules(accepted.state, inOrder, verify);
  const removed = inOrder.map(({ fileName }) => fileName);
  return { state: delivered, next: 'reset', removed, log: [...accepted.log, ...log] };
}

/** No capsule is taken at this start: what remains is the trial, or its end. */
function bootAnyway(state: FirmwareState, capsules: readonly CapsuleFile[]): FirmwarePass {
  const left: readonly FirmwareEvent[] =
    capsules.length === 0 ? [] : [{ kind: 'capsules-not-taken', fileNames: capsules.map(({ fileName }) => fileName) }];
  const unheard: readonly FirmwareEvent[] =
    capsules.length === 0 && asksForCapsules(state) ? [{ kind: 'request-without-capsule' }] : [];
  const heard = capsules.length === 0 ? withoutRequest(state) : state;
  const pass = runsTrial(heard) ? countTrialBoot(heard) : commit(heard);
  return { ...pass, log: [...left, ...unheard, ...pass.log] };
}

/** TrialBootEnabled is set: one more boot of the budget, or its end. */
function countTrialBoot(state: FirmwareState): FirmwarePass {
  const trial = heededTrial(state);
  if (trial === undefined) return onward(state);
  const [count, maxCount] = [trialCount(trial) + 1, trialMaxCount(trial)];
  if (count > maxCount || hasFault(state, 'early-rollback')) return endTrial(useFault(state, 'early-rollback'));
  const counted = withVariables(state, { trial: withTrialCount(trial, count) });
  return onward(counted, { kind: 'trial-boot-counted', count, maxCount });
}

/** The budget is spent: restores the old image and resets, or stays where it is when the floor forbids the old image. */
function endTrial(state: FirmwareState): FirmwarePass {
  const { previous, running, lowestSupported } = state;
  const refused = previous === undefined || previous < lowestSupported || hasFault(state, 'refuse-rollback');
  if (refused) return onward(useFault(state, 'refuse-rollback'), { kind: 'rollback-refused', lowestSupported });
  const { previous: _, ...rest } = withoutTrial(state);
  const lastAttempt = { lastAttemptVersion: running, lastAttemptStatus: 0 };
  return {
    state: { ...rest, running: previous, lastAttempt },
    next: 'reset',
    removed: [],
    log: [{ kind: 'rolled-back', from: running, to: previous }],
  };
}

/** The first start that finds an update no longer on trial accepts it: the floor rises to the running version. */
function commit(state: FirmwareState): FirmwarePass {
  if (state.previous === undefined) return onward(state);
  const { previous: _, ...rest } = withoutTrial(state);
  return onward({ ...rest, lowestSupported: state.running }, { kind: 'committed', version: state.running });
}

/**
 * An update that was committed in the last boot and meets its successor at this start: it is accepted first, so that a
 * rollback returns to it. What the OS has armed for the successor stays armed.
 */
function acceptBefore(state: FirmwareState): Pick<FirmwarePass, 'state' | 'log'> {
  if (state.previous === undefined || runsTrial(state)) return { state, log: [] };
  const { previous: _, ...rest } = state;
  return {
    state: { ...rest, lowestSupported: state.running },
    log: [{ kind: 'committed', version: state.running }],
  };
}

/** Nothing is armed and nothing counts any more. */
function withoutTrial(state: FirmwareState): FirmwareState {
  const trial = heededTrial(state);
  if (trial === undefined) return state;
  const cleared = withTrialMaxCount(withTrialCount(trial, 0), 0);
  return withVariables(state, { trial: withTrialEnabled(cleared, { enabled: false }) });
}

const onward = (state: FirmwareState, ...log: readonly FirmwareEvent[]): FirmwarePass => ({
  state,
  next: 'boot-loader',
  removed: [],
  log,
});
