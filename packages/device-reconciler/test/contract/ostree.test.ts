// One suite for OSTree, held against the fake and against the real command over a real sysroot and repository.

import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EntryName, formatEntryName, type Progress } from '@seatrial/capsule-plan';
import type { BytesPerSecond, OstreeCommit } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { boardRoot } from '../../src/adapters/board-root.ts';
import { loaderDirectory } from '../../src/adapters/loader-directory.ts';
import { countsBoots, ostreeCommand } from '../../src/adapters/ostree-command.ts';
import { parseKeyFile } from '../../src/adapters/ostree-config.ts';
import type { LoaderEntries } from '../../src/ports/loader-entries.ts';
import type { Ostree } from '../../src/ports/ostree.ts';
import { temporaryDirectory } from '../world/directories.ts';
import { FakeBoot } from '../world/fake-boot.ts';
import { FakeTimer } from '../world/fake-surroundings.ts';
import { directoryOf, httpOrigin } from '../world/http-origin.ts';
import { Power } from '../world/power.ts';
import { entryNames, laboratory, powerOn, REF, REMOTE, STATEROOT } from '../world/real-sysroot.ts';
import { commit, NEW_OS, need, OLD_OS } from '../world/values.ts';

const lab = laboratory();
/** Long enough for a machine that is busy with other things. */
const STALL_MS = 20_000;
const background = { onProgress: () => undefined, signal: new AbortController().signal };

interface Subject {
  readonly ostree: Ostree;
  readonly entries: LoaderEntries;
  readonly old: OstreeCommit;
  readonly fresh: OstreeCommit;
  readonly third: OstreeCommit;
}

function inMemory(): Subject {
  const boot = new FakeBoot(new Power());
  const third = commit('c');
  boot.deployed = [{ commit: OLD_OS, serial: 0, stateroot: STATEROOT, entry: { id: 'ostree-1-lab' } }];
  boot.booted = { commit: OLD_OS, serial: 0 };
  for (const one of [NEW_OS, third]) boot.remote.add(one);
  boot.repository.add(OLD_OS);
  return { ostree: boot, entries: boot, old: OLD_OS, fresh: NEW_OS, third };
}

function real({
  timer = new FakeTimer(),
  stallMs = STALL_MS,
} = {}): Subject & { readonly root: string; readonly repository: string } {
  const { repository, first: old, later, copyTo } = lab();
  const root = join(temporaryDirectory(), 'root');
  copyTo(root);
  const [fresh, third] = later;
  const paths = boardRoot(root);
  const entries = loaderDirectory(paths);
  const ostree = ostreeCommand({
    root: paths,
    command: ['ostree'],
    loaderEntries: entries,
    runDirectory: paths('run/seatrial'),
    stallMs,
    timer,
  });
  return { ostree, entries, old, fresh: need(fresh), third: need(third), root, repository: repository.path };
}

const source = (wanted: OstreeCommit, url?: string) => ({
  remote: REMOTE,
  ref: REF,
  commit: wanted,
  ...(url === undefined ? {} : { url }),
});

const tries = (entry: EntryName | undefined) => need(entry).triesLeft;

