// What is told after a merge: the last word of every rollout stands in the end, whatever answers were lost, however often the
// controller died, and whatever was merged meanwhile.

import { encodeReport } from '@seatrial/capsule-plan';
import type { GitCommit, Millis } from '@seatrial/spec';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { specValidator } from '../../../src/adapters/spec-validator.ts';
import type { Desk } from '../../../src/app/desk.ts';
import { Checkouts } from '../../../src/app/forge/checkouts.ts';
import { ForgeMemory } from '../../../src/app/forge/memory.ts';
import { Origins } from '../../../src/app/forge/origins.ts';
import { Proposals } from '../../../src/app/forge/proposals.ts';
import { StatusTeller } from '../../../src/app/forge/status-loop.ts';
import { recover } from '../../../src/app/recover.ts';
import { assign } from '../../../src/domain/assign.ts';
import { emptyLedger } from '../../../src/domain/ledger.ts';
import { restand, takeReport } from '../../../src/domain/take-report.ts';
import { PortError } from '../../../src/errors.ts';
import { FIELD } from '../../support/fleet-simulation.ts';
import { MemoryForge } from '../../support/memory-forge.ts';
import { MemoryRepository, rememberingValidator } from '../../support/memory-repository.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { openDesk } from '../../support/open-desk.ts';
import { NOW_MS, need, type Runs, toldBoard } from '../../support/told-board.ts';
import { desiredOf, FACTORY, filesOf, type WrittenFleet } from '../../support/written-fleet.ts';

const VALIDATOR = rememberingValidator(specValidator());
const MINUTE_MS = 60_000;
const TELL_MS = MINUTE_MS;
const MARKER = '<!-- marker -->';
const RUNS: Readonly<Record<string, Runs>> = {
  'r-1': FACTORY,
  'r-2': { fw: '1.2', os: 'b' },
  'r-3': { fw: '1.3', os: 'c' },
};

/** A controller of four boards in the time of a test; forge, git and store outlive its restarts. */
class World {
  readonly forge = new MemoryForge();
  readonly repository = new MemoryRepository();
  store = new MemoryStore();
  nowMs = NOW_MS as Millis;
  desk: Desk | undefined;
  teller: StatusTeller | undefined;
  release = 'r-1';
  #inForce: { readonly fleet: WrittenFleet; readonly commit: GitCommit } | undefined;
  #sequence = 0;

  async start(): Promise<void> {
    const ledger = emptyLedger();
    await recover(ledger, this.store, { nowMs: this.nowMs, unreachableAfterMs: 1e9 });
    const desk = await openDesk(this.store, ledger, { now: () => this.nowMs });
    desk.mayDecide = true;
    this.desk = desk;
    if (this.#inForce !== undefined) await this.#putInForce(this.#inForce);
    const { forge } = this;
    const checkouts = new Checkouts(this.repository, VALIDATOR);
    this.teller = new StatusTeller({
      desk,
      forge,
      memory: new ForgeMemory(desk),
      origins: new Origins({ checkouts, forge, now: () => this.nowMs }),
      proposals: new Proposals(this.store),
      marker: MARKER,
      pace: { leastMs: TELL_MS, perMinute: 1, perHour: 250 },
    });
  }

  /** Through a pull request. */
  async merge(release: string): Promise<void> {
    this.release = release;
    const fleet: WrittenFleet = {
      release,
      stages: ['{ limit: 50%, soak: 10m }', '{ limit: 100% }'],
      failureBudget: '4',
    };
    const commit = this.repository.commit(filesOf(fleet));
    this.forge.merge(this.forge.open().number, commit);
    this.#inForce = { fleet, commit };
    await this.#putInForce(this.#inForce);
  }

  #putInForce = ({ fleet, commit }: { readonly fleet: WrittenFleet; readonly commit: GitCommit }) =>
    need(this.desk).decide(draft => {
      const { ledger } = need(this.desk);
      const { touched } = assign(ledger, desiredOf(fleet), {
        gitCommit: commit,
        requireSignatures: false,
        unheardUntilMs: (this.nowMs + 1e9) as Millis,
      });
      for (const row of touched) restand(ledger, row, this.nowMs);
      draft.meta = { ...draft.meta, goodCommit: commit };
      draft.lookAfter(FIELD, 'all');
    });

  /** A board says that it has come to what is wanted. */
  async report(device: string): Promise<void> {
    this.#sequence += 1;
    const { ledger } = need(this.desk);
    const payloadHash = need(ledger.fleets.get(FIELD)).release.payloadHash;
    const runs = need(RUNS[this.release]);
    const report = toldBoard({
      device,
      sequence: this.#sequence,
      runs,
      plan: { generation: 99, payloadHash },
      earned: payloadHash,
    });
    await need(this.desk).decide(draft => {
      const judgement = takeReport(ledger, report, { nowMs: this.nowMs, isLive: true })?.judgement;
      if (judgement !== undefined) draft.judgements.push({ device: report.device, judgement });
      draft.reports.push({
        device: report.device,
        sequence: this.#sequence,
        receivedAtMs: this.nowMs,
        body: encodeReport(report),
      });
      draft.lookAfter(FIELD, 'all');
    });
  }

  async pass(ms: number): Promise<void> {
    this.nowMs = (this.nowMs + ms) as Millis;
    await need(this.desk).decide(draft => draft.lookAfter(FIELD, 'all'));
  }

  /** The database is gone; the rollouts come back from the audit branch. */
  async loseStore(): Promise<void> {
    const rollouts = await this.store.rollouts(20);
    this.store = new MemoryStore();
    await this.store.commit({ rollouts, meta: { decisions: 1_000 } });
    await this.start();
  }

  look = () => need(this.teller).look();

  /** Looks in peace until there is nothing more to say. */
  async settle(): Promise<void> {
    for (let looks = 0; looks < 70; looks += 1) {
      this.forge.fail(0, 'is lost');
      await this.look();
      await this.pass(MINUTE_MS);
    }
  }
}

type Move =
  | { readonly kind: 'merge'; readonly release: string }
  | { readonly kind: 'report'; readonly device: string }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'look'; readonly fault?: readonly [number, 'is lost' | 'is done unheard'] }
  | { readonly kind: 'restart' | 'lose the database' };

