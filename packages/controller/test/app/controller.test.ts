// The whole controller with everything real around it.

import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Lab } from '../support/lab.ts';

const HUBS = ['hub-1', 'hub-2', 'hub-3', 'hub-4'];

let lab: Lab;
afterEach(() => lab.close());

const value = <T>(answer: { ok: true; value: T } | { ok: false; error: unknown }): T => {
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.value;
};
const rollout = async () => value(await lab.client.rollouts())[0];

describe('when a release is merged', () => {
  test('then it reaches every board, stage by stage, and git tells the story', async () => {
    lab = new Lab();
    lab.commit({ release: 'r-1' });
    await lab.start();
    lab.boot(HUBS);
    await eventually(
      async () => (await rollout())?.state.kind,
      kind => kind === 'done',
    );
    lab.commit({ release: 'r-2' });
    await eventually(
      async () => await rollout(),
      newest => newest?.release === 'r-2' && newest.state.kind === 'done',
    );
    expect(lab.boards.map(({ runs }) => runs)).toEqual(HUBS.map(() => ({ fw: '1.2', os: 'b' })));
    await eventually(() => lab.repository.git('log', '--format=%s', 'seatrial/audit').includes('Complete field-r2'));
  });
});
