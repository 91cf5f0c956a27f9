import { sha256Hex } from '@seatrial/spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bootedDeployment,
  EMPTY_JOURNAL,
  expectedOf,
  inferStep,
  isReached,
  learn,
  type Observed,
  type PlanTarget,
  preconditionOf,
  preview,
} from '../../src/index.ts';
import type { FirmwareEvent, OsEvent } from '../../src/plan/outcome-matrix.ts';
import {
  board,
  deployment,
  FIRMWARE_HALF,
  fw,
  NEW_OS,
  need,
  OLD_OS,
  OS_HALF,
  observed,
  policy,
  target,
} from '../support/builders.ts';
import { type Cut, World } from '../support/world.ts';

const FIRMWARE_EVENTS: readonly FirmwareEvent[] = [
  'applied',
  'applied-without-trial',
  'applied-for-good',
  'refused',
  'metadata-unreadable',
  'ignored',
  'never-boots',
  'exhausted',
];
const OS_EVENTS: readonly OsEvent[] = ['healthy', 'unhealthy', 'panics'];
const CUTS: readonly Cut[] = ['before-remember', 'after-remember', 'after-act'];

const versions = fc.integer({ min: 0, max: 4 }).map(b => fw(`0.0.1.${b}`));

const boards: fc.Arbitrary<Observed> = fc
  .record({ version: versions, floor: versions, counts: fc.boolean(), osCounted: fc.boolean(), bit: fc.boolean() })
  .map(({ version, floor, counts, bit }) =>
    observed({
      firmware: {
        ...observed().firmware,
        osIndications: bit ? 5n : 1n,
        esrt: {
          ...need(observed().firmware.esrt),
          fwVersion: version,
          lowestSupportedFwVersion: fw(`0.0.1.${Math.min(Number(version & 0xffff), Number(floor & 0xffff))}`),
        },
      },
      os: { ...observed().os, ostreeCountsBoots: counts, deployments: [deployment()] },
    }),
  );

const plans: fc.Arbitrary<PlanTarget> = fc
  .record({
    version: fc.option(versions),
    commit: fc.option(fc.constantFrom(OLD_OS, NEW_OS)),
    transaction: fc.constantFrom('coupled' as const, 'firmwareFirst' as const),
    versionFloor: versions,
    parked: fc.boolean(),
  })
  .map(({ version, commit, transaction, versionFloor, parked }) => {
    const payload = {
      transaction,
      ...(version === null ? {} : { firmware: { ...FIRMWARE_HALF, version } }),
      ...(commit === null ? {} : { os: { ...OS_HALF, commit } }),
    };
    return target({
      payload,
      payloadHash: sha256Hex(JSON.stringify(payload)),
      board: board({ versionFloor }),
      policy: policy({ gates: { ...policy().gates, parked } }),
    });
  });

const behaviours = fc.record({ firmware: fc.constantFrom(...FIRMWARE_EVENTS), os: fc.constantFrom(...OS_EVENTS) });

describe('whatever the board and the plan', () => {
  it('when a plan is previewed, then it ends, and every expected state reaches its step', () => {
    fc.assert(
      fc.property(boards, plans, (seen, plan) => {
        const { steps, ends } = preview(seen, plan, EMPTY_JOURNAL);
        expect(['converged', 'blocked']).toContain(ends);
        expect(steps.length).toBeLessThan(30);
      }),
      { numRuns: 1000 },
    );
  });

  it('when a step is inferred, then its precondition holds and its expected state has reached it', () => {
    fc.assert(
      fc.property(boards, plans, behaviours, fc.nat(20), (seen, plan, behaviour, passes) => {
        const world = new World(seen, behaviour);
        for (let pass = 0; pass < passes; pass += 1) world.pass(plan);
        const inference = inferStep(world.observed, plan, learn(world.observed, plan, world.journal));
        if (inference.kind !== 'step') return;
        expect(preconditionOf(inference.step, world.observed)).toBeUndefined();
        expect(isReached(inference.step, expectedOf(inference.step, world.observed))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('when power fails again and again, then the board rests, and its firmware is never asked below a floor', () => {
    fc.assert(
      fc.property(
        boards,
        plans,
        behaviours,
        fc.array(fc.record({ at: fc.nat(25), cut: fc.constantFrom(...CUTS) }), { maxLength: 4 }),
        (seen, plan, behaviour, cuts) => {
          const world = new World({ ...seen, facts: { parked: true } }, behaviour);
          const floor = Math.max(plan.board.versionFloor, need(seen.firmware.esrt).lowestSupportedFwVersion);
          let resting = 0;
          for (let pass = 0; pass < 150 && resting < 2; pass += 1) {
            const inference = world.pass(plan, cuts.find(({ at }) => at === pass)?.cut);
            const waits = inference.kind === 'step' && inference.step.kind === 'wait';
            resting = inference.kind !== 'step' || waits ? resting + 1 : 0;
          }
          expect(resting).toBe(2);
          const asked = world.steps.some(({ kind }) => kind === 'place-capsule' || kind === 'request-capsule');
          expect(!asked || (plan.payload.firmware?.version ?? 0) >= floor).toBe(true);
          expect(bootedDeployment(world.observed.os.deployments)?.entry?.triesLeft).toBeUndefined();
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('when the plan changes in flight, then the board rests on what is wanted or on what it had', () => {
    fc.assert(
      fc.property(boards, plans, plans, behaviours, fc.nat(20), (seen, first, second, behaviour, changeAt) => {
        const world = new World({ ...seen, facts: { parked: true } }, behaviour);
        for (let pass = 0; pass < changeAt; pass += 1) world.pass(first);
        const last = Array.from({ length: 120 }, () => world.pass(second)).at(-1);
        const rests = last?.kind !== 'step' || last.step.kind === 'wait';
        expect(rests).toBe(true);
        expect(bootedDeployment(world.observed.os.deployments)?.entry?.triesLeft).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});
