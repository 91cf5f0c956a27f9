// The ten promises as invariants: looked at after every effect on a board, every record of the controller and every
// report, against what the simulation knows to be true.

import { openPlan } from '@seatrial/capsule-plan';
import type { Changes } from '@seatrial/controller/parts';
import { type DeviceId, millis, type Sha256, type SigningRole } from '@seatrial/spec';
import type { BoardWatch, SimBoard } from './board.ts';
import type { Started } from './start.ts';
import type { SimRelease } from './world.ts';

export interface Violation {
  readonly promise: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;
  readonly atMs: number;
  readonly message: string;
}

/** With these an engineer goes on from the failures so far. */
const ORDERS_ON: ReadonlySet<string> = new Set(['rollout-resumed', 'stage-promoted', 'rollout-retried']);

/** What a board truly was when it sent a report. */
interface Truth {
  readonly firmware: number;
  readonly os: string;
  readonly isBlessed: boolean;
  readonly isOnTrial: boolean;
  readonly isProven: boolean;
}

/** What tells one report from all others. */
interface ReportName {
  readonly sequence: number;
  readonly bootId: string;
}

/** What the fleet's files ask for, as far as promises are about it. */
export interface Rules {
  /** So many boards of a fleet may fail. */
  failuresAllowed(fleet: string): number;
  /** Why this board may not reboot now, by the true time and the true facts. */
  rebootComplaint(board: SimBoard): string | undefined;
  /** Why this stage may not be entered yet, by the approvals that were ever given. */
  stageComplaint?(stage: number, release: string): string | undefined;
  release(name: string): Pick<SimRelease, 'name' | 'firmware' | 'os'> | undefined;
}

export interface PromisesOptions {
  readonly nowMs: () => number;
  readonly role: SigningRole;
  readonly rules: Rules;
  /** Takes what is only put into words when somebody listens. */
  readonly log: (line: () => string) => void;
}

export class Promises implements BoardWatch {
  readonly violations: Violation[] = [];
  /** By the number of the report and the boot that it is of: two boards may have one name. */
  readonly #truths = new Map<string, Truth>();
  /** Every piece of hardware that has reported under a name. */
  readonly #speakers = new Map<DeviceId, Set<SimBoard>>();
  /** Plans that no controller has sent to this board, behind its id. */
  readonly forged = new Set<string>();
  /** The newest plan that a piece of hardware has followed under a name. */
  readonly #generations = new Map<string, number>();
  readonly #releaseOf = new Map<string, string>();
  readonly #releases = new Map<Sha256, ReturnType<Rules['release']>>();
  readonly #moved = new Map<string, Set<DeviceId>>();
  /** Failed tries, as `device/attempt`, by rollout. */
  readonly #failed = new Map<string, Set<string>>();
  /** Those that an engineer has seen and gone on from. */
  readonly #accepted = new Map<string, Set<string>>();
  readonly #payloadOf = new Map<string, Sha256>();
  /** How often each board was set in motion. */
  readonly attempts = new Map<DeviceId, number>();
  /** Decisions that were stored, and are to be on the audit branch in the end. */
  readonly decisions = new Map<string, string>();
  readonly #options: PromisesOptions;

  constructor(options: PromisesOptions) {
    this.#options = options;
  }

