// Capsule delivery: which power-on takes the capsules on the ESP, and what each of them does to the firmware.

import {
  asksForCapsuleDelivery,
  trialMaxCount,
  withoutCapsuleDelivery,
  withTrialCount,
  withTrialEnabled,
} from '@seatrial/capsule-plan';
import { evaluateDependency } from '@seatrial/capsule-plan/capsule';
import { assertNever, type FirmwareVersion, firmwareVersion } from '@seatrial/spec';
import {
  ATTEMPT_STATUS,
  type CapsuleFile,
  type CapsuleImage,
  type CapsuleVerdict,
  type CapsuleVerifier,
} from './capsule-verifier.ts';
import type { FirmwareEvent } from './events.ts';
import { type FirmwareState, hasFault, heededTrial, useFault, withVariables } from './state.ts';

/** The two answers of the vendor's table for a power-on that finds a capsule. */
export interface Delivery {
  readonly update: boolean;
  /** With a trial, if TrialBootMaxCount asks for one. */
  readonly trial: boolean;
}

/**
 * Once OsTrialBootStatus exists a capsule is taken only when OsIndications asks for it. Without the variable, on base
 * firmware and without RPMB every capsule on the ESP is taken, with no way back [QC-CAPSULE-VARIABLES].
 */
export function capsuleDelivery(state: FirmwareState): Delivery {
  if (heededTrial(state) === undefined) return { update: true, trial: false };
  const asked = asksForCapsules(state);
  return { update: asked, trial: asked };
}

export const asksForCapsules = ({ variables }: FirmwareState): boolean =>
  variables.osIndications !== undefined && asksForCapsuleDelivery(variables.osIndications);

/** UEFI clears its bit whatever came of the request; what others asked for stays. */
export const withoutRequest = (state: FirmwareState): FirmwareState =>
  state.variables.osIndications === undefined
    ? state
    : withVariables(state, { osIndications: withoutCapsuleDelivery(state.variables.osIndications) });

interface Delivered {
  readonly state: FirmwareState;
  readonly log: readonly FirmwareEvent[];
}

/** Takes all capsules in the order given, clears the request, and starts the trial if one was installed and is armed. */
export function deliverCapsules(
  state: FirmwareState,
  capsules: readonly CapsuleFile[],
  verify: CapsuleVerifier,
): Delivered {
  const { trial } = capsuleDelivery(state);
  let delivered: Delivered = { state: withoutRequest(state), log: [] };
  for (const capsule of capsules) {
    const one = deliverOne(delivered.state, capsule, verify);
    delivered = { state: one.state, log: [...delivered.log, one.event] };
  }
  const installed = delivered.log.some(event => event.kind === 'capsule-applied');
  return trial && installed ? startTrial(delivered) : delivered;
}

function startTrial({ state, log }: Delivered): Delivered {
  const { trial } = state.variables;
  if (trial === undefined || trialMaxCount(trial) === 0) return { state, log };
  if (hasFault(state, 'forget-trial')) return { state: useFault(state, 'forget-trial'), log };
  const armed = withTrialEnabled(withTrialCount(trial, 0), { enabled: true });
  return {
    state: withVariables(state, { trial: armed }),
    log: [...log, { kind: 'trial-started', maxCount: trialMaxCount(armed) }],
  };
}

interface DeliveredOne {
  readonly state: FirmwareState;
  readonly event: FirmwareEvent;
}

function deliverOne(state: FirmwareState, { fileName, bytes }: CapsuleFile, verify: CapsuleVerifier): DeliveredOne {
  if (hasFault(state, 'stale-row')) {
    return { state: useFault(state, 'stale-row'), event: { kind: 'capsule-dropped', fileName } };
  }
  const { state: judged, judgement } = misjudge(state, judge(state, verify(bytes)));
  switch (judgement.kind) {
    case 'of-another-board':
      return { state: judged, event: { kind: 'capsule-of-another-board', fileName } };
    case 'metadata-unreadable': {
      const event = { kind: 'capsule-metadata-unreadable', fileName, detail: judgement.detail } as const;
      return { state: withAttempt(judged, firmwareVersion(0), ATTEMPT_STATUS.success), event };
    }
    case 'refused': {
      const { status, detail, version = firmwareVersion(0) } = judgement;
      const event = { kind: 'capsule-refused', fileName, version, status, detail } as const;
      return { state: withAttempt(judged, version, status), event };
    }
    case 'fitting': {
      const { version } = judgement.image;
      const event = { kind: 'capsule-applied', fileName, version } as const;
      return { state: withAttempt(installed(judged, judgement.image), version, ATTEMPT_STATUS.success), event };
    }
    default:
      return assertNever(judgement, 'judgement');
  }
}

/** What this firmware, as it is, makes of a capsule. */
type Judgement =
  | { readonly kind: 'fitting'; readonly image: CapsuleImage }
  | { readonly kind: 'of-another-board' }
  | Exclude<CapsuleVerdict, { kind: 'genuine' }>;

/** The verifier's verdict, then class, floor and dependency. */
function judge(state: FirmwareState, verdict: CapsuleVerdict): Judgement {
  if (verdict.kind !== 'genuine') return verdict;
  const image = verdict.images.find(({ fwClass }) => fwClass === state.fwClass);
  if (image === undefined) return { kind: 'of-another-board' };
  const { version } = image;
  if (version < state.lowestSupported) {
    return { kind: 'refused', status: ATTEMPT_STATUS.incorrectVersion, version, detail: 'below the floor' };
  }
  return dependencyHolds(state, image)
    ? { kind: 'fitting', image }
    : { kind: 'refused', status: ATTEMPT_STATUS.unsatisfiedDependencies, version, detail: 'dependency not satisfied' };
}

/** This board has one firmware class, so a condition on any other can not be evaluated, which is not satisfied. */
const dependencyHolds = ({ fwClass, running }: FirmwareState, { dependency }: CapsuleImage): boolean =>
  dependency === undefined ||
  evaluateDependency(dependency, asked => (asked === fwClass ? running : undefined)) === true;

/** The firmware's faults have the last word. */
function misjudge(state: FirmwareState, judgement: Judgement): { state: FirmwareState; judgement: Judgement } {
  const fault = state.faults.find(({ kind }) => kind === 'attempt-status' || kind === 'metadata-unreadable');
  if (fault?.kind === 'metadata-unreadable') {
    return { state: useFault(state, fault.kind), judgement: { kind: fault.kind, detail: 'injected' } };
  }
  if (fault?.kind !== 'attempt-status') return { state, judgement };
  const version = versionOf(judgement);
  const refused = { kind: 'refused', status: fault.status, detail: 'injected' } as const;
  return {
    state: useFault(state, fault.kind),
    judgement: version === undefined ? refused : { ...refused, version },
  };
}

function versionOf(judgement: Judgement): FirmwareVersion | undefined {
  if (judgement.kind === 'fitting') return judgement.image.version;
  return judgement.kind === 'refused' ? judgement.version : undefined;
}

const withAttempt = (state: FirmwareState, version: FirmwareVersion, status: number): FirmwareState => ({
  ...state,
  lastAttempt: { lastAttemptVersion: version, lastAttemptStatus: status },
});

/** The image to go back to is the last one that was accepted, however many capsules come before the commit. */
const installed = (state: FirmwareState, { version, lowestSupported }: CapsuleImage): FirmwareState => ({
  ...state,
  previous: state.previous ?? state.running,
  running: version,
  lowestSupported: firmwareVersion(Math.max(state.lowestSupported, lowestSupported)),
});
