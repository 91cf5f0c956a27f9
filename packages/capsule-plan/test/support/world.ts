// A board in memory that runs the real decisions: it looks, learns, infers, remembers and acts like the agent, while its
// firmware, loader and OS behave as a test wants them to, and its power can fail around every act.

import { firmwareVersion, millis, type OstreeCommit } from '@seatrial/spec';
import {
  asksForCapsuleDelivery,
  bootedDeployment,
  countBoot,
  type Deployment,
  EMPTY_JOURNAL,
  entryState,
  expectedOf,
  type Inference,
  inferStep,
  isOnTrial,
  isOurCapsule,
  isReached,
  isRollbackRequested,
  type Journal,
  learn,
  type Observed,
  type PlanTarget,
  preconditionOf,
  recordHealth,
  remember,
  type Step,
  type TrialBoot,
  trialCount,
  trialMaxCount,
  withoutCapsuleDelivery,
  withTrialCount,
  withTrialEnabled,
} from '../../src/index.ts';
import type { FirmwareEvent, OsEvent } from '../../src/plan/outcome-matrix.ts';
import { boot } from './builders.ts';

export interface Behaviour {
  readonly firmware: FirmwareEvent | 'none';
  /** How the OS of the target behaves; with `firmware only`, how the old OS does on new firmware. */
  readonly os: OsEvent;
}

/** Where power fails in a pass: before the journal is written, after it, or after the act. */
export type Cut = 'before-remember' | 'after-remember' | 'after-act';

export class World {
  observed: Observed;
  journal: Journal = EMPTY_JOURNAL;
  readonly steps: Step[] = [];
  readonly behaviour: Behaviour;
  boots = 0;
  private readonly factoryCommit: OstreeCommit | undefined;
  private previousFirmware: Observed['firmware']['esrt'];

  constructor(observed: Observed, behaviour: Behaviour) {
    this.observed = observed;
    this.factoryCommit = bootedDeployment(observed.os.deployments)?.commit;
    this.behaviour = behaviour;
  }

  /** One pass of the loop; power fails where `cut` says. */
  pass(target: PlanTarget, cut?: Cut): Inference {
    this.journal = learn(this.observed, target, this.journal);
    const inference = inferStep(this.observed, target, this.journal);
    if (inference.kind === 'step') this.take(inference.step, target, cut);
    return inference;
  }

  private take(step: Step, target: PlanTarget, cut: Cut | undefined): void {
    const complaint = preconditionOf(step, this.observed);
    if (complaint !== undefined) throw new Error(`${step.kind}: ${complaint}`);
    this.steps.push(step);
    if (cut !== 'before-remember') this.journal = remember(step, this.observed, target, this.journal);
    if (cut === undefined || cut === 'after-act') this.act(step, target);
    if (cut !== undefined && !(cut === 'after-act' && step.kind === 'reboot')) this.powerCycle(target);
  }

  private act(step: Step, target: PlanTarget): void {
    if (step.kind === 'reboot') this.powerCycle(target);
    else if (step.kind === 'check-health') this.checkHealth(step, target);
    else if (step.kind === 'wait') this.wait(step);
    else this.observed = expectedOf(step, this.observed);
    if (!isReached(step, this.observed)) throw new Error(`${step.kind}: expected does not reach`);
  }

  private wait({ untilMs }: Extract<Step, { kind: 'wait' }>): void {
    const { clock } = this.observed;
    this.observed = { ...this.observed, clock: { ...clock, nowMs: millis(untilMs ?? clock.nowMs + 60_000) } };
  }

  private checkHealth(step: Extract<Step, { kind: 'check-health' }>, target: PlanTarget): void {
    const runsNewOs = bootedDeployment(this.observed.os.deployments)?.commit === target.payload.os?.commit;
    const judgesFirmware = target.payload.os === undefined;
    const healthy = !(runsNewOs || judgesFirmware) || this.behaviour.os === 'healthy';
    const results = step.checks.map(({ name }) => ({ name, healthy, detail: healthy ? 'active' : 'failed' }));
    this.journal = recordHealth(this.journal, this.observed, target, results);
  }

  /** Power off and on until something runs that can decide: an OS that panics reboots at once. */
  powerCycle(target: PlanTarget): void {
    do {
      this.boots += 1;
      if (this.boots > 100) throw new Error('the board boots for ever');
      this.startFirmware(target);
      this.startLoader();
    } while (this.panics(target));
    this.observed = { ...this.observed, bootId: boot(1000 + this.boots) };
  }

