// Systems that do not deserve to be blessed: the loader falls back, the firmware follows, and the report says so.

import type { FailureReason } from '@seatrial/capsule-plan';
import type { Stage } from '../host/stage.ts';
import { v } from '../host/workbench.ts';
import type { Variant } from '../image/system-variants.ts';
import { expectRest, expectStanding, expectThat, rollAndAwait, type Scenario, startFromFactory } from './scenario.ts';

const BOOT_TRIES = 3;

/** The pair is back together, the attempt is told as failed for this reason, and by nobody as anything else. */
async function expectGoneBack(stage: Stage, reason: FailureReason): Promise<void> {
  const { esrt } = await expectRest(stage, stage.factory);
  const row = { version: esrt?.lastAttemptVersion, status: esrt?.lastAttemptStatus };
  expectThat(stage, 'the ESRT tells of a rollback', { holds: row.version === v(2) && row.status === 0, seen: row });
  const reasons = stage.reports.at(-1)?.failures.map(({ failure }) => failure.reason);
  expectThat(stage, `the board reports ${reason}`, { holds: reasons?.join() === reason, seen: reasons });
  const claims = stage.reports.filter(
    ({ phase, plan }) => phase === 'converged' && plan?.payloadHash === lastPlan(stage),
  );
  expectThat(stage, 'no report ever claimed success', { holds: claims.length === 0, seen: claims.length });
  await expectStanding(stage, 'failed');
}

const lastPlan = ({ reports }: Stage) => reports.at(-1)?.plan?.payloadHash;

async function expectFallback(stage: Stage, os: Variant, reason: FailureReason): Promise<void> {
  await startFromFactory(stage);
  await rollAndAwait(stage, { firmware: { version: v(2) }, os }, 'failed');
  await expectGoneBack(stage, reason);
}

/** Each try of the loader is seen on the serial line: no other start has burnt one. */
function expectTries(stage: Stage, pattern: RegExp): void {
  const seen = stage.board.log.matching(pattern).length;
  expectThat(stage, `the system was tried ${BOOT_TRIES} times`, { holds: seen === BOOT_TRIES, seen });
}

export const unhealthy: Scenario = {
  name: 'os-unhealthy',
  expected: 'the system fails its health check on every try; the loader falls back, the firmware is rolled back',
  play: async stage => {
    await expectFallback(stage, 'sick', 'os-unhealthy');
    expectTries(stage, /TEST-BOARD up version=2\.0\.0 /);
  },
};

export const panicking: Scenario = {
  name: 'os-panics',
  expected: 'the system panics in its initramfs on every try; the loader falls back, the firmware is rolled back',
  play: async stage => {
    stage.board.log.expectPanic();
    await expectFallback(stage, 'panicking', 'os-fell-back');
    expectTries(stage, /TEST-BOARD panics on purpose/);
  },
};

export const hanging: Scenario = {
  name: 'os-hangs',
  expected:
    'the system hangs on every try and the watchdog resets it; the loader falls back, the firmware is rolled back',
  play: async stage => {
    await expectFallback(stage, 'hanging', 'os-fell-back');
    expectTries(stage, /TEST-BOARD hangs on purpose/);
  },
};

export const exhausted: Scenario = {
  name: 'firmware-trial-exhausted',
  expected: 'power fails at every start until UEFI restores the old firmware; the new system on it is never blessed',
  play: async stage => {
    const { board } = stage;
    await startFromFactory(stage);
    await stage.roll({ firmware: { version: v(2) }, os: 'good' });
    await board.says(/deploy commit/, { from: 0 });
    // Power goes before the boot loader has counted a try, so that only the firmware's trial runs out.
    for (let cuts = 0; cuts < 16; cuts += 1) {
      const line = await board.says(/FIRMWARE (?:trial boot|trial over)/);
      if (line.includes('trial over')) break;
      await board.cutPower();
      await board.powerOn();
    }
    const report = await stage.reported('the attempt as failed', ({ phase }) => phase === 'failed');
    expectThat(stage, 'a report of the loader', { holds: report.failures.length === 1, seen: report.failures });
    await expectGoneBack(stage, 'os-on-old-firmware');
    const blessed = board.log.matching(/bless the running OS/);
    expectThat(stage, 'the new system was never blessed', { holds: blessed.length === 0, seen: blessed });
  },
};