describe.each<[string, () => Subject]>([
  ['in memory', inMemory],
  ['real', () => real()],
])('when OSTree is %s', (_name, make) => {
  test('then a board that was just set up runs its one deployment', async () => {
    const { ostree, old } = make();
    const [only, ...others] = await ostree.deployments();
    expect(only).toMatchObject({ commit: old, serial: 0, index: 0, booted: true, staged: false, stateroot: STATEROOT });
    expect(others).toEqual([]);
    expect(await ostree.countsBoots()).toBe(false);
  });

  test('then a commit is there when it was pulled, and may be pulled again', async () => {
    const { ostree, fresh } = make();
    expect(await ostree.hasCommit(fresh)).toBe(false);
    await ostree.pull(source(fresh), background);
    await ostree.pull(source(fresh), background);
    expect(await ostree.hasCommit(fresh)).toBe(true);
  });

  test('then a new deployment stands in front, and the running one still runs', async () => {
    const { ostree, old, fresh } = make();
    await ostree.deployments();
    await ostree.pull(source(fresh), background);
    await ostree.deploy(fresh, STATEROOT);
    expect(await ostree.deployments()).toMatchObject([
      { commit: fresh, index: 0, booted: false, entry: { id: 'ostree-2-lab' } },
      { commit: old, index: 1, booted: true, entry: { id: 'ostree-1-lab' } },
    ]);
  });

  test('then the counters of other entries outlive a deployment and its removal', async () => {
    const { ostree, entries, fresh, third } = make();
    await ostree.deployments();
    await ostree.pull(source(fresh), background);
    await ostree.deploy(fresh, STATEROOT);
    await entries.rename({ id: 'ostree-2-lab' }, { id: 'ostree-2-lab', triesLeft: 0, triesDone: 3 });
    await ostree.pull(source(third), background);
    await ostree.deploy(third, STATEROOT);
    expect((await ostree.deployments()).map(({ entry }) => tries(entry))).toEqual([undefined, 0, undefined]);
    await ostree.undeploy({ commit: third, serial: 0 });
    expect((await ostree.deployments()).map(({ entry }) => tries(entry))).toEqual([0, undefined]);
  });

  test('then one commit may be deployed twice, and the two are told apart', async () => {
    const { ostree, old } = make();
    await ostree.deployments();
    await ostree.deploy(old, STATEROOT);
    expect(await ostree.deployments()).toMatchObject([
      { commit: old, serial: 1, booted: false },
      { commit: old, serial: 0, booted: true },
    ]);
    await ostree.undeploy({ commit: old, serial: 1 });
    expect(await ostree.deployments()).toMatchObject([{ commit: old, serial: 0, booted: true }]);
  });

  test('then the running deployment is never removed, and one that is not there is a failure by name', async () => {
    const { ostree, old, fresh } = make();
    await expect(ostree.undeploy({ commit: old, serial: 0 })).rejects.toMatchObject({ code: 'deployment-booted' });
    await expect(ostree.undeploy({ commit: fresh, serial: 0 })).rejects.toMatchObject({ code: 'deployment-missing' });
  });

  test('then a commit that was not pulled can not be deployed', async () => {
    const { ostree, fresh } = make();
    await expect(ostree.deploy(fresh, STATEROOT)).rejects.toMatchObject({ code: 'ostree-failed' });
    expect(await ostree.deployments()).toHaveLength(1);
  });
});

describe('when a commit comes over HTTP', () => {
  test('then it keeps to its rate, tells how far it is, and may come from another place than the remote', async () => {
    const timer = new FakeTimer();
    const { ostree, fresh, repository } = real({ timer });
    const origin = await httpOrigin(directoryOf(repository));
    const told: Progress[] = [];
    await ostree.pull(source(fresh, origin.url), {
      ...background,
      maxRate: 500 as BytesPerSecond,
      onProgress: progress => told.push(progress),
    });
    expect(await ostree.hasCommit(fresh)).toBe(true);
    expect(told.at(-1)?.done).toBeGreaterThan(500);
    expect(timer.elapsedMs).toBeGreaterThan(0);
  });

  test('then a server that vanishes in the midst is unreachable, what arrived stays, and the next pull goes on', async () => {
    const { ostree, fresh, repository } = real();
    const origin = await httpOrigin((request, response) => {
      if (/\.filez$/.test(request.url ?? '')) response.writeHead(503).end();
      else directoryOf(repository)(request, response);
    });
    await expect(ostree.pull(source(fresh, origin.url), background)).rejects.toMatchObject({
      code: 'pull-unreachable',
    });
    expect(await ostree.hasCommit(fresh)).toBe(false);
    origin.answer = directoryOf(repository);
    origin.asked.length = 0;
    await ostree.pull(source(fresh, origin.url), background);
    expect(await ostree.hasCommit(fresh)).toBe(true);
    expect(origin.asked.filter(path => path.endsWith('.dirtree'))).toEqual([]);
  });

  test('then nobody there is unreachable', async () => {
    const { ostree, fresh } = real();
    await expect(ostree.pull(source(fresh, 'http://127.0.0.1:1'), background)).rejects.toMatchObject({
      code: 'pull-unreachable',
    });
  });

  test('then a commit that the server does not have is named so', async () => {
    const { ostree, repository } = real();
    const origin = await httpOrigin(directoryOf(repository));
    await expect(ostree.pull(source(commit('f'), origin.url), background)).rejects.toMatchObject({
      code: 'pull-incomplete',
    });
  });

  test('then objects with wrong bytes are not taken', async () => {
    const { ostree, fresh, repository } = real();
    const origin = await httpOrigin((request, response) => {
      if (/\.commit$/.test(request.url ?? '')) response.writeHead(200).end(Buffer.alloc(200, 1));
      else directoryOf(repository)(request, response);
    });
    await expect(ostree.pull(source(fresh, origin.url), background)).rejects.toMatchObject({ code: 'ostree-failed' });
    expect(await ostree.hasCommit(fresh)).toBe(false);
  });

  test('then a server that falls silent is left', async () => {
    const { ostree, fresh } = real({ stallMs: 200 });
    const origin = await httpOrigin(() => undefined);
    await expect(ostree.pull(source(fresh, origin.url), background)).rejects.toMatchObject({ code: 'pull-stalled' });
  });

  test('then a pull ends when it is told to', async () => {
    const { ostree, fresh } = real();
    const stop = new AbortController();
    const origin = await httpOrigin(() => stop.abort());
    const pulling = ostree.pull(source(fresh, origin.url), { ...background, signal: stop.signal });
    await expect(pulling).rejects.toMatchObject({ code: 'interrupted' });
  });

  test('then a remote that the board does not have is named', async () => {
    const { ostree, fresh } = real();
    await expect(ostree.pull({ ...source(fresh), remote: 'nobody' }, background)).rejects.toMatchObject({
      code: 'ostree-remote-unknown',
    });
  });
});

