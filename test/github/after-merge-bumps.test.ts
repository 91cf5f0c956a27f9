// The way forward on GitHub: a real OSTree repository moves, and a pull request with the newer release follows it.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@seatrial/controller/test-lab';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { need } from './github.ts';
import type { PullRequest } from './model/repository.ts';
import { ConsoleLab } from './support/console-lab.ts';

const HUBS = ['hub-1', 'hub-2', 'hub-3', 'hub-4'];

/** What a build does: a repository in archive mode, and an index of capsules beside it. */
class Build {
  readonly directory = mkdtempSync(join(tmpdir(), 'seatrial-build-'));
  readonly repo = join(this.directory, 'repo');
  readonly index = join(this.directory, 'capsules.json');

  constructor() {
    this.#ostree('init', '--mode=archive');
    this.publishCapsules();
  }

  /** Answers with the commit. */
  publish(version: string): string {
    const tree = join(this.directory, 'tree');
    mkdirSync(tree, { recursive: true });
    writeFileSync(join(tree, 'version'), version);
    const said = [
      `--add-metadata-string=version=${version}`,
      `--subject=Build ${version}`,
      '--body=<script>@everyone</script>',
    ];
    return this.#ostree('commit', '--branch=poky/evk', `--tree=dir=${tree}`, ...said);
  }

  publishCapsules(...versions: readonly string[]): void {
    const capsules = versions.map(version => ({
      name: 'firmware.cap',
      version,
      size: 4_096,
      sha256: 'd'.repeat(64),
      url: `https://artifacts.example.com/${version}/firmware.cap`,
      lowestSupported: '0.0.1.0',
    }));
    writeFileSync(this.index, JSON.stringify({ schema: 1, capsules }));
  }

  remove = (): void => rmSync(this.directory, { recursive: true, force: true });
  #ostree = (...args: readonly string[]): string =>
    execFileSync('ostree', [`--repo=${this.repo}`, ...args], { encoding: 'utf8' }).trim();
}

let build: Build;
let lab: ConsoleLab;
beforeEach(async () => {
  build = new Build();
  const sources = [
    { kind: 'ostree', remote: 'poky', location: build.repo } as const,
    { kind: 'capsules', board: 'evk', location: build.index } as const,
  ];
  lab = await ConsoleLab.open({ config: { artifacts: { sources, poll: '300ms' } }, github: { tell: '200ms' } });
  build.publish('2026.11');
  await lab.start();
  await lab.boot(...HUBS);
});
afterEach(async () => {
  await lab.close();
  build.remove();
});

const ours = (): readonly PullRequest[] =>
  lab.github.pullRequests().filter(({ author }) => author.login === 'seatrial[bot]');
const untilOurs = (isWanted: (pull: PullRequest) => boolean) =>
  eventually(() => ours().find(isWanted)).then(pull => need(pull, 'pull request'));
const audit = () => lab.github.repository.git.git(['log', '--format=%s', 'seatrial/audit']);
const at = (pull: PullRequest, path: string) => lab.github.fileAt(pull.head.sha, path);

test('when a ref moves, then one pull request follows it in place, is reviewed like any other, and merged it begins a rollout', async () => {
  const first = await untilOurs(({ title }) => title.includes('r-2026.11'));
  const newest = build.publish('2026.12');
  await untilOurs(({ title, number }) => title.includes('r-2026.12') && number === first.number);
  expect(await eventually(() => at(first, 'releases/r-2026.12.yaml').catch(() => ''), Boolean)).toContain(newest);
  expect(await at(first, 'releases/r-1.yaml')).toBe(await lab.github.fileAt('main', 'releases/r-1.yaml'));
  expect(first.body).toContain('`<script>@everyone</script>`');
  expect([...first.labels].sort()).toEqual(['bump', 'seatrial']);
  await lab.untilChecked(first);
  await lab.github.mergePullRequest(first);
  await eventually(
    () => lab.controller.office.rollouts()[0],
    rollout => rollout?.release === 'r-2026.12' && rollout.stage === 1,
  );
  expect(ours()).toHaveLength(1);
  expect(await eventually(audit, story => story.includes('Propose r-2026.12 for field'))).toContain(
    'Propose r-2026.11 for field',
  );
});

test('when both halves have something newer, then one release brings both; closed, it is not proposed again', async () => {
  build.publishCapsules('0.0.1.5', '0.0.1.9');
  const pull = await untilOurs(({ body }) => body?.includes('0.0.1.9') === true);
  const text = await eventually(
    () => at(pull, 'releases/r-2026.11.yaml'),
    release => release.includes('0.0.1.9'),
  );
  expect(text).toContain('https://artifacts.example.com/0.0.1.9/firmware.cap');
  await lab.untilChecked(pull);
  await lab.github.closePullRequest(pull);
  const asked = lab.github.requests('pulls/list').length;
  await eventually(() => lab.github.requests('pulls/list').length > asked + 4);
  expect(ours().map(({ state }) => state)).toEqual(['closed']);
});

test('when an index is spoilt, then that is named, and it is well again with the next good one', async () => {
  writeFileSync(build.index, '{"schema":1,"capsules":[{"name":"../../etc/passwd"}]}');
  const problems = () => lab.controller.office.status().problems.map(({ code, element }) => `${code} ${element}`);
  expect(await eventually(problems, all => all.length > 0)).toEqual([`artifact-malformed ${build.index}`]);
  build.publishCapsules('0.0.1.9');
  expect(await eventually(problems, all => all.length === 0)).toEqual([]);
  await untilOurs(({ body }) => body?.includes('0.0.1.9') === true);
});