  broken(promise: Violation['promise'], message: string): void {
    this.violations.push({ promise, atMs: this.#options.nowMs(), message });
  }

  /* ---- Boards ---- */

  /** 1: whatever reached the hardware, from here the board comes up, and has a blessed way back. 2: the floor. */
  effect(board: SimBoard, name: string): void {
    this.#options.log(() => `${board.device} ${name}`);
    const { hardware } = board;
    if (!hardware.hasBlessedWayBack()) this.broken(1, `${board.device} has no blessed deployment that runs, ${name}`);
    if (hardware.wouldStartStill() === undefined) this.broken(1, `${board.device} would not come up again, ${name}`);
    this.#floor(board);
  }

  started(board: SimBoard, { os, log, starts }: Started): void {
    this.#options.log(
      () => `${board.device} starts ${os ?? 'nothing'} after ${starts}: ${log.map(({ kind }) => kind).join(', ')}`,
    );
    if (os === undefined) this.broken(1, `${board.device} does not come up`);
    if (log.some(event => event.kind === 'capsule-refused' && event.detail === 'below the floor')) {
      this.broken(2, `${board.device} was given a capsule below its floor`);
    }
    this.#floor(board);
  }

  #floor({ device, hardware: { flash } }: SimBoard): void {
    if (flash.running < flash.lowestSupported) this.broken(2, `${device} runs firmware below its floor`);
  }

  /** 3: by the true time and the true facts of the fleet's own file. */
  rebootAsked(board: SimBoard): void {
    this.#options.log(() => `${board.device} asks for a reboot`);
    const complaint = this.#options.rules.rebootComplaint(board);
    if (complaint !== undefined) this.broken(3, `${board.device} reboots ${complaint}`);
  }

