// A fleet whose rollouts are as a test says, and the loop that takes them back; git, forge and store outlive every restart.

import { type GitCommit, millis } from '@seatrial/spec';
import { specValidator } from '../../src/adapters/spec-validator.ts';
import type { Desk } from '../../src/app/desk.ts';
import { Checkouts } from '../../src/app/forge/checkouts.ts';
import { ForgeMemory } from '../../src/app/forge/memory.ts';
import { OwnBranches } from '../../src/app/forge/own-branches.ts';
import { Proposals } from '../../src/app/forge/proposals.ts';
import { Restorer } from '../../src/app/forge/restorer.ts';
import { WayBack } from '../../src/app/forge/revert-loop.ts';
import type { Decision } from '../../src/domain/decision.ts';
import { emptyLedger } from '../../src/domain/ledger.ts';
import type { Rollout } from '../../src/domain/rollout.ts';
import { startRollout } from '../../src/domain/rollout-orders.ts';
import { FIELD } from './fleet-simulation.ts';
import { MemoryForge } from './memory-forge.ts';
import { headTaker, MemoryRepository, rememberingValidator, simpleMerge } from './memory-repository.ts';
import { MemoryStore } from './memory-store.ts';
import { openDesk } from './open-desk.ts';
import { deviceId, NOW_MS, need } from './told-board.ts';
import { desiredOf, filesOf, type WrittenFleet } from './written-fleet.ts';

const VALIDATOR = rememberingValidator(specValidator());

export class House {
  readonly forge = new MemoryForge();
  readonly repository = new MemoryRepository();
  readonly rollouts: Rollout[] = [];
  store = new MemoryStore();
  desk: Desk | undefined;
  wayBack: WayBack | undefined;

  commit(fleet: WrittenFleet, changes: ReadonlyMap<string, string> = new Map()): GitCommit {
    return this.repository.commit(new Map([...filesOf(fleet), ...changes]));
  }

  /** The rollout that a commit begins, in the state given. */
  begin(fleet: WrittenFleet, commit: GitCommit, changes: Partial<Rollout> = {}): Rollout {
    const [wanted] = desiredOf(fleet).fleets;
    const release = need(desiredOf(fleet).releases.find(({ name }) => name === wanted?.release));
    const { rollout } = startRollout({
      fleet: FIELD,
      release: release.name,
      payloadHash: release.payloadHash,
      gitCommit: commit,
      nowMs: millis(NOW_MS),
      boards: 4,
      before: this.rollouts,
    });
    this.rollouts.push({ ...rollout, ...changes });
    return need(this.rollouts.at(-1));
  }

  async start(): Promise<void> {
    const ledger = emptyLedger();
    const current = this.rollouts.at(-1);
    if (current !== undefined) ledger.rollouts.set(FIELD, current);
    ledger.history.set(FIELD, this.rollouts.slice(0, -1));
    const desk = await openDesk(this.store, ledger);
    desk.mayDecide = true;
    this.desk = desk;
    const memory = new ForgeMemory(desk);
    const { forge, repository } = this;
    const takeHead = headTaker(forge, repository);
    this.wayBack = new WayBack({
      desk,
      forge,
      memory,
      branches: new OwnBranches({ forge, memory, repository, takeHead }),
      restorer: new Restorer(new Checkouts(this.repository, VALIDATOR), simpleMerge),
      proposals: new Proposals(this.store),
      fromRoot: files => new Map([...files].map(([path, bytes]) => [`fleets/${path}`, bytes])),
      pollMs: 1_000,
    });
  }

  decide(...decisions: readonly Decision[]): Promise<void> {
    return need(this.desk).decide(draft => {
      for (const decision of decisions) draft.decide(decision);
    });
  }

  look = async () => {
    await need(this.desk).note({ meta: { goodCommit: await this.repository.fetch() } });
    return need(this.wayBack).look();
  };
  decisions = async (kind: Decision['kind']) => (await this.store.decisions(kind, 99)).map(({ decision }) => decision);

  /** The database is gone; the audit branch gives the decisions back, and nothing else. */
  async loseStore(): Promise<void> {
    const kinds = [
      'revert-wanted',
      'revert-proposed',
      'revert-impossible',
      'revert-withdrawn',
      'board-failed',
    ] as const;
    const kept = (await Promise.all(kinds.map(kind => this.store.decisions(kind, 99)))).flat();
    this.store = new MemoryStore();
    await this.store.commit({ decisions: kept, meta: { decisions: 1_000 } });
    await this.start();
  }
}

/** Boards have spent the budget. */
export const failure = { reason: 'failure-budget', message: '2 boards failed, 1 may', atMs: millis(NOW_MS) } as const;
export const wanted = (rollout: Rollout): Decision => ({
  kind: 'revert-wanted',
  fleet: FIELD,
  rollout: rollout.id,
  gitCommit: rollout.gitCommit,
  message: failure.message,
});

/** r-1 went well, r-2 was stopped by its boards. */
export async function stopped(): Promise<{ readonly house: House; readonly rollout: Rollout }> {
  const house = new House();
  house.begin({ release: 'r-1' }, house.commit({ release: 'r-1' }), { outcome: 'completed', stage: 2 });
  const rollout = house.begin({ release: 'r-2' }, house.commit({ release: 'r-2' }), { stage: 1, pause: failure });
  await house.start();
  await house.decide(wanted(rollout), {
    kind: 'board-failed',
    fleet: FIELD,
    rollout: rollout.id,
    device: deviceId('hub-1'),
    attempt: 1,
    reason: 'os-unhealthy',
    message: 'check api: refused',
  });
  return { house, rollout };
}
