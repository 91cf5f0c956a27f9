// The fleet repository through real git: what changes on a branch, and what can go wrong with it.

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GitCommit, LIMITS } from '@seatrial/spec';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openMirror } from '../../src/adapters/git-command.ts';
import { gitRepository } from '../../src/adapters/git-repository.ts';
import { specValidator } from '../../src/adapters/spec-validator.ts';
import { PortError } from '../../src/errors.ts';
import type { FleetRepository } from '../../src/ports/fleet-repository.ts';
import { GitFleet } from '../support/git-fleet.ts';
import { filesOf } from '../support/written-fleet.ts';

let directory: string;
let fleet: GitFleet;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'seatrial-git-'));
  fleet = new GitFleet(join(directory, 'fleet'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = async (
  where: string = fleet.directory,
  changes: { branch?: string; directory?: string; timeoutMs?: number } = {},
): Promise<FleetRepository> => {
  const { timeoutMs = 20_000, ...branch } = changes;
  const git = await openMirror({ repository: where, mirror: join(directory, 'mirror.git'), timeoutMs });
  return gitRepository(git, { branch: 'main', directory: '', ...branch });
};

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'no error';
  } catch (error) {
    return error instanceof PortError ? error.code : String(error);
  }
};

const files = filesOf();

describe('when a branch is fetched', () => {
  test('then its files are those of the commit, whatever lies in the work tree', async () => {
    const head = fleet.commit(files);
    writeFileSync(join(fleet.directory, 'fleet.yaml'), 'not committed');
    const repository = await open();
    expect(await repository.fetch()).toBe(head);
    const listed = await repository.list(head as GitCommit);
    expect(listed.map(({ path }) => path)).toEqual([...files.keys()].sort());
    const contents = await repository.read(listed.map(({ blob }) => blob));
    for (const { path, blob } of listed) expect(Buffer.from(contents.get(blob) ?? []).toString()).toBe(files.get(path));
  });

  test('then files of other kinds, hidden folders, links and submodules are passed over', async () => {
    const workflow = ['.github/workflows/review.yaml', 'on: pull_request'] as const;
    fleet.commit(new Map([...files, ['README.md', 'Read me'], ['image.bin', '\0\0'], workflow]));
    symlinkSync('/etc/passwd', join(fleet.directory, 'link.yaml'));
    fleet.git('add', 'link.yaml');
    fleet.git('update-index', '--add', '--cacheinfo', `160000,${'a'.repeat(40)},module.yaml`);
    fleet.git('commit', '-q', '-m', 'Link');
    const repository = await open();
    const listed = await repository.list(await repository.fetch());
    expect(listed.map(({ path }) => path)).toEqual([...files.keys()].sort());
  });

  test('then only the fleet’s own directory is looked at', async () => {
    fleet.commit(new Map([...files].map(([path, text]) => [`fleets/${path}`, text])));
    const repository = await open(fleet.directory, { directory: 'fleets' });
    const listed = await repository.list(await repository.fetch());
    expect(listed.map(({ path }) => path)).toEqual([...files.keys()].sort());
    const wrong = await open(fleet.directory, { directory: 'flotte' });
    expect(await codeOf(wrong.list(await wrong.fetch()))).toBe('commit-invalid');
  });

  test('then author, time and subject are told, with any letters', async () => {
    fleet.git('config', 'user.name', 'Ada Löwe');
    const head = fleet.commit(files, 'Größer “und” schöner');
    const repository = await open();
    await repository.fetch();
    expect(await repository.describe(head as GitCommit)).toMatchObject({
      author: 'Ada Löwe <ada@example.com>',
      subject: 'Größer “und” schöner',
    });
  });

  test('then hooks of either side do not run', async () => {
    fleet.commit(files);
    const witness = join(directory, 'ran');
    for (const hook of ['post-update', 'reference-transaction', 'post-checkout', 'pre-push', 'fsmonitor-watchman']) {
      mkdirSync(join(fleet.directory, '.git', 'hooks'), { recursive: true });
      writeFileSync(join(fleet.directory, '.git', 'hooks', hook), `#!/bin/sh\ntouch ${witness}\n`, { mode: 0o755 });
    }
    const repository = await open();
    await repository.list(await repository.fetch());
    expect(existsSync(witness)).toBe(false);
  });

  test('then a second look costs no more than asking for the head', async () => {
    const head = fleet.commit(files);
    const repository = await open();
    expect(await repository.fetch()).toBe(head);
    expect(await repository.fetch()).toBe(head);
  });
});

