// Lives a rollout through before it is merged: the fleets' boards, controller and agents in virtual time, from the merge to
// the rest after it.

import { openFacts } from '@seatrial/capsule-plan';
import {
  type DesiredState,
  type DeviceId,
  type DeviceTarget,
  parseName,
  type ResolvedRelease,
  sha256Hex,
} from '@seatrial/spec';
import type { BoardBirth, Downloads } from '../board.ts';
import { Chance } from '../chance.ts';
import { SimGit } from '../git.ts';
import { Scene } from '../scene.ts';
import { need } from '../world.ts';
import { makeAsObserved } from './as-observed.ts';
import { HEALTHY, natureOf } from './failures.ts';
import { type Span, troublesOf, troublesOfServers } from './faults.ts';
import { Logbook } from './logbook.ts';
import { Makes, releaseBefore } from './makes.ts';
import { type Rehearsal, rehearsalOf } from './outcome.ts';
import { rulesOf } from './rules.ts';
import { Timeline } from './timeline.ts';
import type { RehearsalWish } from './wish.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The controller's own look at the clock costs as much as there are boards. */
const SMALL_FLEET = 5_000;
/** Boards come up and report before anything is merged. */
const MERGE_MS = 30 * MINUTE;
const LOOK_MS = 10 * MINUTE;
/** When nothing has changed for so long, nothing will. */
const PATIENCE_MS = 3 * DAY;

/** The same wish is lived through in the same way. Throws nothing that a user could cause. */
export async function rehearse(wish: RehearsalWish): Promise<Rehearsal> {
  const course = new Course(wish);
  const giveBack = course.scene.time.install(new Chance(wish.seed + 77));
  const { stackTraceLimit } = Error;
  // Every alarm that is put off is an AbortError; its stack would cost more than the alarm.
  Error.stackTraceLimit = 0;
  try {
    return await course.run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    giveBack();
  }
}

class Course {
  readonly scene: Scene<SimGit<DesiredState>>;
  readonly #wish: RehearsalWish;
  readonly #desired: DesiredState;
  readonly #logbook: Logbook;
  readonly #timeline: Timeline;
  readonly #startMs: number;
  /** Boards that nothing is to be heard of. */
  readonly #silent = new Set<number>();

  constructor(wish: RehearsalWish) {
    const desired = wish.approvals === 'given' ? withApprovals(wish.desired) : wish.desired;
    this.#wish = wish;
    this.#desired = desired;
    this.#startMs = wish.mergedAtMs - MERGE_MS;
    this.#logbook = new Logbook(desired, () => this.scene.time.now());
    this.scene = new Scene({
      seed: wish.seed,
      startMs: this.#startMs,
      git: new SimGit(withoutFleets(desired), {
        desiredOf: content => content,
        subjectOf: ({ fleets }) => (fleets.length === 0 ? 'Before the merge' : 'The merge'),
      }),
      boards: birthsOf(wish),
      rules: rulesOf(desired, zoneOf(wish)),
      downloads: downloadsOver(wish),
      watch: this.#logbook,
      tickMs: this.#tickMs(),
      intervals: { heartbeat: '24h', poll: isEventful(wish) ? '20m' : '6h' },
    });
    this.#timeline = new Timeline(this.scene, desired);
    this.scene.onStored = changes => {
      this.#logbook.stored(changes);
      this.#timeline.soon();
    };
    this.#setBoards();
  }

