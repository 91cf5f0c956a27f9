// Act one: a release with firmware and OS goes through its stages, while two boards lose their power on the way.

import { formatFirmwareVersion } from '@seatrial/spec';
import { cutPowerAtStep, type PowerCut } from '../power-cuts.ts';
import { checkPair, rolloutReaches, rollRelease, type Scenario, type Stage } from '../scenario.ts';
import { firmware } from './versions.ts';

/** A coupled transaction announces twelve steps; the last few leave little to interrupt. */
const STEPS_TO_CUT = 10;

export const goodRelease: Scenario = {
  name: 'good-release',
  title: 'A release travels: git, plan, board, trial, blessed, reported',
  expected: 'every board ends blessed on the new OS and committed on the new firmware, two of them after a power cut',
  play: async (stage, check) => {
    const release = await rollRelease(stage, {
      name: 'lab-1.1.0',
      capsule: { version: firmware(2), lowestSupported: firmware(0), signedBy: 'vendor' },
      system: { version: '1.1.0' },
      notes: 'Newer firmware and system, tried out together.',
    });
    const cuts = twoCuts(stage);
    const state = await rolloutReaches(stage, release.name, { states: ['done', 'paused'], deadlineMs: 300_000 });
    check('the rollout is done', state === 'done', state);
    await Promise.all(cuts.map(({ over }) => over));
    for (const { device, during } of cuts) {
      check(`${device} lost its power in the middle and converged`, during !== undefined, 'it was never cut');
    }
    const complaints = await checkPair(stage.boards, release);
    const pair = `firmware ${formatFirmwareVersion(release.firmware)} and OS 1.1.0`;
    check(
      `all ${stage.boards.length} boards run ${pair}, blessed and committed`,
      complaints.length === 0,
      complaints.join('; '),
    );
    stage.story.good = release;
    stage.story.cuts.push(...cuts);
  },
};

/** Two different boards, each at a step that the seed chooses. */
function twoCuts({ boards, random, narrator }: Stage): readonly PowerCut[] {
  const first = Math.floor(random() * boards.length);
  const second = (first + 1 + Math.floor(random() * (boards.length - 1))) % boards.length;
  return [first, second].flatMap(index => {
    const board = boards[index];
    const atStep = 1 + Math.floor(random() * STEPS_TO_CUT);
    const afterMs = Math.floor(random() * 60);
    return board === undefined ? [] : [cutPowerAtStep(board, { atStep, afterMs, darkMs: 400 }, narrator)];
  });
}