  /** 4: what is kept is followed. */
  planKept(board: SimBoard, text: string): void {
    const { message, generation } = JSON.parse(text) as { message: string; generation: number }; // the agent's own record
    const key = `${board.hardware.number} ${board.device}`;
    // A disk that lies may have lost the newest number: then an older one is no wrong of the agent's.
    const before = board.hardware.records.hasLied ? 0 : (this.#generations.get(key) ?? 0);
    this.#generations.set(key, generation);
    this.#options.log(() => `${board.device} follows plan ${generation}`);
    if (this.forged.has(`${board.device} ${message}`)) this.broken(4, `${board.device} follows a plan that was forged`);
    if (generation < before) this.broken(4, `${board.device} follows generation ${generation} after ${before}`);
    const nowMs = millis(Math.max(0, board.nowMs()));
    const opened = openPlan(Buffer.from(message), { device: board.device, controller: this.#options.role, nowMs });
    if (!opened.ok) this.broken(4, `${board.device} follows a plan that is ${opened.error}`);
  }

  log(board: SimBoard, line: string): void {
    this.#options.log(() => `${board.device} ${line}`);
    if (line.includes('the agent ended') || line.includes('defect:')) this.broken(5, `${board.device} ${line}`);
  }

  fetched(): void {}

  reportSent(board: SimBoard, sequence: number): void {
    this.#truths.set(`${board.hardware.bootId} ${sequence}`, truthOf(board));
    const others = this.#speakers.get(board.device);
    if (others === undefined) this.#speakers.set(board.device, new Set([board]));
    else others.add(board);
  }

  /* ---- Controller ---- */

  /** 7: a board that counts as up to date was so when it said what it said. */
  judged(device: DeviceId, payloadHash: Sha256, { sequence, bootId }: ReportName): void {
    const release = this.#releases.get(payloadHash);
    const truth = this.#truths.get(`${bootId} ${sequence}`);
    if (release === undefined || truth === undefined) return;
    const complaints = complaintsAbout(truth, release);
    if (complaints.length > 0)
      this.broken(7, `${device} counts as up to date for ${release.name} with ${complaints.join(', ')}`);
  }

  /** 8: nobody is set in motion once more boards have failed than may. */
  stored(changes: Changes): void {
    for (const rollout of changes.rollouts ?? []) {
      this.#payloadOf.set(rollout.id, rollout.payloadHash);
      this.#releaseOf.set(rollout.id, rollout.release);
      this.#learn(rollout.payloadHash, rollout.release);
    }
    for (const { payloadHash, release } of changes.plans ?? []) this.#learn(payloadHash, release);
    for (const recorded of changes.decisions ?? []) {
      const { decision, atMs } = recorded;
      this.decisions.set(JSON.stringify([atMs, decision]), recorded.id);
      this.#options.log(() => `decided ${decision.kind} ${JSON.stringify(decision)}`);
      if ('rollout' in decision && ORDERS_ON.has(decision.kind)) this.#accept(decision.rollout);
      if (decision.kind !== 'stage-entered') continue;
      const release = this.#releaseOf.get(decision.rollout) ?? '';
      const complaint = this.#options.rules.stageComplaint?.(decision.stage, release);
      if (complaint !== undefined) this.broken(3, `${decision.rollout} enters ${complaint}`);
    }
    for (const plan of changes.plans ?? []) {
      this.#options.log(
        () => `plan ${plan.generation} for ${plan.device}: ${plan.release} try ${plan.attempt} ${plan.movedIn ?? ''}`,
      );
      if (plan.movedIn === undefined || this.#isThere(plan.device, plan.payloadHash)) continue;
      const moved = this.#moved.get(plan.movedIn) ?? new Set();
      this.#moved.set(plan.movedIn, moved);
      const failed = this.#failed.get(plan.movedIn)?.size ?? 0;
      const allowed = this.#options.rules.failuresAllowed(plan.fleet);
      if (!moved.has(plan.device) && failed > allowed) {
        this.broken(8, `${plan.device} is set in motion by ${plan.movedIn} after ${failed} failed, ${allowed} may`);
      }
      if (!moved.has(plan.device)) this.attempts.set(plan.device, (this.attempts.get(plan.device) ?? 0) + 1);
      moved.add(plan.device);
    }
    for (const { device, judgement } of changes.judgements ?? []) {
      this.#options.log(() => `judged ${device} ${judgement.kind} ${judgement.reason}`);
      if (judgement.kind !== 'failed') continue;
      for (const [rollout, moved] of this.#moved) {
        if (!moved.has(device) || this.#payloadOf.get(rollout) !== judgement.payloadHash) continue;
        const failure = `${device}/${judgement.attempt}`;
        if (this.#accepted.get(rollout)?.has(failure)) continue;
        this.#failed.set(rollout, new Set([...(this.#failed.get(rollout) ?? []), failure]));
      }
    }
  }

  /** A board that already is what it is told to be is not set in motion, whatever a controller without memory takes it for. */
  #isThere(device: DeviceId, payloadHash: Sha256): boolean {
    const release = this.#releases.get(payloadHash);
    // Those that have the name now: another may have had it before.
    const speakers = [...(this.#speakers.get(device) ?? [])].filter(board => board.device === device);
    if (release === undefined || speakers.length === 0) return false;
    return speakers.every(board => complaintsAbout(truthOf(board), release).length === 0);
  }

  #accept(rollout: string): void {
    this.#accepted.set(
      rollout,
      new Set([...(this.#accepted.get(rollout) ?? []), ...(this.#failed.get(rollout) ?? [])]),
    );
    this.#failed.delete(rollout);
  }

  #learn(payloadHash: Sha256, release: string): void {
    this.#releases.set(payloadHash, this.#options.rules.release(release));
  }
}

const truthOf = ({ hardware }: SimBoard): Truth => ({
  firmware: hardware.flash.running,
  os: hardware.runningOs,
  isBlessed: hardware.bootedEntry?.triesLeft === undefined,
  isOnTrial: hardware.isOnTrial,
  isProven: hardware.proven.has(hardware.runningOs),
});

/** In what a board is not what a release wants. */
const complaintsAbout = (truth: Truth, release: NonNullable<ReturnType<Rules['release']>>): readonly string[] =>
  [
    release.firmware !== undefined && truth.firmware !== release.firmware && 'other firmware',
    release.os !== undefined && truth.os !== release.os && 'another OS',
    !truth.isBlessed && 'an entry that is not blessed',
    truth.isOnTrial && 'firmware on trial',
    !truth.isProven && 'an OS that was never healthy here',
  ].filter(complaint => complaint !== false);
