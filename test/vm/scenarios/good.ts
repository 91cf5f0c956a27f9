// Updates that come to a good end.

import { v } from '../host/workbench.ts';
import {
  expectRest,
  expectStanding,
  expectStarts,
  expectThat,
  rollAndAwait,
  type Scenario,
  startFromFactory,
} from './scenario.ts';

/** Everything on the disk and in NVRAM that an update touches, as one digest. */
const WRITTEN = `
( find /boot -type f -newermt @0 -printf '%p %T@ %s\\n'; find /ostree/deploy/lab/deploy -maxdepth 1
  cat /sys/firmware/efi/efivars/Os* /var/lib/seatrial/*.json ) | sha256sum
`;

export const together: Scenario = {
  name: 'firmware-and-os',
  expected: 'both are tried, blessed and committed; a second look writes nothing',
  play: async stage => {
    const { board } = stage;
    await startFromFactory(stage);
    const pair = { firmware: v(2), os: 'good' } as const;
    const report = await rollAndAwait(stage, { firmware: { version: v(2) }, os: 'good' }, 'converged');
    await expectRest(stage, pair);
    await expectStanding(stage, 'upToDate');
    // Factory, capsule, its own reset, trial boot; deploy, new system.
    expectStarts(stage, 4);
    expectThat(stage, 'two reboots are told', {
      holds: report.success?.requestedAt.length === 2,
      seen: report.success,
    });
    const before = (await board.shell(WRITTEN)).output;
    const sequence = report.sequence;
    await stage.reported('a later heartbeat', later => later.sequence > sequence && later.phase === 'converged');
    await board.shell('systemctl restart seatrial-agent.service');
    await stage.reported(
      'that it is there again',
      later => later.sequence > sequence + 1 && later.phase === 'converged',
    );
    const after = (await board.shell(WRITTEN)).output;
    expectThat(stage, 'a converged board writes nothing', { holds: before === after, seen: { before, after } });
    expectStarts(stage, 4);
  },
};

export const osOnly: Scenario = {
  name: 'os-only',
  expected: 'the system is tried and blessed; the firmware is left alone',
  play: async stage => {
    await startFromFactory(stage);
    await rollAndAwait(stage, { os: 'good' }, 'converged');
    await expectRest(stage, { ...stage.factory, os: 'good' });
    await expectStanding(stage, 'upToDate');
    expectStarts(stage, 2);
  },
};

export const firmwareOnly: Scenario = {
  name: 'firmware-only',
  expected: 'the firmware is tried under the old system, committed, and its floor rises at the next start',
  play: async stage => {
    const { board } = stage;
    await startFromFactory(stage);
    await rollAndAwait(stage, { firmware: { version: v(2) } }, 'converged');
    const { esrt } = await expectRest(stage, { ...stage.factory, firmware: v(2) });
    expectThat(stage, 'the floor has not risen yet', { holds: esrt?.lowestSupportedFwVersion === v(0), seen: esrt });
    expectStarts(stage, 3);
    const from = board.log.length;
    await board.shell('systemctl --no-block reboot');
    await board.comesUp({ from });
    const later = await expectRest(stage, { ...stage.factory, firmware: v(2) });
    expectThat(stage, 'the floor has risen', {
      holds: later.esrt?.lowestSupportedFwVersion === v(2),
      seen: later.esrt,
    });
  },
};

export const firmwareFirst: Scenario = {
  name: 'firmware-first',
  expected: 'the firmware is committed before the system is tried',
  play: async stage => {
    await startFromFactory(stage);
    await rollAndAwait(stage, { firmware: { version: v(2) }, os: 'good', transaction: 'firmwareFirst' }, 'converged');
    const { esrt } = await expectRest(stage, { firmware: v(2), os: 'good' });
    // The start that tried the system has found the trial flag clear.
    expectThat(stage, 'the floor has risen', { holds: esrt?.lowestSupportedFwVersion === v(2), seen: esrt });
    await expectStanding(stage, 'upToDate');
    expectStarts(stage, 4);
  },
};
