// The configuration: what may be left out, and how everything wrong is named at once.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig, parseConfig, startController } from '../src/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'seatrial-config-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const SMALLEST = `
stateDirectory: state
git: { repository: fleet }
signing: { keyFile: key.pem }
`;

describe('when a configuration is read', () => {
  test('then everything that is left out has a default, and paths are relative to the file', async () => {
    const file = join(directory, 'controller.yaml');
    writeFileSync(file, SMALLEST);
    expect(await loadConfig(file)).toMatchObject({
      stateDirectory: join(directory, 'state'),
      git: { repository: join(directory, 'fleet'), branch: 'main', directory: '', poll: 30_000 },
      audit: { branch: 'seatrial/audit' },
      broker: { listen: { host: '127.0.0.1', port: 1883 } },
      http: { listen: { host: '127.0.0.1', port: 8470 } },
      signing: { keyFile: join(directory, 'key.pem') },
      boards: { unreachableAfter: 900_000, planLifetime: 604_800_000, requireSignatures: false },
    });
  });

  test('then GitHub has defaults too, and its files are relative to the file', async () => {
    const file = join(directory, 'github.yaml');
    const github =
      'github: { repository: acme/fleets, app: { id: 7, privateKeyFile: app.pem }, webhook: { secretFile: hook } }';
    writeFileSync(file, `${SMALLEST}\n${github}\n`);
    expect((await loadConfig(file)).github).toMatchObject({
      baseUrl: 'https://api.github.com',
      app: { id: 7, privateKeyFile: join(directory, 'app.pem') },
      webhook: { secretFile: join(directory, 'hook'), path: '/webhooks/github' },
      poll: 60_000,
    });
  });

  test('then a URL stays one', async () => {
    const file = join(directory, 'url.yaml');
    writeFileSync(file, SMALLEST.replace('fleet', '"git@example.com:fleet.git"'));
    expect((await loadConfig(file)).git.repository).toBe('git@example.com:fleet.git');
  });

  test.each([
    ['an unknown member', 'stateDirectory: s\ngit: { repository: f }\nsigning: { keyFile: k }\nextra: 1'],
    ['a missing member', 'stateDirectory: s\ngit: { repository: f }'],
    ['a wrong duration', 'stateDirectory: s\ngit: { repository: f, poll: often }\nsigning: { keyFile: k }'],
    [
      'an option in place of a repository',
      'stateDirectory: s\ngit: { repository: "--upload-pack=x" }\nsigning: { keyFile: k }',
    ],
    [
      'an option in place of a branch',
      'stateDirectory: s\ngit: { repository: f, branch: "--x" }\nsigning: { keyFile: k }',
    ],
    [
      'a broker with a password in its URL',
      'stateDirectory: s\ngit: { repository: f }\nsigning: { keyFile: k }\nbroker: { url: "mqtt://ada:secret@host" }',
    ],
    ['neither app nor token', `${SMALLEST}\ngithub: { repository: acme/fleets }`],
    [
      'app and token',
      `${SMALLEST}\ngithub: { repository: acme/fleets, app: { id: 1, privateKeyFile: k }, tokenFile: t }`,
    ],
    ['a repository that is none', `${SMALLEST}\ngithub: { repository: "acme/../x", tokenFile: t }`],
    [
      'a token that would travel in clear text',
      `${SMALLEST}\ngithub: { repository: acme/fleets, tokenFile: t, baseUrl: "http://github.example.com/api/v3" }`,
    ],
    [
      'credentials in the address of GitHub',
      `${SMALLEST}\ngithub: { repository: acme/fleets, tokenFile: t, baseUrl: "https://a:b@github.example.com" }`,
    ],
    [
      'a webhook at an address of the API',
      `${SMALLEST}\ngithub: { repository: acme/fleets, tokenFile: t, webhook: { secretFile: s, path: /api/v1/status } }`,
    ],
    ['snapshots over the fleet', `${SMALLEST}\nsnapshot: { branch: main }`],
    ['snapshots over the audit branch', `${SMALLEST}\nsnapshot: { branch: seatrial/audit }`],
    ['no YAML', 'a: [1'],
    ['nothing', ''],
  ])('with %s, then it is refused', (_what, text) => {
    expect(() => parseConfig(text, 'controller.yaml')).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  });

  test('then all that is wrong is told at once', () => {
    expect(() => parseConfig('stateDirectory: 1\ngit: {}\nsigning: { keyFile: 2 }', 'c.yaml')).toThrow(
      /stateDirectory.*git\.repository.*signing\.keyFile/,
    );
  });

  test('and there is none, then that is named', async () => {
    await expect(loadConfig(join(directory, 'missing.yaml'))).rejects.toMatchObject({ code: 'config-unreadable' });
  });
});

describe('when the controller can not start', () => {
  const input = {
    stateDirectory: join(directory, 'state'),
    git: { repository: directory },
    broker: { listen: { port: 0 } },
  };

  test.each([
    ['there is no key', 'missing.pem', ''],
    ['the key is no key', 'text.pem', 'secret text'],
  ])('because %s, then that is named and no secret is', async (_why, name, text) => {
    const keyFile = join(directory, name);
    if (text !== '') writeFileSync(keyFile, text);
    await expect(startController({ ...input, signing: { keyFile } })).rejects.toMatchObject({
      code: 'key-unreadable',
      message: expect.not.stringContaining('secret'),
    });
  });

  test('because its configuration is wrong, then that is named', async () => {
    await expect(startController({ ...input, signing: { keyFile: '' } })).rejects.toMatchObject({
      code: 'config-invalid',
    });
  });
});
