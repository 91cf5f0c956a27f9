import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '@seatrial/capsule-plan';
import { STANDINGS } from '@seatrial/controller';
import { parseDeviceId } from '@seatrial/spec';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STANDING_NAMES } from '../src/commands/get.ts';
import { NOW, type Ran, runCli } from './support/run-cli.ts';
import { startTestController, type TestController } from './support/running-controller.ts';
import { observed } from './support/snapshots.ts';
import { directoryWith, FLEET } from './support/workspace.ts';

let controller: TestController;
beforeAll(async () => {
  controller = await startTestController();
});
afterAll(async () => {
  await controller.stop();
});

const ask = (...words: string[]): Promise<Ran> => runCli([...words, '--server', controller.url]);

async function until<T>(look: () => Promise<T>, isThere: (value: T) => boolean): Promise<T> {
  for (const startedMs = Date.now(); Date.now() < startedMs + 15_000; ) {
    const value = await look();
    if (isThere(value)) return value;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return look();
}

const fleetIsThere = () =>
  until(
    () => ask('get', 'rollouts', '-o', 'json'),
    ({ out }) => out.includes('"harbour"'),
  );

function tugReport(id: string): Report {
  const device = parseDeviceId(id);
  if (device === undefined) throw new Error('not a device id');
  return {
    schema: 1,
    device,
    agentVersion: '0.1.0',
    sequence: 1,
    sentAtMs: NOW,
    phase: 'idle',
    conditions: [],
    observed: observed(),
    failures: [],
    refused: {},
  };
}

describe('when a controller runs', () => {
  test('then fleets, devices, rollouts and releases are listed, for people and for scripts', async () => {
    await fleetIsThere();
    const fleets = await ask('get', 'fleets');
    expect(fleets.code).toBe(0);
    expect(fleets.out.split('\n')[0]).toMatch(
      /^FLEET +RELEASE +UP TO DATE +IN MOTION +IN TROUBLE +ROLLOUT +WHAT HAPPENS$/,
    );
    expect(fleets.out).toMatch(/^harbour +tug-2 +\d\/5/m);
    expect(fleets.out).toMatch(/^dock +tug-1 .*suspended/m);
    const devices = JSON.parse((await ask('get', 'devices', '--fleet', 'harbour', '-o', 'json')).out) as {
      devices: { device: string }[];
    };
    expect(devices.devices.map(({ device }) => device)).toEqual(['tug-01', 'tug-02', 'tug-03', 'tug-04', 'tug-05']);
    expect((await ask('get', 'devices', '-o', 'wide')).out).toMatch(/^tug-04 +harbour +tug-1 \(pinned\)/m);
    expect((await ask('get', 'releases', '-o', 'wide')).out).toMatch(/^tug-2 +tug +0\.0\.1\.2 +bbbbbbbbbb +no /m);
    expect((await ask('get', 'rollouts')).out).toMatch(/^ROLLOUT/);
  });

  test('then each of them is described', async () => {
    await fleetIsThere();
    expect((await ask('describe', 'fleet', 'dock')).out).toMatch(/suspended +yes/);
    expect((await ask('describe', 'rollout', 'harbour')).out).toMatch(/release +tug-2/);
    expect((await ask('describe', 'release', 'tug-1')).out).toMatch(/firmware +0\.0\.1\.1/);
    expect((await ask('describe', 'device', 'tug-06')).out).toMatch(/fleet +dock/);
    expect(JSON.parse((await ask('describe', 'device', 'tug-06', '-o', 'json')).out)).toMatchObject({
      device: 'tug-06',
      why: { device: 'tug-06' },
    });
  });

  test('then why names what holds a board, and ends with 1 while something does', async () => {
    await fleetIsThere();
    const { code, out } = await ask('why', 'tug-06', '-o', 'json');
    const why = JSON.parse(out) as { holds: { kind: string }[] };
    expect(why.holds.map(({ kind }) => kind)).toContain('suspend');
    expect(code).toBe(1);
    expect((await ask('why', 'tug-06')).out).toContain('[suspend]');
  });

  test('then what a board reports can be saved and planned with', async () => {
    await fleetIsThere();
    await controller.report(tugReport('tug-04'));
    const { out } = await until(
      () => ask('snapshot'),
      snapshot => snapshot.out.includes('tug-04'),
    );
    const file = join(directoryWith({ 'observed.json': out }), 'observed.json');
    const plan = await runCli(['plan', FLEET, '--observed', file, '-o', 'json']);
    expect(JSON.parse(plan.out)).toMatchObject({ boards: [{ device: 'tug-04', outcome: 'upToDate' }] });
    expect((await ask('describe', 'device', 'tug-04')).out).toMatch(/firmware +0\.0\.1\.1/);
    const why = await until(
      () => ask('why', 'tug-04'),
      ({ code }) => code === 0,
    );
    expect(why.code).toBe(0);
  });
});

describe('when the controller is asked about itself', () => {
  test('then the commit in force is named, and what was refused with its places', async () => {
    await fleetIsThere();
    const well = await ask('status', '-o', 'json');
    expect(JSON.parse(well.out)).toMatchObject({
      ready: true,
      source: { inForce: { subject: 'A fleet' } },
      problems: [],
    });
    expect(well.code).toBe(0);
    controller.commit('harbour.yaml', 'kind: Fleet\n', 'A mistake');
    const wrong = await until(
      () => ask('status'),
      ({ out }) => out.includes('A mistake'),
    );
    expect(wrong.code).toBe(1);
    expect(wrong.out).toMatch(/Refused: .*A mistake/);
    expect(wrong.out).toMatch(/harbour\.yaml:1:1 error missing-field/);
    expect((await ask('get', 'fleets')).out).toMatch(/^harbour/m);
  });
});

describe('when an order is given', () => {
  const order = (name: string, ...more: string[]) =>
    ask('rollout', name, 'harbour', '--reason', 'a test', '--by', 'tester@example.com', '-o', 'json', ...more);

  test('then it needs the token', async () => {
    await fleetIsThere();
    const { code, err } = await order('pause');
    expect(code).toBe(2);
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'request-unauthorized' } });
  });

  test('then it is taken, and stands among the events with who and why', async () => {
    await fleetIsThere();
    const token = ['--token-file', controller.tokenFile];
    const paused = await until(
      () => order('pause', ...token),
      ({ code }) => code === 0,
    );
    expect(JSON.parse(paused.out)).toMatchObject({ fleet: 'harbour', state: { kind: 'paused', reason: 'operator' } });
    const again = await order('pause', ...token);
    expect(JSON.parse(again.err)).toMatchObject({ error: { code: 'rollout-paused' } });
    expect((await order('resume', ...token)).code).toBe(0);
    const events = await until(
      () => ask('events', '--fleet', 'harbour'),
      ({ out }) => out.includes('tester@example.com'),
    );
    expect(events.out).toContain('a test');
  });

  test('then a reason is demanded before anybody is asked', async () => {
    const { code, err } = await ask('rollout', 'pause', 'harbour', '-o', 'json');
    expect(code).toBe(2);
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'usage' } });
  });
});

