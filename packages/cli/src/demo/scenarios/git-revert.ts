// Act four: git revert. The fleet comes to rest; what firmware can no longer do is said, not tried.

import { waitFor } from '../fleet-view.ts';
import { checkPair, lookAtAll, rolloutReaches, type Scenario, type Stage, tellNews } from '../scenario.ts';

export const gitRevert: Scenario = {
  name: 'git-revert',
  title: 'git revert brings the fleet to rest',
  expected:
    'reverting the bad releases leaves every board up to date; reverting the good one is refused by the firmware floor, and nothing is tried',
  play: async (stage, check) => {
    const { boards, repository, narrator } = stage;
    const { good, bad } = stage.story;
    const takenBack = bad.toReversed();
    await repository.revert(...takenBack.map(({ gitCommit }) => gitCommit));
    narrator.command(`git revert ${takenBack.map(({ gitCommit }) => gitCommit).join(' ')}`);
    check('every board is up to date again', await allStand(stage, 'upToDate'));
    const complaints = await checkPair(boards, good);
    check('and runs the good release', complaints.length === 0, complaints.join('; '));

    const startsBefore = (await lookAtAll(boards)).map(({ firmwareStarts }) => firmwareStarts);
    const reverted = await repository.revert(good.gitCommit);
    narrator.command(`git revert ${good.gitCommit}   # back to the factory's firmware`);
    const state = await rolloutReaches(stage, 'lab-1.0.0', { states: ['paused', 'done'], deadlineMs: 60_000 });
    check('the rollout pauses instead of trying', state === 'paused', state);
    const [held] = (await stage.fleet.devices()).filter(({ standing }) => standing === 'blocked');
    check(
      'a board says that its firmware can no longer go back',
      held?.reason === 'firmware-below-floor',
      held?.reason,
    );
    if (held !== undefined) await tellWhy(stage, held.device);
    const startsAfter = (await lookAtAll(boards)).map(({ firmwareStarts }) => firmwareStarts);
    check('no board has rebooted for it', startsBefore.join() === startsAfter.join(), startsAfter.join());

    await repository.revert(reverted);
    narrator.command(`git revert ${reverted}`);
    check('every board is at rest', await allStand(stage, 'upToDate'));
  },
};

async function tellWhy({ fleet, narrator }: Stage, device: string): Promise<void> {
  narrator.command(`seatrial why ${device}`);
  for (const line of await fleet.why(device)) narrator.say(`  ${line}`);
}

async function allStand(stage: Stage, standing: string): Promise<boolean> {
  const found = await waitFor(
    async () => {
      await tellNews(stage);
      return stage.fleet.devices();
    },
    devices => devices.length === stage.boards.length && devices.every(device => device.standing === standing),
    { deadlineMs: 60_000, stop: stage.stop },
  );
  return found !== undefined;
}