  #setBoards(): void {
    const { seen, gates, network } = this.#wish;
    for (const [index, { device, policy, board }] of this.#desired.targets.entries()) {
      const one = this.scene.board(index);
      const { facts } = one.hardware;
      const known = seen?.get(device);
      if (known !== undefined) makeAsObserved(one.hardware, known);
      else if (board.trial === 'unavailable') one.hardware.takeTrialAway();
      if (gates === 'open') facts.facts = { ...openFacts(policy.gates, facts.facts), network: network.class };
      if (seen === undefined || known !== undefined) continue;
      one.isDead = true;
      this.#silent.add(index);
    }
  }

  async run(): Promise<Rehearsal> {
    const { scene } = this;
    this.#arrangeTroubles();
    scene.start();
    await scene.runUntil(MERGE_MS);
    this.#logbook.isOpen = true;
    scene.git.push(this.#desired);
    scene.controller.office?.lookAtGit();
    this.#timeline.start();
    await this.#untilRest();
    return rehearsalOf({
      wish: { ...this.#wish, desired: this.#desired },
      scene,
      logbook: this.#logbook,
      timeline: this.#timeline,
    });
  }

  async #untilRest(): Promise<void> {
    const { longestMs, stop, onProgress } = this.#wish;
    for (let atMs = MERGE_MS + LOOK_MS; atMs <= MERGE_MS + longestMs; atMs += LOOK_MS) {
      const violation = await this.scene.runUntil(atMs);
      if (violation !== undefined || stop?.aborted === true || this.#isOver()) return;
      onProgress?.(Math.min(0.99, Math.max((atMs - MERGE_MS) / this.#likelyMs(), this.#timeline.arrivedShare())));
    }
  }

  /** Every rollout is done, or stands where only somebody outside can move it, and no board is under way. */
  #isOver(): boolean {
    const fleets = this.scene.controller.office?.fleets() ?? [];
    if (fleets.length < this.#desired.fleets.length) return false;
    const isQuiet = this.scene.time.now() - this.#logbook.lastChangeMs > PATIENCE_MS;
    return fleets.every(({ rollout, standings }) => {
      const { kind = 'done' } = rollout?.state ?? {};
      if (kind === 'advancing' || kind === 'soaking') return false;
      const { pending, updating, gated, overdue, queued, unreachable } = standings;
      const turnComes = kind === 'done' ? queued : 0;
      const lost = Math.max(0, unreachable - this.#silent.size);
      return isQuiet || pending + updating + gated + overdue + turnComes + lost === 0;
    });
  }

  #arrangeTroubles(): void {
    const { seed, faults } = this.#wish;
    const span: Span = { fromMs: MERGE_MS, untilMs: MERGE_MS + this.#likelyMs() };
    const { time } = this.scene;
    const troubles = this.#desired.targets.flatMap(({ device }, board) => {
      const chance = chanceOf(seed, `faults of ${device}`);
      if (chance.happens((faults.dead ?? 0) / 100)) this.#silence(board);
      return troublesOf(board, faults, chance, span);
    });
    for (const { atMs, what } of [...troubles, ...troublesOfServers(faults, chanceOf(seed, 'servers'), span)])
      time.after(atMs, () => this.scene.happenHere(what));
  }

  /** A board that dies before the merge, after it has reported for the last time. */
  #silence(index: number): void {
    if (this.#silent.has(index)) return;
    this.#silent.add(index);
    const board = this.scene.board(index);
    this.scene.time.after(MERGE_MS - 10 * MINUTE, () => {
      board.isDead = true;
      board.cutPower(0);
    });
  }

  /** Often enough for the soaks, and not so often that looking costs more than all the rest. */
  #tickMs(): number {
    if (this.#desired.targets.length > SMALL_FLEET) return 10 * MINUTE;
    return Math.min(MINUTE, Math.max(5_000, this.#likelyMs() / 2_000));
  }

  /** How long the rollout would take if everything went well: faults are spread over it. */
  #likelyMs(): number {
    const lengths = this.#desired.fleets.map(({ rollout: { stages }, policy: { windows } }) =>
      stages.reduce((sum, { soakMs }) => sum + soakMs + (windows.length > 0 ? DAY : 2 * HOUR), 0),
    );
    return Math.min(Math.max(...lengths, 2 * HOUR), this.#wish.longestMs);
  }
}

/** Something outside of the boards may change what they wait for; windows and downloads tell them when to look again. */
const isEventful = ({ faults, gates }: RehearsalWish): boolean =>
  gates === 'observed' || Object.values(faults).some(rate => rate > 0);

/** Boot ids are made of it: a snapshot that was itself simulated has others. */
const FIRST_NUMBER = 0x4000_0000;

/** One board for each target, in their order. */
function birthsOf(wish: RehearsalWish): readonly BoardBirth[] {
  const { desired, seen, failures } = wish;
  const makes = new Makes(desired);
  const ranks = ranksOf(wish);
  const sizes = new Map(
    desired.fleets.map(({ name }) => [name, desired.targets.filter(one => one.fleet === name && !one.pinned).length]),
  );
  return desired.targets.map((target, index) => {
    const { device, fleet, payload } = target;
    const make = makes.make(target.board, releaseOf(wish, target));
    const running = seen?.get(device)?.observed.os.deployments.map(({ commit }) => commit) ?? [make.factory.os];
    // What runs already is known to run.
    const isNew = payload.os === undefined || !running.includes(payload.os.commit);
    const place = { rank: ranks.get(device) ?? 0, boards: sizes.get(fleet) ?? 0 };
    return { device, number: FIRST_NUMBER + index, nature: isNew ? natureOf(target, failures, place) : HEALTHY, make };
  });
}

/** What a board runs before the merge, where nothing was seen of it. */
const releaseOf = ({ desired, from }: RehearsalWish, target: DeviceTarget): ResolvedRelease | undefined =>
  desired.releases.find(({ name }) => name === (target.pinned ? target.release : from)) ??
  releaseBefore(desired, target);

/** The boards of each fleet in an order that chance has made, pinned boards last: the first ones are those that fail. */
function ranksOf({ desired, seed }: RehearsalWish): ReadonlyMap<DeviceId, number> {
  const drawn = desired.targets.map(({ device, fleet, pinned }) => ({
    device,
    fleet,
    place: chanceOf(seed, `nature of ${device}`).next() + (pinned ? 1 : 0),
  }));
  return new Map(
    desired.fleets.flatMap(({ name }) =>
      drawn
        .filter(({ fleet }) => fleet === name)
        .toSorted((a, b) => a.place - b.place)
        .map(({ device }, rank) => [device, rank] as const),
    ),
  );
}

/** A board's own zone; UTC where nothing was seen of it. */
const zoneOf =
  ({ seen }: RehearsalWish) =>
  (device: DeviceId): string =>
    seen?.get(device)?.observed.clock.timeZone ?? 'UTC';

const LATENCY_MS = 500;

/** As fast as the network or the fleet's own limit lets a board. */
function downloadsOver({ network, commitBytes }: RehearsalWish): Downloads {
  const timeOf = (sizeBytes: number, maxRate = Number.POSITIVE_INFINITY): number =>
    LATENCY_MS + Math.ceil((1000 * sizeBytes) / Math.min(network.bytesPerSecond, maxRate));
  return {
    capsuleMs: timeOf,
    commitMs: (_commit, maxRate) => timeOf(commitBytes, maxRate),
  };
}

/** The same for the same board, whatever other boards there are. */
const chanceOf = (seed: number, what: string): Chance =>
  new Chance(Number.parseInt(sha256Hex(`${seed} ${what}`).slice(0, 8), 16));

/** The repository as it is before the merge: boards report, and nobody wants anything of them. */
const withoutFleets = (desired: DesiredState): DesiredState => ({
  ...desired,
  contentHash: sha256Hex(`before ${desired.contentHash}`),
  fleets: [],
  targets: [],
  approvals: [],
  devices: desired.devices.map(({ fleet: _fleet, ...device }) => device),
});

/** Every approval that a stage asks for is given. */
const withApprovals = (desired: DesiredState): DesiredState => ({
  ...desired,
  approvals: desired.fleets.flatMap(({ name: fleet, release, rollout }) =>
    rollout.approvals.map(({ role, stage }) => ({
      name: need(parseName(`rehearsal-${stage}`)),
      ...{ fleet, release, role, stage },
      by: 'rehearsal',
      verified: true,
    })),
  ),
});
