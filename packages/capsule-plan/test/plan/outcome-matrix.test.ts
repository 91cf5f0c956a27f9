import { describe, expect, it } from 'vitest';
import type { PlanTarget } from '../../src/index.ts';
import { bootedDeployment, isOnTrial } from '../../src/index.ts';
import { type MatrixCell, matrixCells, renderOutcomeMatrix } from '../../src/plan/outcome-matrix.ts';
import { FIRMWARE_HALF, NEW_FW, NEW_OS, OS_HALF, observed, target } from '../support/builders.ts';
import { type Cut, settle, World } from '../support/world.ts';

const PAYLOADS: Readonly<Record<MatrixCell['shape'], PlanTarget['payload']>> = {
  coupled: { transaction: 'coupled', firmware: FIRMWARE_HALF, os: OS_HALF },
  firmwareFirst: { transaction: 'firmwareFirst', firmware: FIRMWARE_HALF, os: OS_HALF },
  firmwareOnly: { transaction: 'coupled', firmware: FIRMWARE_HALF },
  osOnly: { transaction: 'coupled', os: OS_HALF },
};

const worldOf = ({ firmwareEvent, osEvent }: MatrixCell): World =>
  new World(observed(), { firmware: firmwareEvent, os: osEvent });

const whereItIs = (world: World) => ({
  firmware: world.observed.firmware.esrt?.fwVersion === NEW_FW ? 'new' : 'old',
  os: bootedDeployment(world.observed.os.deployments)?.commit === NEW_OS ? 'new' : 'old',
});

const endOf = (inference: ReturnType<typeof settle>) => {
  if (inference.kind === 'converged') return { ends: 'up to date' };
  if (inference.kind === 'step') return { ends: 'step' };
  const { reason } = inference.failure;
  return { ends: reason === 'firmware-cannot-go-back' ? 'stalled' : 'failed', reason };
};

const title = ({ shape, firmwareEvent, osEvent }: MatrixCell) => `${shape}, capsule ${firmwareEvent}, OS ${osEvent}`;

describe('the outcome matrix', () => {
  it.each(matrixCells().map(cell => [title(cell), cell] as const))(
    'when %s, then the board ends as the matrix says',
    (_title, cell) => {
      const world = worldOf(cell);
      const inference = settle(world, target({ payload: PAYLOADS[cell.shape] }));
      expect({ ...whereItIs(world), ...endOf(inference) }).toEqual(cell.outcome);
    },
  );

  it.each(matrixCells().map(cell => [title(cell), cell] as const))(
    'when power fails around any step (%s), then the board rests, on a blessed OS, with one pair or a named failure',
    (_title, cell) => {
      const plan = target({ payload: PAYLOADS[cell.shape] });
      const undisturbed = worldOf(cell);
      settle(undisturbed, plan);
      const cuts: readonly Cut[] = ['before-remember', 'after-remember', 'after-act'];
      for (let cutAt = 0; cutAt < undisturbed.steps.length; cutAt += 1) {
        for (const cut of cuts) {
          const world = worldOf(cell);
          const inference = settle(world, plan, { cutAt, cut });
          const booted = bootedDeployment(world.observed.os.deployments);
          expect(booted?.entry?.triesLeft, `${cut} at pass ${cutAt}`).toBeUndefined();
          expect(world.observed.os.heldEntryId, `${cut} at pass ${cutAt}`).toBeUndefined();
          const trial = world.observed.firmware.trial;
          const resting = trial === undefined || !isOnTrial(trial) || cell.firmwareEvent === 'applied-for-good';
          expect(resting, `${cut} at pass ${cutAt}: on trial`).toBe(true);
          const { firmware, os, ends } = cell.outcome;
          const arrived = inference.kind === 'converged' ? whereItIs(undisturbed) : { firmware, os };
          expect([ends === 'up to date', arrived], `${cut} at pass ${cutAt}`).toEqual([
            inference.kind === 'converged',
            inference.kind === 'converged' ? whereItIs(world) : { firmware, os },
          ]);
        }
      }
    },
  );

  it('when it is printed, then it is the table in the documentation', async () => {
    await expect(renderOutcomeMatrix()).toMatchFileSnapshot('../../../../docs/generated/outcome-matrix.md');
  });
});
