// The way to the board fails: the broker is away, the HTTP server trickles, breaks off, answers wrongly.

import { v } from '../host/workbench.ts';
import { expectRest, expectStanding, expectThat, type Scenario, startFromFactory } from './scenario.ts';

const PAIR = { firmware: v(2), os: 'good' } as const;
/** Twenty minutes, scaled as the agent's intervals are. */
const AWAY_MS = 120_000;

export const brokerAway: Scenario = {
  name: 'broker-away',
  expected: 'the broker goes when the update begins and stays away: the update comes to its end, the report later',
  play: async stage => {
    const { board, broker } = stage;
    await startFromFactory(stage);
    await stage.roll({ firmware: { version: v(2) }, os: 'good' });
    await board.says(/place seatrial-/, { from: 0 });
    await broker.goAway();
    const told = stage.reports.length;
    const blessed = board.says(/commit firmware/, { from: 0 });
    await Promise.all([blessed, new Promise(resolve => setTimeout(resolve, AWAY_MS))]);
    expectThat(stage, 'nothing could be told meanwhile', {
      holds: stage.reports.length === told,
      seen: stage.reports.length - told,
    });
    await broker.comeBack();
    await stage.reported(
      'that it has converged',
      ({ phase, observed }) => phase === 'converged' && observed.firmware.esrt?.fwVersion === v(2),
    );
    await expectRest(stage, PAIR);
    await expectStanding(stage, 'upToDate');
  },
};

export const badServer: Scenario = {
  name: 'http-server-misbehaves',
  expected:
    'the server refuses, breaks off, trickles and answers wrong bytes: nothing wrong is installed, and it is fetched in the end',
  play: async stage => {
    const { board, server } = stage;
    await startFromFactory(stage);
    server.inject({ path: /\.cap$/, fault: { kind: 'trickle', bytesPerSecond: 2_000 }, times: 1 });
    server.inject({ path: /\.cap$/, fault: { kind: 'wrong-bytes' }, times: 1 });
    server.inject({ path: /\.cap$/, fault: { kind: 'cut', afterBytes: 1_000 }, times: 2 });
    server.inject({ path: /\.cap$/, fault: { kind: 'status', status: 503 }, times: 2 });
    server.inject({ path: /\/objects\//, fault: { kind: 'no-answer' }, times: 3 });
    server.inject({ path: /\/objects\/.*\.dirtree$/, fault: { kind: 'wrong-bytes' }, times: 1 });
    await stage.roll({ firmware: { version: v(2) }, os: 'good' });
    await stage.reported(
      'that it has converged',
      ({ phase, observed }) => phase === 'converged' && observed.firmware.esrt?.fwVersion === v(2),
    );
    await expectRest(stage, PAIR);
    const asked = server.requests.filter(({ path }) => path.endsWith('.cap')).length;
    expectThat(stage, 'the capsule was asked for again and again', { holds: asked >= 5, seen: asked });
    expectThat(stage, 'the machine never noticed', { holds: board.log.matching(/Oops/).length === 0, seen: asked });
  },
};
