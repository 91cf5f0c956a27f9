import { entryState, isOnTrial, parseEntryName } from '@seatrial/capsule-plan';
import { afterEach, describe, expect, it } from 'vitest';
import { LoneBoard, v } from './support/lone-board.ts';

let lone: LoneBoard | undefined;
afterEach(async () => {
  await lone?.stop();
  lone = undefined;
});

const evidence = async ({ board }: LoneBoard) => {
  const { esrt, trial, running, entries, capsules, heldEntry } = await board.inspect();
  const names = entries.map(({ fileName }) => parseEntryName(fileName));
  return {
    firmware: esrt?.fwVersion,
    commit: running?.commit,
    onTrial: trial !== undefined && isOnTrial(trial),
    counted: names.filter(name => name !== undefined && entryState(name) !== 'good').length,
    capsules: capsules.length,
    held: heldEntry,
  };
};

const AT_REST = { onTrial: false, counted: 0, capsules: 0, held: undefined };

describe('a real agent on a virtual board', () => {
  it('when firmware and OS come together, then both are tried, blessed and committed', async () => {
    lone = await LoneBoard.start();
    const { payload } = await lone.plan({ firmware: { version: v(2) }, os: { version: '1.1.0' } });
    const report = await lone.reported(
      ({ phase, observed }) => phase === 'converged' && observed.firmware.esrt?.fwVersion === v(2),
    );
    expect(await evidence(lone)).toEqual({ ...AT_REST, firmware: v(2), commit: payload.os?.commit });
    expect(report.success?.requestedAt).toHaveLength(2);
    expect(report.success?.requestedAt).not.toContain(report.observed.bootId);
  });

  it('when the OS fails its health check, then the pair goes back together and is reported as failed', async () => {
    lone = await LoneBoard.start();
    const before = await evidence(lone);
    await lone.plan({ firmware: { version: v(2) }, os: { version: '1.1.0', behaviour: { health: 'fail' } } });
    const report = await lone.reported(({ phase }) => phase === 'failed', 120_000);
    expect(report.failures.map(({ failure }) => failure.reason)).toEqual(['os-unhealthy']);
    expect(await evidence(lone)).toEqual({
      ...AT_REST,
      firmware: v(1),
      commit: report.observed.os.deployments.find(({ booted }) => booted)?.commit,
    });
    expect(before.firmware ?? v(1)).toBe(v(1));
  });

  it('when the OS panics, then the loader falls back and the firmware follows', async () => {
    lone = await LoneBoard.start();
    await lone.plan({ firmware: { version: v(2) }, os: { version: '1.1.0', behaviour: { boot: 'panic' } } });
    const report = await lone.reported(({ phase }) => phase === 'failed', 120_000);
    expect(report.failures.map(({ failure }) => failure.reason)).toEqual(['os-fell-back']);
    expect(await evidence(lone)).toMatchObject({ ...AT_REST, firmware: v(1) });
  });

  it('when the capsule is forged, then the ESRT says so and the OS is untouched', async () => {
    lone = await LoneBoard.start();
    await lone.plan({ firmware: { version: v(2), flaw: 'forged' }, os: { version: '1.1.0' } });
    const report = await lone.reported(({ phase }) => phase === 'failed');
    expect(report.failures.map(({ failure }) => [failure.reason, failure.lastAttemptStatus])).toEqual([
      ['capsule-refused', 5],
    ]);
    expect(await evidence(lone)).toMatchObject({ ...AT_REST, firmware: v(1) });
  });

  it('when the power fails at any step, then the board converges all the same', async () => {
    lone = await LoneBoard.start();
    const { board } = lone;
    let steps = 0;
    board.onEvent(event => {
      if (event.kind !== 'agent-output' || !event.line.startsWith('<6>') || event.line.includes('connected')) return;
      steps += 1;
      if (steps % 3 === 0 && steps < 20) void board.cutPower().then(() => board.powerOn());
    });
    const { payload } = await lone.plan({ firmware: { version: v(2) }, os: { version: '1.1.0' } });
    await lone.reported(
      ({ phase, observed }) => phase === 'converged' && observed.firmware.esrt?.fwVersion === v(2),
      180_000,
    );
    expect(await evidence(lone)).toEqual({ ...AT_REST, firmware: v(2), commit: payload.os?.commit });
    expect(steps).toBeGreaterThan(3);
  });
});