describe('when events are followed', () => {
  test('then what happens is printed as it happens, until the user ends it', async () => {
    await fleetIsThere();
    const stop = new AbortController();
    const lines: string[] = [];
    const output = { write: (text: string) => void lines.push(text), isTerminal: false, colors: false, columns: 80 };
    const follow = runCli(['events', '--follow', '--limit', '1', '-o', 'json', '--server', controller.url], {
      out: output,
      stop: stop.signal,
    });
    const token = ['--token-file', controller.tokenFile];
    await ask('rollout', 'pause', 'harbour', '--reason', 'seen as it happens', '--by', 'tester@example.com', ...token);
    const seen = await until(
      async () => lines.join(''),
      text => text.includes('seen as it happens'),
    );
    stop.abort();
    expect((await follow).code).toBe(0);
    for (const line of seen.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ seq: expect.any(Number) });
    expect(seen).toContain('seen as it happens');
  });
});

describe('when nobody can be asked', () => {
  const failureOf = async (argv: readonly string[], env: Record<string, string> = {}) => {
    const { code, out, err } = await runCli([...argv, '-o', 'json'], { env });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    return (JSON.parse(err) as { error: { code: string } }).error.code;
  };

  test('then the address is said to be the trouble', async () => {
    expect(await failureOf(['get', 'fleets', '--server', 'http://127.0.0.1:1'])).toBe('server-unreachable');
    expect(await failureOf(['get', 'fleets', '--server', 'ftp://x'])).toBe('usage');
    expect(await failureOf(['get', 'fleets', '--fleet', 'harbour', '--server', controller.url])).toBe('usage');
    expect(await failureOf(['get', 'fleets'], { SEATRIAL_SERVER: 'nonsense' })).toBe('usage');
  });

  test('then unknown names are told apart from unreachable controllers', async () => {
    await fleetIsThere();
    expect(await failureOf(['describe', 'fleet', 'navy', '--server', controller.url])).toBe('not-found');
    expect(await failureOf(['describe', 'device', 'navy', '--server', controller.url])).toBe('device-unknown');
    expect(await failureOf(['why', 'navy', '--server', controller.url])).toBe('device-unknown');
  });

  test('then a settings file is read, and refused where it is wrong', async () => {
    const root = directoryWith({
      'good.yaml': `server: ${controller.url}\n`,
      'bad.yaml': 'sever: x\n',
      'worse.yaml': 'server: [\n',
    });
    const good = await runCli(['get', 'fleets', '-o', 'json'], { env: { SEATRIAL_CONFIG: join(root, 'good.yaml') } });
    expect(good.code).toBe(0);
    expect(await failureOf(['get', 'fleets'], { SEATRIAL_CONFIG: join(root, 'bad.yaml') })).toBe('config-malformed');
    expect(await failureOf(['get', 'fleets'], { SEATRIAL_CONFIG: join(root, 'worse.yaml') })).toBe('config-malformed');
    expect(await failureOf(['get', 'fleets'], { SEATRIAL_CONFIG: join(root, 'none.yaml') })).toBe('config-unreadable');
    const xdg = directoryWith({ 'seatrial/config.yaml': `server: ${controller.url}\n` });
    expect((await runCli(['get', 'fleets'], { env: { XDG_CONFIG_HOME: xdg } })).code).toBe(0);
  });
});

describe('when a controller can not start', () => {
  test('then its own code says why', async () => {
    const root = directoryWith({ 'controller.yaml': 'stateDirectory: state\n' });
    const wrong = await runCli(['controller', '--config', join(root, 'controller.yaml')]);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('error config-invalid');
    writeFileSync(join(root, 'controller.yaml'), '');
    const missing = await runCli(['controller', '--config', join(root, 'none.yaml')]);
    expect(missing.err).toContain('error config-unreadable');
  });
});

test('when standings are offered, then they are those of the controller', () => {
  expect(STANDING_NAMES).toEqual(STANDINGS);
});
