// One board without faults and without a controller: the real agent's passes over simulated hardware, step by step, with a
// clock that only its waits move.

import {
  isBlocked,
  type Journal,
  type Observed,
  onNetwork,
  openFacts,
  type PlanTarget,
  type Step,
} from '@seatrial/capsule-plan';
import {
  type Look,
  observe,
  type Ports,
  readJournal,
  reconcileOnce,
  scopeOfTarget,
} from '@seatrial/device-reconciler/parts';
import { Hardware, type Nature } from '@seatrial/simulator';
import { InvariantError, type Millis, millis } from '@seatrial/spec';

/** A step as it was begun, and when. Waits stand once, however often they were looked at. */
export interface TakenStep {
  readonly step: Step;
  readonly atMs: Millis;
}

export interface Journey {
  readonly taken: readonly TakenStep[];
  readonly ends: 'converged' | 'failed' | 'blocked' | 'interrupted';
}

const MOST_PASSES = 400;

export class LoneBoard {
  readonly hardware: Hardware;
  nowMs: Millis;
  readonly #ports: Ports;

  constructor(nowMs: Millis, nature: Nature) {
    this.nowMs = nowMs;
    this.hardware = new Hardware(1, nature);
    this.#ports = this.#portsOf();
    this.hardware.start();
  }

  /** What the board would report now. */
  async seen(target: PlanTarget): Promise<{ readonly observed: Observed; readonly journal: Journal }> {
    return { observed: await observe(this.#ports, scopeOfTarget(target)), journal: await readJournal(this.#ports) };
  }

  /** Until it rests, or after so many passes. Whatever it waits for comes. */
  async follow(target: PlanTarget, passes = MOST_PASSES): Promise<Journey> {
    const taken: TakenStep[] = [];
    for (let pass = 0; pass < passes; pass += 1) {
      const look = await this.#pass(target);
      const { inference } = look;
      if (inference.kind !== 'step') return { taken, ends: inference.kind };
      note(taken, inference.step, look.observed.clock.nowMs);
      if (inference.step.kind !== 'wait') continue;
      if (isBlocked(inference.step.reason)) return { taken, ends: 'blocked' };
      this.#await(inference.step, target);
    }
    if (passes === MOST_PASSES) throw new InvariantError(`no rest after ${passes} passes`);
    return { taken, ends: 'interrupted' };
  }

  async #pass(target: PlanTarget): Promise<Look> {
    let seen: Look | undefined;
    const result = await reconcileOnce({
      ports: this.#ports,
      target,
      expired: false,
      pollMs: 60_000,
      healthRetryMs: 1_000,
      signal: new AbortController().signal,
      onLook: look => {
        seen = look;
      },
      onNews: () => undefined,
    });
    if (result.kind === 'rebooting') this.hardware.start();
    if (seen === undefined || result.kind === 'retry' || result.kind === 'terminal') {
      throw new InvariantError(`a pass went wrong: ${'error' in result ? result.error.message : 'nothing was seen'}`);
    }
    return seen;
  }

  #await({ reason, untilMs }: Extract<Step, { kind: 'wait' }>, { policy }: PlanTarget): void {
    const { facts } = this.hardware;
    if (untilMs !== undefined) this.nowMs = untilMs;
    else if (reason === 'download-network')
      facts.facts = { ...facts.facts, ...onNetwork(policy.download.networks, facts.facts) };
    else facts.facts = openFacts(policy.gates, facts.facts);
  }

  #portsOf(): Ports {
    const { efi, boot, artifacts, esp, records, facts } = this.hardware;
    const { hardware } = this;
    return {
      efiVariables: efi,
      firmwareTable: { rows: async () => [hardware.esrt].filter(row => row !== undefined) },
      artifacts,
      ostree: boot,
      loaderEntries: boot,
      bootAssessment: boot,
      facts,
      services: { reboot: async () => undefined },
      health: {
        run: async ({ name }) => {
          const healthy = hardware.osBehaviour(hardware.runningOs) === 'healthy';
          return { name, healthy, detail: healthy ? 'active' : 'failed' };
        },
      },
      records,
      timer: {
        now: () => this.nowMs,
        monotonic: () => this.nowMs,
        // Health that fails is asked again until its deadline.
        sleep: async ms => {
          this.nowMs = millis(this.nowMs + ms);
        },
        roll: () => 0.5,
      },
      log: { write: () => undefined },
      espAt: () => esp,
    };
  }
}

/** A wait that goes on is the same wait. */
function note(taken: TakenStep[], step: Step, atMs: Millis): void {
  const last = taken.at(-1)?.step;
  if (step.kind === 'wait' && last?.kind === 'wait' && last.reason === step.reason) return;
  taken.push({ step, atMs });
}