const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constant('merge' as const), release: fc.constantFrom('r-1', 'r-2', 'r-3') }),
  fc.record({ kind: fc.constant('report' as const), device: fc.constantFrom('hub-1', 'hub-2', 'hub-3', 'hub-4') }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 20 * MINUTE_MS }) }),
  fc.record({
    kind: fc.constant('look' as const),
    fault: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom('is lost' as const, 'is done unheard' as const)),
  }),
  fc.constant<Move>({ kind: 'look' }),
  fc.constantFrom<Move>({ kind: 'restart' }, { kind: 'lose the database' }),
);

async function make(world: World, one: Move): Promise<void> {
  switch (one.kind) {
    case 'merge':
      return world.merge(one.release);
    case 'report':
      return world.report(one.device);
    case 'pass':
      return world.pass(one.ms);
    case 'look':
      if (one.fault !== undefined) world.forge.fail(...one.fault);
      await world.look().catch(() => {});
      return;
    case 'restart':
      return world.start();
    case 'lose the database':
      return world.loseStore();
  }
}

async function started(): Promise<World> {
  const world = new World();
  await world.start();
  await world.merge('r-1');
  return world;
}

/** The status of the end was told, its comment was not, and another release came. */
const COMMENT_LOST: [Move[]][] = [1, 2, 3, 4, 5].map(call => [
  [
    { kind: 'look' },
    { kind: 'merge', release: 'r-2' },
    { kind: 'look', fault: [call, 'is lost'] },
    { kind: 'merge', release: 'r-3' },
    { kind: 'look', fault: [call, 'is lost'] },
    { kind: 'restart' },
  ],
]);

describe('when boards move, releases are merged, answers are lost and the controller dies, in any order', () => {
  test('then in the end every rollout has its last word in its status and in the comment of its pull request', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 25 }), async moves => {
        const world = await started();
        for (const one of moves) await make(world, one);
        await world.settle();
        const { rollouts, history } = need(world.desk).ledger;
        for (const { id, outcome, gitCommit } of [...(history.get(FIELD) ?? []), need(rollouts.get(FIELD))]) {
          const last = world.forge.statuses.findLast(({ commit }) => commit === gitCommit);
          const comment = world.forge.comments.get(need(world.forge.cameAs.get(gitCommit)))?.body ?? '';
          const word = outcome ?? 'pending';
          const states = { completed: 'success', superseded: 'error', cancelled: 'error', pending: 'pending' } as const;
          expect({ id, state: last?.state }).toEqual({ id, state: states[word] });
          expect(comment).toContain(outcome ?? 'under way');
        }
      }),
      { numRuns: 60, examples: COMMENT_LOST },
    );
  });

  test('then a controller that is started anew tells nothing again', async () => {
    const kinds: fc.Arbitrary<Move> = move.filter(({ kind }) => kind !== 'lose the database');
    await fc.assert(
      fc.asyncProperty(fc.array(kinds, { maxLength: 25 }), async moves => {
        const world = await started();
        for (const one of moves) await make(world, one);
        await world.settle();
        const quiet = { calls: writes(world), statuses: world.forge.statuses.length };
        await world.start();
        await world.settle();
        expect({ calls: writes(world), statuses: world.forge.statuses.length }).toEqual(quiet);
      }),
      { numRuns: 30 },
    );
  });
});

const writes = ({ forge }: World): number => forge.puts;

describe('when a rollout is done and boards come late', () => {
  test('then they still count in its status', async () => {
    const world = await started();
    for (const device of ['hub-1', 'hub-2', 'hub-3', 'hub-4']) await world.report(device);
    await world.merge('r-2');
    await world.settle();
    expect(world.forge.statuses.at(-1)).toMatchObject({ state: 'pending', context: 'seatrial/field' });
    for (const device of ['hub-1', 'hub-2', 'hub-3', 'hub-4']) {
      await world.report(device);
      await world.pass(11 * MINUTE_MS);
    }
    await world.settle();
    expect(world.forge.statuses.at(-1)).toMatchObject({ state: 'success' });
    expect(world.forge.statuses.at(-1)?.description).toContain('4/4 up to date');
  });
});

describe('when what is to be told of is gone', () => {
  test('then the others are told all the same', async () => {
    const world = await started();
    const { forge } = world;
    forge.putComment = () => Promise.reject(new PortError('forge-missing', '#1'));
    await world.look();
    expect(forge.statuses).toHaveLength(1);
    await expect(world.look()).resolves.toMatchObject({ kind: 'again' });
  });
});
