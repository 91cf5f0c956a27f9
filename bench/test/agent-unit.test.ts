// How the agent is started is read from its unit.

import { expect, test } from 'vitest';
import { launchOf, PLAIN_LAUNCH, unitLaunch } from '../board/agent-unit.ts';

test('when a unit has flags and variables, then both are taken', () => {
  const unit =
    '[Service]\nExecStart=/usr/bin/node --a=1 --b /usr/lib/agent.js --config /etc/a\nEnvironment=A=1\nEnvironment=B=2\n';
  expect(launchOf(unit)).toEqual({ flags: ['--a=1', '--b'], environment: { A: '1', B: '2' } });
});

test('when a unit has none, then nothing is set', () => {
  expect(launchOf('[Service]\nExecStart=/usr/bin/node /usr/lib/agent.js --config /etc/a\n')).toEqual(PLAIN_LAUNCH);
});

test('when the unit that is shipped is read, then it keeps the heap small', () => {
  expect(unitLaunch().flags).toContain('--max-semi-space-size=1');
});
