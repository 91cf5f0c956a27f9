// Capsules that the firmware does not take: every status of the ESRT, and every kind of wrong capsule. The OS is never touched.

import type { FailureReason } from '@seatrial/capsule-plan';
import { firmwareVersion } from '@seatrial/spec';
import type { FirmwareHalf, Stage } from '../host/stage.ts';
import { OTHER_FW_CLASS, v } from '../host/workbench.ts';
import {
  expectRest,
  expectStanding,
  expectStarts,
  expectThat,
  rollAndAwait,
  type Scenario,
  startFromFactory,
} from './scenario.ts';

interface Refusal {
  readonly what: string;
  readonly reason: FailureReason;
  readonly status?: number;
}

/** Tries the half with a system beside it, and expects that this is the end of it. */
async function expectRefused(stage: Stage, firmware: FirmwareHalf, { what, reason, status }: Refusal): Promise<void> {
  const report = await rollAndAwait(stage, { firmware, os: 'good' }, 'failed');
  const failure = report.failures.at(-1)?.failure;
  const seen = { reason: failure?.reason, status: failure?.lastAttemptStatus };
  const holds = seen.reason === reason && seen.status === status;
  expectThat(stage, `${what}: ${reason} ${status ?? ''}`, { holds, seen });
  const { deployments } = await expectRest(stage, stage.factory);
  expectThat(stage, `${what}: no deployment was made`, { holds: deployments.length === 1, seen: deployments });
  await expectStanding(stage, 'failed');
}

/** 1 unsuccessful … 8 unsatisfied dependencies [UEFI-23.4]. */
const STATUSES = [1, 2, 3, 4, 5, 6, 7, 8];

export const everyStatus: Scenario = {
  name: 'capsule-every-status',
  expected: 'the firmware refuses a capsule with each status; the board reports it and is as before',
  play: async stage => {
    await startFromFactory(stage);
    for (const status of STATUSES) {
      await stage.board.firmwareWill({ kind: 'attempt-status', status });
      await expectRefused(
        stage,
        { version: v(1 + status) },
        { what: `status ${status}`, reason: 'capsule-refused', status },
      );
    }
  },
};

const WRONG: readonly (Refusal & { readonly half: Omit<FirmwareHalf, 'version'> })[] = [
  { what: 'unsigned', half: { flaw: 'unsigned' }, reason: 'capsule-refused', status: 5 },
  { what: 'changed after signing', half: { flaw: 'forged' }, reason: 'capsule-refused', status: 5 },
  { what: 'signed by another root', half: { signedBy: 'stranger' }, reason: 'capsule-refused', status: 5 },
  {
    what: 'of another version than the release says',
    half: { insideVersion: firmwareVersion(0xffff) },
    reason: 'capsule-ignored',
  },
  // Before the unreadable one: a row (0, old, 0) that is left alone can not be told from one that is written again.
  { what: 'for another firmware class', half: { fwClass: OTHER_FW_CLASS }, reason: 'capsule-ignored' },
  { what: 'metadata unreadable', half: { flaw: 'garbled' }, reason: 'capsule-metadata-unreadable' },
];

export const wrongCapsules: Scenario = {
  name: 'capsule-wrong',
  expected:
    'unsigned, forged, another root, another version inside, unreadable, another class: each is refused, none is installed',
  play: async stage => {
    await startFromFactory(stage);
    for (const [index, { half, ...refusal }] of WRONG.entries()) {
      await expectRefused(stage, { ...half, version: v(2 + index) }, refusal);
    }
  },
};

export const belowFloor: Scenario = {
  name: 'firmware-below-floor',
  expected: 'a release goes below firmware that is committed: the board says so by name and tries nothing',
  play: async stage => {
    const { board } = stage;
    await startFromFactory(stage);
    await rollAndAwait(stage, { firmware: { version: v(3) } }, 'converged');
    const from = board.log.length;
    await board.shell('systemctl --no-block reboot');
    await board.comesUp({ from });
    const starts = board.firmwareStarts;
    await stage.roll({ firmware: { version: v(2) } });
    await stage.reported('that the floor forbids it', ({ step }) => step?.waitsFor === 'firmware-below-floor');
    const { esrt } = await expectRest(stage, { ...stage.factory, firmware: v(3) });
    expectThat(stage, 'the floor has risen', { holds: esrt?.lowestSupportedFwVersion === v(3), seen: esrt });
    expectStarts(stage, starts);
    await expectStanding(stage, 'blocked');
  },
};