describe('when the branch moves', () => {
  test('then a new commit is ahead, the same is the same, and a forced push is a rewrite', async () => {
    const first = fleet.commit(files) as GitCommit;
    const repository = await open();
    await repository.fetch();
    const second = fleet.commit(files, 'More') as GitCommit;
    await repository.fetch();
    expect(await repository.relation(first, second)).toBe('ahead');
    expect(await repository.relation(second, second)).toBe('same');
    fleet.git('reset', '--hard', '-q', first);
    const other = fleet.commit(files, 'Otherwise') as GitCommit;
    expect(await repository.fetch()).toBe(other);
    expect(await repository.relation(second, other)).toBe('rewritten');
    expect(await repository.relation('d'.repeat(40) as GitCommit, other)).toBe('unknown');
    expect(await repository.ancestors(other, 5)).toEqual([first]);
  });
});

describe('when the repository is not as it should be', () => {
  test('and the branch is gone, then that is named and what was fetched is still there', async () => {
    const head = fleet.commit(files) as GitCommit;
    const repository = await open();
    await repository.fetch();
    fleet.git('checkout', '-q', '-b', 'elsewhere');
    fleet.git('branch', '-D', 'main');
    expect(await codeOf(repository.fetch())).toBe('git-branch-missing');
    expect(await repository.list(head)).toHaveLength(files.size);
  });

  test('and it is gone, then that is named and what was fetched is still there', async () => {
    const head = fleet.commit(files) as GitCommit;
    const repository = await open();
    await repository.fetch();
    renameSync(fleet.directory, join(directory, 'away'));
    expect(await codeOf(repository.fetch())).toBe('git-repository-missing');
    expect(await repository.list(head)).toHaveLength(files.size);
    renameSync(join(directory, 'away'), fleet.directory);
    expect(await repository.fetch()).toBe(head);
  });

  test('and it is a directory without git, then it can not be reached', async () => {
    mkdirSync(join(directory, 'plain'));
    expect(await codeOf((await open(join(directory, 'plain'))).fetch())).toBe('git-unreachable');
  });

  test('and nothing listens at its URL, then it can not be reached', async () => {
    expect(await codeOf((await open('git://127.0.0.1:1/fleet')).fetch())).toBe('git-unreachable');
  });

  test('and its server is silent, then the time is limited', async () => {
    const server = createServer(() => {});
    const port = await new Promise<number>(resolve => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const silent = await open(`git://127.0.0.1:${port}/fleet`, { timeoutMs: 300 });
    expect(await codeOf(silent.fetch())).toBe('git-timeout');
    server.close();
  });

  test('and an object of the commit is missing, then nothing is read of it', async () => {
    fleet.commit(files);
    const repository = await open();
    await repository.fetch();
    expect(await codeOf(repository.read(['d'.repeat(40)]))).toBe('git-failed');
  });

  test('and its URL holds a password, then no message does', async () => {
    const repository = await open('http://ada:hunter2@127.0.0.1:1/fleet.git');
    await expect(repository.fetch()).rejects.not.toThrow(/hunter2/);
  });
});

describe('when a commit is validated', () => {
  const validate = async (of: ReadonlyMap<string, string>) => {
    fleet.commit(of);
    const repository = await open();
    const validator = specValidator();
    const read: string[][] = [];
    const look = async () => {
      const commit = await repository.fetch();
      return validator.validate(commit, await repository.list(commit), blobs => {
        read.push([...blobs]);
        return repository.read(blobs);
      });
    };
    return { look, read };
  };

  test('then the desired state carries the commit, and unchanged blobs are not read again', async () => {
    const { look, read } = await validate(files);
    const first = await look();
    expect(first.desired?.targets).toHaveLength(4);
    const head = fleet.commit(filesOf({ release: 'r-2' }));
    expect((await look()).desired).toMatchObject({ gitCommit: head });
    expect(read.map(blobs => blobs.length)).toEqual([files.size, 1]);
  });

  test('then a hostile file is refused by name, and never read when it is too large', async () => {
    const bomb = 'a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n';
    const { look, read } = await validate(
      new Map([...files, ['bomb.yaml', bomb], ['huge.yaml', `#${'x'.repeat(LIMITS.fileBytes)}`]]),
    );
    const { desired, issues } = await look();
    expect(desired).toBeUndefined();
    expect(issues.map(({ file, code }) => `${file} ${code}`)).toEqual(
      expect.arrayContaining(['bomb.yaml alias-refused', 'huge.yaml file-too-large']),
    );
    expect(read[0]).toHaveLength(files.size + 1);
  });
});
