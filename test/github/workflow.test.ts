// The workflow that people copy into their fleet repository: its own commands, run as a runner runs them.

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { filesOf, type WrittenFleet } from '@seatrial/controller/test-lab';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';

// A machine that does much else at the same time is slow, and not wrong.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const HOUSE = join(import.meta.dirname, '../..');
const WORKFLOW = join(HOUSE, 'fleets/.github/workflows/seatrial.yml');

interface Workflow {
  readonly on: unknown;
  readonly permissions: unknown;
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: {
    readonly review: {
      readonly steps: readonly { readonly name?: string; readonly run?: string; readonly uses?: string }[];
    };
  };
}

const workflow = parse(readFileSync(WORKFLOW, 'utf8')) as Workflow;
let folder = '';
const at = (...path: readonly string[]) => join(folder, ...path);
const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: at('clone'), encoding: 'utf8' }).trim();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seatrial-workflow-'));
  for (const name of ['clone', 'bin', 'temp']) mkdirSync(at(name));
  writeFileSync(at('bin', 'seatrial'), `#!/bin/sh\nexec "${HOUSE}/node_modules/.bin/seatrial" "$@"\n`);
  chmodSync(at('bin', 'seatrial'), 0o755);
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Ada');
  git('config', 'user.email', 'ada@example.com');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function commit(files: ReadonlyMap<string, string>, message: string): void {
  for (const [path, text] of files) {
    mkdirSync(at('clone', path, '..'), { recursive: true });
    writeFileSync(at('clone', path), text);
  }
  git('add', '--all');
  git('commit', '--quiet', '-m', message);
}

/** As actions/checkout leaves it: on the merge commit, with all branches of the remote. */
function checkOut(base: WrittenFleet, changes: ReadonlyMap<string, string>): void {
  commit(filesOf(base), 'The base');
  git('checkout', '--quiet', '-b', 'change');
  commit(changes, 'The change');
  git('checkout', '--quiet', '--detach', 'main');
  git('merge', '--quiet', '--no-ff', '-m', 'Merge', 'change');
  const snapshot = gzipSync(
    JSON.stringify({ schema: 1, takenAtMs: Date.now(), gitCommit: git('rev-parse', 'main'), devices: [] }),
  );
  writeFileSync(at('temp', 'observed.json.gz'), snapshot);
  const blob = git('hash-object', '-w', at('temp', 'observed.json.gz'));
  const tree = execFileSync('git', ['mktree'], {
    cwd: at('clone'),
    input: `100644 blob ${blob}\tobserved.json.gz\n`,
    encoding: 'utf8',
  }).trim();
  git('update-ref', 'refs/remotes/origin/seatrial/observed', git('commit-tree', tree, '-m', 'What the boards report'));
}

/** The steps after the installation; each as `bash -e` with pipefail, until one fails, and then those that run all the same. */
function run() {
  const steps = workflow.jobs.review.steps.filter(
    ({ run: script, name }) => script !== undefined && name !== 'Install Seatrial',
  );
  const summary = at('temp', 'summary.md');
  writeFileSync(summary, '');
  const results = steps.map(({ name = '', run: script = '' }) => {
    const env = {
      ...process.env,
      ...workflow.env,
      PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`,
      RUNNER_TEMP: at('temp'),
      GITHUB_STEP_SUMMARY: summary,
      XDG_CACHE_HOME: at('temp', 'cache'),
    };
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', script],
      { cwd: at('clone'), env, encoding: 'utf8' },
    );
    return { name, status, stdout, stderr };
  });
  return {
    results,
    statuses: Object.fromEntries(results.map(({ name, status }) => [name, status])),
    summary: readFileSync(summary, 'utf8'),
  };
}

const newer = filesOf({ release: 'r-2' });

test('when a change is sound, then every step succeeds and the summary says what boards would do', () => {
  checkOut({ release: 'r-1' }, newer);
  const { statuses, summary } = run();
  expect(new Set(Object.values(statuses))).toEqual(new Set([0]));
  expect(summary).toContain('field');
});

test('when YAML has errors, then the run fails and the lines are annotated, and what a stranger wrote stays text', () => {
  const name = JSON.stringify('x\n::set-output name=a::b\n::error::owned %0A::stop-commands::y');
  const evil = `apiVersion: seatrial.dev/v1alpha1\nkind: DeviceList\nmetadata: { name: ${name} }\nspec: { board: evk, ${name}: 1, devices: [] }\n`;
  const dangling = (newer.get('field/fleet.yaml') ?? '').replace('r-2', 'r-9');
  checkOut(
    { release: 'r-1' },
    new Map([
      ['evil/devices.yaml', evil],
      ['field/fleet.yaml', dangling],
    ]),
  );
  const { results, statuses, summary } = run();
  expect(statuses).toMatchObject({ Review: 0, Annotate: 0, Validate: 1, 'Hold to the policy': 1 });
  expect(summary).toContain('errors');
  const lines =
    results
      .find(step => step.name === 'Annotate')
      ?.stdout.trim()
      .split('\n') ?? [];
  const files = lines.map(
    line => /^::(?:error|warning|notice) file=([^,:]*),line=\d+,endLine=\d+,title=[^:,]*::/.exec(line)?.[1],
  );
  expect(new Set(files)).toEqual(new Set(['evil/devices.yaml', 'field/fleet.yaml']));
});

test('when it is read, then it asks for nothing but to read, and puts no word of a pull request into a script', () => {
  expect(workflow.permissions).toEqual({ contents: 'read' });
  expect(workflow.on).toBe('pull_request');
  const { steps } = workflow.jobs.review;
  for (const { run: script = '', uses = '@'.padEnd(41, '0') } of steps) {
    expect(script).not.toContain('${{');
    expect(uses).toMatch(/@[0-9a-f]{40}$/);
  }
});
