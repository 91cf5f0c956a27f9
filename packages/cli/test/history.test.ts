import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@seatrial/controller/test-lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ran, runCli } from './support/run-cli.ts';
import { startTestController, type TestController } from './support/running-controller.ts';
import { emptyDirectory, fleetCopy } from './support/workspace.ts';

let controller: TestController;
beforeAll(async () => {
  controller = await startTestController();
});
afterAll(async () => {
  await controller.stop();
});

const git = (directory: string, ...words: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {
    cwd: directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();

/** As a user whose cache is empty unless it is given. */
const read = (words: readonly string[], cache = emptyDirectory()): Promise<Ran> =>
  runCli([...words, '--repository', controller.repository], { env: { XDG_CACHE_HOME: cache } });

const rolloutIsStarted = () =>
  eventually(
    () => read(['log', '-o', 'json', '--fleet', 'harbour']),
    ({ out }) => out.includes('rollout-started'),
  );

interface Logged {
  readonly head: string;
  readonly decisions: readonly {
    readonly atMs: number;
    readonly decision: { readonly kind: string; readonly by?: string };
  }[];
}
const logged = ({ out }: Ran): Logged => JSON.parse(out) as Logged; // the command's own JSON

describe('when decisions were made', () => {
  test('then the log tells what, when, who and why, newest first, and filters', async () => {
    await rolloutIsStarted();
    const order = ['rollout', 'pause', 'harbour', '--reason', 'storm is coming', '--by', 'ada@example.com'];
    const address = ['--server', controller.url, '--token-file', controller.tokenFile];
    await eventually(
      () => runCli([...order, ...address]),
      ({ code }) => code === 0,
    );
    const text = await eventually(
      () => read(['log', '--fleet', 'harbour']),
      ({ out }) => out.includes('storm is coming'),
    );
    expect(text.out).toMatch(/^\S+ \S+Z {2}Pause harbour-r1 .*ada@example\.com$/m);
    const { decisions, head } = logged(await read(['log', '-o', 'json']));
    expect(head).toBe(git(controller.repository, 'rev-parse', 'seatrial/audit'));
    expect(decisions).toHaveLength(Number(git(controller.repository, 'rev-list', '--count', 'seatrial/audit')));
    expect(decisions[0]?.decision).toMatchObject({ kind: 'rollout-paused', by: 'ada@example.com' });
    expect(logged(await read(['log', '-o', 'json', '-n', '1'])).decisions).toEqual(decisions.slice(0, 1));
    expect(logged(await read(['log', '-o', 'json', '--since', '7d'])).decisions).toEqual(decisions);
  });

  test('then a filter that lets nothing through ends with 1', async () => {
    await rolloutIsStarted();
    expect(await read(['log', '--device', 'tug-05'])).toEqual({ code: 1, out: '', err: '' });
    expect((await read(['log', '--since', '2099-01-01'])).code).toBe(1);
  });

  test('then blame names the lines in git, the commits that wrote them, and the rollout', async () => {
    await rolloutIsStarted();
    const { code, out } = await read(['blame', 'tug-01', '-o', 'json']);
    expect(code).toBe(0);
    const first = git(controller.repository, 'rev-list', '--max-parents=0', 'main');
    expect(JSON.parse(out)).toMatchObject({
      device: 'tug-01',
      target: { fleet: 'harbour', release: 'tug-2', pinned: false },
      fleet: { says: 'release: tug-2', file: 'harbour.yaml', origin: { commit: first, subject: 'A fleet' } },
      release: { file: 'tug-2.yaml' },
      rollout: { id: 'harbour-r1' },
      turn: { cohort: 4 },
      decisions: expect.arrayContaining([
        expect.objectContaining({ decision: expect.objectContaining({ kind: 'rollout-started' }) }),
      ]),
    });
    const people = await read(['blame', 'tug-01']);
    expect(people.out).toMatch(/^tug-01 is to run tug-2 with fleet harbour$/m);
    expect(people.out).toMatch(/^fleet +release: tug-2 +harbour\.yaml:\d+ /m);
  });

  test('then a later commit is blamed for the line that it changed, and for no other', async () => {
    await rolloutIsStarted();
    const file = join(controller.repository, 'harbour.yaml');
    const text = readFileSync(file, 'utf8').replace('pin: tug-1', 'pin: tug-2');
    controller.commit('harbour.yaml', text, 'Move the pin');
    const { out } = await read(['blame', 'tug-04', '-o', 'json']);
    expect(JSON.parse(out)).toMatchObject({
      target: { pinned: true, release: 'tug-2' },
      pin: { says: 'pin: tug-2', origin: { subject: 'Move the pin' } },
      release: { origin: { subject: 'A fleet' } },
    });
  });
});

describe('when history was rewritten after it had been read', () => {
  test('then it is refused, each time, until somebody says that it is known', async () => {
    await rolloutIsStarted();
    const copy = join(emptyDirectory(), 'copy');
    git('/', 'clone', '--quiet', '--mirror', controller.repository, copy);
    const cache = emptyDirectory();
    const look = (...more: string[]) =>
      runCli(['log', '--repository', copy, '-o', 'json', ...more], { env: { XDG_CACHE_HOME: cache } });
    expect((await look()).code).toBe(0);
    const tree = git(copy, 'rev-parse', 'seatrial/audit^{tree}');
    git(copy, 'update-ref', 'refs/heads/seatrial/audit', git(copy, 'commit-tree', tree, '-m', 'Nothing happened'));
    for (let time = 0; time < 2; time += 1) {
      const refused = await look();
      expect(refused.code).toBe(2);
      expect(JSON.parse(refused.err)).toMatchObject({ error: { code: 'audit-rewritten' } });
    }
    expect((await look('--accept-rewritten')).code).toBe(1);
    expect((await look()).code).toBe(1);
  });
});

describe('when git can not tell', () => {
  const committedFleet = (): string => {
    const fleet = fleetCopy();
    git(fleet, 'init', '-q', '-b', 'main');
    git(fleet, 'add', '.');
    git(fleet, 'commit', '-q', '-m', 'A fleet');
    return fleet;
  };
  const failureOf = async (argv: readonly string[], cwd?: string) => {
    const { code, out, err } = await runCli([...argv, '-o', 'json'], {
      env: { XDG_CACHE_HOME: emptyDirectory() },
      ...(cwd !== undefined && { cwd }),
    });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    return (JSON.parse(err) as { error: { code: string } }).error.code;
  };

  test('then the reason has a code', async () => {
    const fleet = committedFleet();
    expect(await failureOf(['log'], emptyDirectory())).toBe('repository-unknown');
    expect(await failureOf(['log'], fleet)).toBe('audit-missing');
    expect(await failureOf(['log', '--since', 'yesteryear'], fleet)).toBe('usage');
    expect(await failureOf(['log', '--repository', '/nowhere'])).toBe('git-repository-missing');
    expect(await failureOf(['blame', 'tug-77'], fleet)).toBe('name-unknown');
    expect(await failureOf(['blame', 'tug-01', '--branch', 'other'], fleet)).toBe('git-branch-missing');
  });

  test('then blame does without decisions that nobody has made', async () => {
    const fleet = committedFleet();
    const { code, out } = await runCli(['blame', 'tug-01'], { cwd: fleet, env: { XDG_CACHE_HOME: emptyDirectory() } });
    expect(code).toBe(0);
    expect(out).toContain('Nothing was decided');
  });
});
