// Act three: a capsule that the firmware refuses. The ESRT says why, and the OS was never touched.

import { complaints, lookAt } from '../evidence.ts';
import { rolloutReaches, rollRelease, type Scenario } from '../scenario.ts';
import { firmware } from './versions.ts';

/** LAST_ATTEMPT_STATUS_ERROR_AUTH_ERROR [UEFI-23.4]. */
const AUTHENTICATION_ERROR = 5;

export const refusedCapsule: Scenario = {
  name: 'refused-capsule',
  title: 'The firmware refuses a capsule that a stranger signed',
  expected: "the first board stops with the ESRT's code, its OS untouched, and the rollout pauses",
  play: async (stage, check) => {
    const { boards, fleet, narrator } = stage;
    const release = await rollRelease(stage, {
      name: 'lab-1.3.0',
      capsule: { version: firmware(4), lowestSupported: firmware(0), signedBy: 'stranger' },
      system: { version: '1.3.0' },
      notes: 'Signed with a key that no board knows.',
    });
    stage.story.bad.push(release);
    const state = await rolloutReaches(stage, release.name, { states: ['paused', 'done'], deadlineMs: 120_000 });
    check('the rollout is paused', state === 'paused', state);
    const [failed] = (await fleet.devices()).filter(({ standing }) => standing === 'failed');
    const board = boards.find(({ id }) => id === failed?.device);
    check('a board has failed', board !== undefined);
    if (failed === undefined || board === undefined) return;
    const row = await lookAt(board);
    const status = row.lastAttempt?.status;
    check(
      `the ESRT of ${row.device} shows status ${AUTHENTICATION_ERROR}, authentication error`,
      status === AUTHENTICATION_ERROR,
      `status ${status}`,
    );
    const found = complaints(row, stage.story.good);
    check(`${row.device} runs what it ran before`, found.length === 0, found.join('; '));
    narrator.command(`seatrial why ${row.device}`);
    const why = await fleet.why(row.device);
    for (const line of why) narrator.say(`  ${line}`);
    check('why names the code', why.join(' ').includes('authentication-error'), why.join(' '));
  },
};