  private panics(target: PlanTarget): boolean {
    const commit = bootedDeployment(this.observed.os.deployments)?.commit;
    return this.behaviour.os === 'panics' && commit !== this.factoryCommit && target.payload.os !== undefined;
  }

  private startFirmware(target: PlanTarget): void {
    const { firmware, esp } = this.observed;
    const { esrt, trial } = firmware;
    if (esrt === undefined) return;
    const requested = asksForCapsuleDelivery(firmware.osIndications ?? 0n) && esp.capsules.some(isOurCapsule);
    if (requested && this.behaviour.firmware !== 'ignored') this.takeCapsule(target);
    else if (trial !== undefined && isOnTrial(trial)) this.countTrial(trial);
    if (requested && this.behaviour.firmware === 'never-boots') this.rollBack();
  }

  private countTrial(trial: TrialBoot): void {
    if (!isRollbackRequested(trial)) this.setTrial(withTrialCount(trial, trialCount(trial) + 1));
    else if (this.behaviour.firmware !== 'applied-for-good') this.rollBack();
  }

  private takeCapsule({ payload }: PlanTarget): void {
    const { firmware, esp } = this.observed;
    const { esrt, trial } = firmware;
    const version = payload.firmware?.version;
    if (esrt === undefined || version === undefined) return;
    this.previousFirmware = esrt;
    const event = this.behaviour.firmware;
    const rows: Partial<Record<FirmwareEvent | 'none', typeof esrt>> = {
      refused: { ...esrt, lastAttemptVersion: version, lastAttemptStatus: 5 },
      'metadata-unreadable': { ...esrt, lastAttemptVersion: firmwareVersion(0), lastAttemptStatus: 0 },
    };
    const row = rows[event] ?? { ...esrt, fwVersion: version, lastAttemptVersion: version, lastAttemptStatus: 0 };
    this.observed = {
      ...this.observed,
      esp: { ...esp, capsules: esp.capsules.filter(capsule => !isOurCapsule(capsule)) },
      firmware: { ...firmware, esrt: row, osIndications: withoutCapsuleDelivery(firmware.osIndications ?? 0n) },
    };
    const onTrial = row.fwVersion === version && event !== 'applied-without-trial';
    if (!onTrial || trial === undefined || trialMaxCount(trial) === 0) return;
    this.setTrial(
      withTrialCount(withTrialEnabled(trial, { enabled: true }), event === 'exhausted' ? trialMaxCount(trial) : 1),
    );
  }

  private rollBack(): void {
    const { firmware } = this.observed;
    const { esrt, trial } = firmware;
    if (esrt === undefined || trial === undefined || this.previousFirmware === undefined) return;
    this.observed = {
      ...this.observed,
      firmware: {
        ...firmware,
        esrt: {
          ...esrt,
          fwVersion: this.previousFirmware.fwVersion,
          lastAttemptVersion: esrt.fwVersion,
          lastAttemptStatus: 0,
        },
        trial: withTrialCount(withTrialEnabled(trial, { enabled: false }), 0),
      },
    };
  }

  private setTrial(trial: TrialBoot): void {
    this.observed = { ...this.observed, firmware: { ...this.observed.firmware, trial } };
  }

  private startLoader(): void {
    const { deployments, heldEntryId } = this.observed.os;
    const bootable = deployments.filter(({ entry }) => entry !== undefined);
    const chosen =
      bootable.find(({ entry }) => entry?.id === heldEntryId) ??
      bootable.find(({ entry }) => entry !== undefined && entryState(entry) !== 'bad') ??
      bootable[0];
    const boots = (deployment: Deployment): Deployment => ({
      ...deployment,
      booted: deployment === chosen,
      ...(deployment === chosen && deployment.entry !== undefined ? { entry: countBoot(deployment.entry) } : {}),
    });
    this.observed = { ...this.observed, os: { ...this.observed.os, deployments: deployments.map(boots) } };
  }
}

/** Passes until the board rests or `most` is reached; `cutAt` names the pass in which power fails. */
export function settle(
  world: World,
  target: PlanTarget,
  { most = 120, cutAt, cut }: { most?: number; cutAt?: number; cut?: Cut } = {},
): Inference {
  for (let pass = 0; pass < most; pass += 1) {
    const inference = world.pass(target, pass === cutAt ? cut : undefined);
    if (inference.kind !== 'step') return inference;
  }
  throw new Error(
    `no rest after ${most} passes: ${world.steps
      .slice(-6)
      .map(({ kind }) => kind)
      .join(', ')}`,
  );
}
