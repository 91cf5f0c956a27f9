// The whole fleet of a seeded scenario: a scene, what people do in git and to the rollout, and what came of it.

import { topic } from '@seatrial/capsule-plan';
import { failuresAllowed } from '@seatrial/controller/parts';
import { parseDeviceId, parseName } from '@seatrial/spec';
import type { SimBoard } from './board.ts';
import { SimGit } from './git.ts';
import type { SceneHappening } from './happen.ts';
import type { Rules } from './promises.ts';
import type { Happening, Scenario } from './scenario.ts';
import { Scene, sequenceOf, type Tampered } from './scene.ts';
import { desiredOf, type FleetFile, need, RELEASES, type ReleaseName } from './world.ts';

/** Decisions that are broken on purpose. */
export interface Tampering extends Tampered {
  /** The fleet's file as the controller understands it. */
  readonly reading?: (fleet: FleetFile) => FleetFile;
}

export const START_MS = Date.UTC(2026, 10, 21, 12);
export const FIELD = need(parseName('field'));

export class Simulation extends Scene<SimGit<FleetFile>> {
  /** Every approval that was ever given, as release and stage. */
  readonly approvals: Set<string>;

  constructor({ seed, fleet, natures }: Scenario, tampering: Tampering = {}, intervals: { heartbeat?: string } = {}) {
    const { reading = file => file } = tampering;
    const approvals = new Set<string>();
    super({
      seed,
      startMs: START_MS,
      git: new SimGit(fleet, {
        desiredOf: file => desiredOf(reading(file)),
        subjectOf: ({ release }) => `Want ${release}`,
      }),
      boards: fleet.boards.map((id, index) => ({
        device: need(parseDeviceId(id)),
        number: index + 1,
        nature: { os: new Map(natures[index]?.os), firmware: new Map(natures[index]?.firmware) },
      })),
      rules: rulesOf(fleet, approvals),
      tampered: tampering,
      intervals,
    });
    this.approvals = approvals;
    for (const board of this.boards) board.hardware.facts.facts = { parked: true };
  }

  /* ---- What happens ---- */

  happen(what: Happening): void {
    this.story?.push(`${(this.time.elapsedMs() / 60_000).toFixed(1)} *** ${JSON.stringify(what)}`);
    if (isOfPeople(what))
      PEOPLE[what.kind](this, what as never); // the table's key and the happening's kind are one
    else this.happenHere(what);
  }

  /* ---- What came of it ---- */

  boardUpdates(): number {
    return this.boards.reduce((sum, { device }) => sum + (this.promises.attempts.get(device) ?? 0), 0);
  }

  /** What is not at rest, and why that is not right. */
  unrest(): readonly string[] {
    const { office } = this.controller;
    if (office === undefined) return ['no controller'];
    const rollouts = office
      .rollouts()
      .flatMap(({ id, state }) =>
        state.kind === 'advancing' || state.kind === 'soaking' ? [`${id} is ${state.kind}: ${state.message}`] : [],
      );
    if (this.git.current.isRemoved) return rollouts;
    const boards = office
      .devices({ limit: 10_000 })
      .devices.flatMap(({ device: id, standing }) =>
        ['updating', 'overdue', 'gated'].includes(standing) ? [`${id} is ${standing}`] : [],
      );
    return [...rollouts, ...boards];
  }

  /**
   * Boards of the fleet that have converged or given up, and say so themselves: one that counts as up to date may still hold
   * the plan of a release that was taken back, and in a fleet that is suspended it finishes what it has begun.
   */
  boardsAtRest(): ReadonlySet<string> {
    if (this.git.current.isRemoved) return new Set();
    const resting = new Set<string>(this.boards.filter(saysThatItRests).map(({ device }) => device));
    const devices = this.controller.office?.devices({ limit: 10_000 }).devices ?? [];
    return new Set(
      devices
        .filter(({ device, standing }) => (standing === 'upToDate' || standing === 'failed') && resting.has(device))
        .map(({ device }) => device),
    );
  }

  async checkRecords(): Promise<void> {
    const audited = new Set(
      this.audit.records.map(({ decision: { atMs, decision } }) => JSON.stringify([atMs, decision])),
    );
    for (const [decision, id] of this.promises.decisions) {
      if (!audited.has(decision)) this.promises.broken(10, `decision ${id} is not on the audit branch: ${decision}`);
    }
    for (const { device } of this.boards) {
      const retained = this.broker.retained.get(topic(device, 'report'));
      const [stored] = await this.controller.store.reports([device]);
      if (retained !== undefined && (stored?.sequence ?? -1) < sequenceOf(retained)) {
        this.promises.broken(10, `report ${sequenceOf(retained)} of ${device} is not stored, but ${stored?.sequence}`);
      }
    }
  }
}

const RESTING: ReadonlySet<string> = new Set(['converged', 'failed', 'idle']);

function saysThatItRests({ hardware }: SimBoard): boolean {
  const { phase } = JSON.parse(hardware.records.stored.get('lifecycle') ?? '{}') as { phase?: string }; // the agent's own record
  return phase === undefined || RESTING.has(phase);
}

type OfPeople = Exclude<Happening, SceneHappening>;

const PEOPLE: {
  readonly [K in OfPeople['kind']]: (simulation: Simulation, what: Extract<OfPeople, { kind: K }>) => void;
} = {
  push: ({ git }, { release, suspend = false }) => git.push({ ...git.current, release, suspend, isRemoved: false }),
  revert: ({ git }) => git.revert(),
  'force-push': ({ git }, { release }) => git.forcePush({ ...git.current, release, isRemoved: false }),
  'remove-fleet': ({ git }) => git.push({ ...git.current, isRemoved: true }),
  edit: ({ git }, { stages, deviceTimeout }) => git.push({ ...git.current, stages, deviceTimeout }),
  approve: ({ git, approvals }) => {
    const { release, stages, approved } = git.current;
    if (approved === undefined) return;
    const given = { release, stage: stages.length };
    if (approved.some(one => one.release === release && one.stage === given.stage)) return;
    approvals.add(`${release} ${given.stage}`);
    git.push({ ...git.current, approved: [...approved, given] });
  },
  order: ({ controller }, { order }) => {
    void controller.office?.order(order, FIELD, { by: 'ada', reason: 'said so' });
  },
};

const isOfPeople = (what: Happening): what is OfPeople => Object.hasOwn(PEOPLE, what.kind);

/** Read from the fleet's file without the product's own eyes: the hour, the fact and the budget as they stand there. */
function rulesOf(
  { failureBudget, boards, parked, windowHours, approved, stages }: FleetFile,
  approvals: ReadonlySet<string>,
): Rules {
  const budget = failureBudget.endsWith('%')
    ? { percent: Number.parseInt(failureBudget, 10) }
    : { count: Number(failureBudget) };
  return {
    failuresAllowed: () => failuresAllowed(budget, boards.length),
    rebootComplaint: board => {
      if (parked && board.hardware.facts.facts.parked !== true) return 'although it is not parked';
      const hour = new Date(board.nowMs()).getUTCHours();
      const isOpen = windowHours === 0 || (hour + 2) % 24 < windowHours;
      return isOpen ? undefined : `outside of its window, at ${hour} h`;
    },
    release: name => RELEASES[name as ReleaseName], // the simulation writes no other
    stageComplaint: (stage, release) =>
      approved !== undefined && stage === stages.length && !approvals.has(`${release} ${stage}`)
        ? `stage ${stage} of ${release} without the approval that it needs`
        : undefined,
  };
}
