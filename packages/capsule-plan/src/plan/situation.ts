// Where one board stands on its way to one target: the handful of facts that every rule of inference asks for.

import type { FirmwareVersion, OstreeCommit } from '@seatrial/spec';
import { type EntryState, entryState } from '../boot/boot-counting.ts';
import { bootedDeployment, type Deployment } from '../boot/deployment.ts';
import { asksForCapsuleDelivery } from '../firmware/os-indications.ts';
import { isOnTrial } from '../firmware/trial-boot.ts';
import { type Attempt, type HealthVerdict, type Journal, type Pair, sameAttempt } from './journal.ts';
import type { Observed } from './observed.ts';
import { type PlanTarget, targetPair } from './plan.ts';

export interface Situation {
  readonly observed: Observed;
  readonly target: PlanTarget;
  readonly journal: Journal;
  readonly wanted: Pair;
  readonly running: Pair;
  readonly booted: Deployment | undefined;
  /** The state of the booted entry; a board whose entry can not be found counts as indeterminate. */
  readonly bootedState: EntryState;
  readonly onTrial: boolean;
  readonly capsuleRequested: boolean;
  /** The open attempt, if it is for this target. */
  readonly attempt: Attempt | undefined;
  /** What the health checks said in this boot. */
  readonly health: HealthVerdict | undefined;
  readonly firmwareWanted: boolean;
  readonly osWanted: boolean;
}

export function assess(observed: Observed, target: PlanTarget, journal: Journal): Situation {
  const wanted = targetPair(target);
  const running = runningPair(observed);
  const booted = bootedDeployment(observed.os.deployments);
  const open = journal.attempt;
  return {
    observed,
    target,
    journal,
    wanted,
    running,
    booted,
    bootedState: booted?.entry === undefined ? 'indeterminate' : entryState(booted.entry),
    onTrial: observed.firmware.trial !== undefined && isOnTrial(observed.firmware.trial),
    capsuleRequested: asksForCapsuleDelivery(observed.firmware.osIndications ?? 0n),
    attempt: open !== undefined && sameAttempt(open, target) ? open : undefined,
    health: open?.health?.bootId === observed.bootId ? open.health : undefined,
    firmwareWanted: wanted.firmware !== undefined && wanted.firmware !== running.firmware,
    osWanted: wanted.os !== undefined && wanted.os !== running.os,
  };
}

export const runningPair = (observed: Observed): Pair => ({
  ...optional('firmware', observed.firmware.esrt?.fwVersion),
  ...optional('os', bootedDeployment(observed.os.deployments)?.commit),
});

const optional = <K extends string, V extends FirmwareVersion | OstreeCommit>(key: K, value: V | undefined) =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });

/** The attempt set out to change this half. */
export const changesFirmware = ({ from, to }: Attempt): boolean =>
  to.firmware !== undefined && from.firmware !== to.firmware;
export const changesOs = ({ from, to }: Attempt): boolean => to.os !== undefined && from.os !== to.os;

/** The deployment of a commit that stands in front of the running one, tried or not; one further back is no candidate. */
export function pendingDeployment(commit: OstreeCommit | undefined, observed: Observed): Deployment | undefined {
  const { deployments } = observed.os;
  const running = bootedDeployment(deployments)?.index ?? deployments.length;
  return deployments.find(({ commit: candidate, staged, index }) => candidate === commit && !staged && index < running);
}

/** The deployment that a failed trial returns to: the one that ran before, else any blessed one. */
export function wayBack(observed: Observed, from: Pair): Deployment | undefined {
  const blessed = blessedDeployments(observed);
  return blessed.find(({ commit }) => commit === from.os) ?? blessed.find(({ booted }) => !booted);
}

/** The blessed deployment beside the booted one that is worth keeping: what ran before, else the next in boot order. */
export function rollbackDeployment(observed: Observed, before: Pair): Deployment | undefined {
  const beside = blessedDeployments(observed).filter(({ booted }) => !booted);
  return beside.find(({ commit }) => commit === before.os) ?? beside[0];
}

const blessedDeployments = (observed: Observed): readonly Deployment[] =>
  observed.os.deployments.filter(({ entry }) => entry !== undefined && entryState(entry) === 'good');
