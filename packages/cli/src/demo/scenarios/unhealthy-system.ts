// Act two: an OS that fails its health check. It falls back, the firmware goes back with it, and nobody else is touched.

import { formatFirmwareVersion } from '@seatrial/spec';
import { lookAtAll, restOn, rolloutReaches, rollRelease, type Scenario } from '../scenario.ts';
import { firmware } from './versions.ts';

export const unhealthySystem: Scenario = {
  name: 'unhealthy-system',
  title: 'An OS fails its health check: the pair goes back together',
  expected:
    'the first board falls back to the old pair, the rollout pauses, no other board is touched, and why says so',
  play: async (stage, check) => {
    const { boards, fleet, narrator } = stage;
    const startsBefore = (await lookAtAll(boards)).map(({ firmwareStarts }) => firmwareStarts);
    const release = await rollRelease(stage, {
      name: 'lab-1.2.0',
      capsule: { version: firmware(3), lowestSupported: firmware(0), signedBy: 'vendor' },
      system: { version: '1.2.0', behaviour: { health: 'fail' } },
      notes: 'Has a fault that only its health check finds.',
    });
    stage.story.bad.push(release);
    const state = await rolloutReaches(stage, release.name, { states: ['paused', 'done'], deadlineMs: 240_000 });
    check('the rollout is paused', state === 'paused', state);
    const devices = await fleet.devices();
    const failed = devices.filter(({ standing }) => standing === 'failed');
    check(
      'one board failed, as many as the first stage has',
      failed.length === 1,
      failed.map(({ device }) => device).join(),
    );
    const [canary] = failed;
    const board = boards.find(({ id }) => id === canary?.device);
    if (canary === undefined || board === undefined) return;
    const pair = stage.story.good;
    const found = await restOn({ boards: [board], stop: stage.stop }, pair, 60_000);
    check(
      `${canary.device} is back on firmware ${formatFirmwareVersion(pair.firmware)} and the old OS, blessed`,
      found.length === 0,
      found.join('; '),
    );
    const touched = (await lookAtAll(boards)).filter(
      (row, index) => row.device !== canary.device && row.firmwareStarts !== startsBefore[index],
    );
    check('no other board has rebooted', touched.length === 0, touched.map(({ device }) => device).join());
    narrator.command(`seatrial why ${canary.device}`);
    const why = await fleet.why(canary.device);
    for (const line of why) narrator.say(`  ${line}`);
    check('why names the health check', why.join(' ').includes('system'), why.join(' '));
  },
};