describe('when a board is seen as it booted', () => {
  test('then the running deployment is known although the links were renumbered, also to an agent that starts later', async () => {
    const { ostree, old, fresh, third, root } = real();
    await ostree.deployments();
    for (const one of [fresh, third]) {
      await ostree.pull(source(one), background);
      await ostree.deploy(one, STATEROOT);
    }
    const paths = boardRoot(root);
    const later = ostreeCommand({
      root: paths,
      command: ['ostree'],
      loaderEntries: loaderDirectory(paths),
      runDirectory: paths('run/seatrial'),
      stallMs: STALL_MS,
      timer: new FakeTimer(),
    });
    for (const agent of [ostree, later]) {
      expect((await agent.deployments()).filter(({ booted }) => booted).map(one => one.commit)).toEqual([old]);
    }
  });

  test('then a new boot is looked at anew', async () => {
    const { ostree, fresh, root } = real();
    await ostree.deployments();
    await ostree.pull(source(fresh), background);
    await ostree.deploy(fresh, STATEROOT);
    powerOn(root, 2, fresh);
    expect((await ostree.deployments()).map(({ booted }) => booted)).toEqual([true, false]);
  });

  test('then an entry that leads nowhere stops a removal, which counts entries', async () => {
    const { ostree, fresh, root } = real();
    await ostree.deployments();
    await ostree.pull(source(fresh), background);
    await ostree.deploy(fresh, STATEROOT);
    writeFileSync(
      join(root, 'boot/loader/entries/ostree-9-lab.conf'),
      'version 9\noptions ostree=/ostree/boot.0/lab/x/0\n',
    );
    await expect(ostree.undeploy({ commit: fresh, serial: 0 })).rejects.toMatchObject({ code: 'ostree-failed' });
  });

  test('then a loader directory that is no link is read as well', async () => {
    const { ostree, root, old } = real();
    rmSync(join(root, 'boot/loader'));
    renameSync(join(root, 'boot/loader.1'), join(root, 'boot/loader'));
    expect((await ostree.deployments()).map(one => one.commit)).toEqual([old]);
    expect(entryNames(root)).toEqual([formatEntryName({ id: 'ostree-1-lab' })]);
  });
});

describe('when it is asked whether libostree counts boots', () => {
  test.each([
    ["libostree:\n Version: '2022.7'\n", false],
    ["libostree:\n Version: '2025.2'\n", false],
    ["libostree:\n Version: '2025.3'\n", true],
    ["libostree:\n Version: '2026.1'\n", true],
    ['nonsense', false],
  ])('then %j says %s', (version, expected) => {
    expect(countsBoots(version)).toBe(expected);
  });

  test('then the configuration must ask for it', async () => {
    const { ostree, root } = real();
    writeFileSync(
      join(root, 'ostree/repo/config'),
      '[core]\nrepo_version=1\nmode=bare\n[sysroot]\nboot-counting-tries=3\n',
    );
    // Debian's 2022.7 would ignore the option.
    expect(await ostree.countsBoots()).toBe(false);
  });

  test('then key files are read with their comments and blanks', () => {
    const sections = parseKeyFile('# c\n[remote "a b"]\nurl = http://x/y?z=1 \n\n#url=no\n[core]\nmode=bare\n');
    expect(sections.get('remote "a b"')?.get('url')).toBe('http://x/y?z=1');
    expect(sections.get('core')?.get('mode')).toBe('bare');
  });

  test('then a remote may stand in remotes.d', async () => {
    const { ostree, root, fresh, repository } = real();
    mkdirSync(join(root, 'etc/ostree/remotes.d'), { recursive: true });
    writeFileSync(
      join(root, 'etc/ostree/remotes.d/x.conf'),
      `[remote "other"]\nurl=file://${repository}\ngpg-verify=false\n`,
    );
    symlinkSync('x.conf', join(root, 'etc/ostree/remotes.d/y.conf'));
    // It is found; the command itself reads remotes.d of the running system only.
    await expect(ostree.pull({ ...source(fresh), remote: 'other' }, background)).rejects.toMatchObject({
      code: 'ostree-failed',
    });
  });
});
