// The configuration: its defaults, and every mistake with its place.

import { describe, expect, test } from 'vitest';
import { parseInterval } from '../../src/domain/config.ts';
import { parseAgentConfig } from '../../src/domain/parse-config.ts';
import { need } from '../world/values.ts';

const parse = (text: string) => parseAgentConfig(text, 'agent.yaml');
const issuesOf = (text: string) => {
  const parsed = parse(text);
  return parsed.ok ? [] : parsed.error.map(({ code, line, column }) => ({ code, line, column }));
};

describe('when a configuration is in order', () => {
  test('then a device alone is enough, and everything else has its default', () => {
    const parsed = parse('device: bench-1\n');
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        device: 'bench-1',
        root: '/',
        trustRoot: '/var/lib/seatrial/root.json',
        paths: { state: '/var/lib/seatrial', run: '/run/seatrial' },
        commands: { ostree: ['ostree'], blessBoot: ['/usr/lib/systemd/systemd-bless-boot'] },
        intervals: { poll: 30_000, heartbeat: 900_000 },
        board: { espMountPoint: '/boot' },
        clockOffsetMs: 0,
      },
    });
  });

  test('then it may be JSON as well, and intervals go down to milliseconds', () => {
    const text = JSON.stringify({
      device: 'bench-1',
      root: '/tmp/board',
      broker: { urls: ['mqtts://broker.example.com:8883'], tls: { ca: '/etc/ca.pem' }, keepAlive: '10s' },
      intervals: { poll: '250ms' },
      commands: { ostree: ['/usr/bin/env', 'ostree'] },
    });
    const parsed = parse(text);
    expect(parsed).toMatchObject({ ok: true, value: { intervals: { poll: 250 }, broker: { keepAlive: 10_000 } } });
  });

  test.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['2h', 7_200_000],
    ['soon', undefined],
    ['5', undefined],
  ])('then the interval %s is %s', (text, expected) => {
    expect(parseInterval(text)).toBe(expected);
  });
});

describe('when a configuration is not in order', () => {
  test.each([
    ['an unknown field', 'device: bench-1\nbrokers: []\n', { code: 'unknown-key', line: 2, column: 1 }],
    ['a missing device', 'root: /\n', { code: 'missing-field', line: 1, column: 1 }],
    ['a relative path', 'device: bench-1\nroot: tmp\n', { code: 'wrong-value', line: 2, column: 7 }],
    [
      'an interval without a unit',
      'device: a\nintervals: { poll: 30 }\n',
      { code: 'unquoted-text', line: 2, column: 20 },
    ],
    ['a broker that is none', 'device: a\nbroker:\n  urls: [http://x]\n', { code: 'wrong-value', line: 3, column: 10 }],
    ['an id with a blank', 'device: a b\n', { code: 'wrong-value', line: 1, column: 9 }],
    ['a list', '- device: a\n', { code: 'wrong-type', line: 1, column: 1 }],
    ['two documents', 'device: a\n---\ndevice: b\n', { code: 'not-a-document', line: 1, column: 1 }],
    ['nothing', '', { code: 'not-a-document', line: 1, column: 1 }],
    ['a tab', 'device: a\nbroker:\n\turls: []\n', { code: 'tab-indentation', line: 3 }],
  ])('then %s is shown where it stands', (_name, text, expected) => {
    expect(need(issuesOf(text)[0])).toMatchObject(expected);
  });

  test('then all mistakes are shown at once', () => {
    expect(issuesOf('device: a b\nroot: tmp\nnonsense: 1\n')).toHaveLength(3);
  });
});
