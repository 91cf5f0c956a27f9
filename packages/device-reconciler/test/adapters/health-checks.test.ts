// Health checks against real commands and servers: what is healthy, what is not, and what never ends.

import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HealthCheck, millis, parseUrl } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { healthChecks } from '../../src/adapters/health-checks.ts';
import { systemctl } from '../../src/adapters/systemctl.ts';
import { until } from '../world/brokers.ts';
import { temporaryDirectory } from '../world/directories.ts';
import { httpOrigin } from '../world/http-origin.ts';
import { need, unitCheck } from '../world/values.ts';

const LONG = new AbortController().signal;

function script(text: string): string {
  const path = join(temporaryDirectory(), 'script');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const ask = (check: HealthCheck, command = 'exit 0', signal = LONG) =>
  healthChecks([script(command)]).run(check, signal);
const command = (text: string, timeoutMs = 5_000): HealthCheck => ({
  kind: 'command',
  name: 'modem',
  command: ['/bin/sh', '-c', text],
  timeoutMs: millis(timeoutMs),
});
const http = (url: string, timeoutMs = 5_000): HealthCheck => ({
  kind: 'http',
  name: 'api',
  url: need(parseUrl(url)),
  timeoutMs: millis(timeoutMs),
});

describe('when a unit is asked for', () => {
  test('then systemd says whether it is active, and in which state it is', async () => {
    expect(await ask(unitCheck, '[ "$1 $2" = "is-active multi-user.target" ] && echo active')).toEqual({
      name: 'system',
      healthy: true,
      detail: 'active',
    });
    expect(await ask(unitCheck, 'echo failed; exit 3')).toMatchObject({ healthy: false, detail: 'failed' });
  });

  test('then a systemd that is not there is no health', async () => {
    const result = await healthChecks(['/nonexistent/systemctl']).run(unitCheck, LONG);
    expect(result.healthy).toBe(false);
  });
});

describe('when a command is asked', () => {
  test('then its exit code is the answer', async () => {
    expect(await ask(command('exit 0'))).toEqual({ name: 'modem', healthy: true, detail: 'exit 0' });
    expect(await ask(command('exit 7'))).toMatchObject({ healthy: false, detail: 'exit 7' });
    expect(await ask(command('kill -9 $$'))).toMatchObject({ healthy: false });
  });

  test('then one that hangs is killed with everything that it started', async () => {
    const born = join(temporaryDirectory(), 'born');
    const result = await ask(command(`sh -c 'echo $$ > ${born}; exec sleep 600' & wait`, 300));
    expect(result).toMatchObject({ healthy: false, detail: 'timed-out' });
    const child = Number(readFileSync(born, 'utf8'));
    await until('its child is gone', () => !existsSync(`/proc/${child}/exe`) || undefined);
  });

  test('then it ends when the agent does', async () => {
    const stop = new AbortController();
    const asking = ask(command('sleep 60', 60_000), 'exit 0', stop.signal);
    stop.abort();
    expect(await asking).toMatchObject({ healthy: false });
  });

  test('then one that speaks without end is answered all the same', async () => {
    expect(await ask(command('yes | head -c 3000000; exit 0'))).toMatchObject({ healthy: true });
  });
});

describe('when a URL is asked', () => {
  test.each([
    [200, true],
    [204, true],
    [404, false],
    [500, false],
  ])('then %i is %s', async (status, healthy) => {
    const origin = await httpOrigin((_request, response) => void response.writeHead(status).end());
    expect(await ask(http(`${origin.url}/healthz`))).toEqual({ name: 'api', healthy, detail: `HTTP ${status}` });
  });

  test('then silence and absence are no health', async () => {
    const origin = await httpOrigin(() => undefined);
    expect((await ask(http(origin.url, 100))).healthy).toBe(false);
    expect((await ask(http('http://127.0.0.1:1'))).healthy).toBe(false);
  });
});

describe('when a reboot is asked for', () => {
  test('then systemd is told', async () => {
    const said = join(temporaryDirectory(), 'said');
    await systemctl([script(`echo "$@" > ${said}`)]).reboot();
    expect(readFileSync(said, 'utf8')).toBe('reboot\n');
  });

  test('then a refusal and an absence are failures by name', async () => {
    await expect(systemctl([script('exit 1')]).reboot()).rejects.toMatchObject({ code: 'reboot-refused' });
    await expect(systemctl(['/nonexistent']).reboot()).rejects.toMatchObject({ code: 'command-missing' });
  });
});
