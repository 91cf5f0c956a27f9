import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FLEETS, installationClient, personClient, refusedWith } from './clients.ts';
import { GitFailure, git } from './git/run-git.ts';
import { allowedSigner } from './git/ssh-signature.ts';
import { startGitHub } from './start-github.ts';

const FILES = { 'fleets/lab.yaml': 'a: 1\n', 'fleets/field.yaml': 'b: 1\n', 'README.md': '# Fleets\n' };

describe('when a tree is made', () => {
  test('then it is the base with the changes, as git itself would make it', async () => {
    await using github = await startGitHub({ files: FILES });
    const { rest } = await installationClient(github);
    const { data: blob } = await rest.git.createBlob({ ...FLEETS, content: 'ü', encoding: 'utf-8' });
    const main = (await github.branch('main')) ?? '';
    const { data: parent } = await rest.git.getCommit({ ...FLEETS, commit_sha: main });
    const { data: tree } = await rest.git.createTree({
      ...FLEETS,
      base_tree: parent.tree.sha,
      tree: [
        { path: 'fleets/lab.yaml', mode: '100644', type: 'blob', sha: null },
        { path: 'fleets/new/a.yaml', mode: '100644', type: 'blob', sha: blob.sha },
        { path: 'README.md', mode: '100755', type: 'blob', content: 'x\n' },
      ],
    });
    const { data: all } = await rest.git.getTree({ ...FLEETS, tree_sha: tree.sha, recursive: '1' });
    expect(all.tree.map(({ path, mode, type }) => `${mode} ${type} ${path}`)).toEqual([
      '100755 blob README.md',
      '040000 tree fleets',
      '100644 blob fleets/field.yaml',
      '040000 tree fleets/new',
      '100644 blob fleets/new/a.yaml',
    ]);
    const { data: read } = await rest.git.getBlob({ ...FLEETS, file_sha: blob.sha });
    expect(Buffer.from(read.content, 'base64').toString('utf8')).toBe('ü');
  });

  test('then a folder takes the place of a file, and a file that of a folder', async () => {
    await using github = await startGitHub({ files: FILES });
    const { rest } = await installationClient(github);
    const main = (await github.branch('main')) ?? '';
    const { data: below } = await rest.git.createTree({
      ...FLEETS,
      tree: [{ path: 'x', mode: '100644', type: 'blob', content: 'x' }],
    });
    const { data: tree } = await rest.git.createTree({
      ...FLEETS,
      base_tree: main,
      tree: [
        { path: 'fleets', mode: '100644', type: 'blob', content: 'a file' },
        { path: 'README.md', mode: '040000', type: 'tree', sha: below.sha },
      ],
    });
    const { data: all } = await rest.git.getTree({ ...FLEETS, tree_sha: tree.sha, recursive: '1' });
    expect(all.tree.map(({ path, type }) => `${type} ${path}`)).toEqual([
      'tree README.md',
      'blob README.md/x',
      'blob fleets',
    ]);
  });

  test.each([
    ['a path out of the repository', { path: '../a', content: 'x' }],
    ['a path into git itself', { path: 'a/.git/config', content: 'x' }],
    ['the removal of what is not there', { path: 'nothing', sha: null }],
    ['a blob that is not there', { path: 'a', sha: '1'.repeat(40) }],
    ['both a blob and a text', { path: 'a', sha: '1'.repeat(40), content: 'x' }],
  ])('then %s is refused', async (_name, item) => {
    await using github = await startGitHub({ files: FILES });
    const { rest } = await installationClient(github);
    const base_tree = (await github.branch('main')) ?? '';
    const tree = [{ mode: '100644', type: 'blob', ...item }] as const;
    expect(await refusedWith(rest.git.createTree({ ...FLEETS, base_tree, tree: [...tree] }))).toBe(422);
  });
});

describe('when a commit is made', () => {
  const commitOn = async (rest: Awaited<ReturnType<typeof installationClient>>['rest'], more: object) => {
    const { data: ref } = await rest.git.getRef({ ...FLEETS, ref: 'heads/main' });
    const { data: parent } = await rest.git.getCommit({ ...FLEETS, commit_sha: ref.object.sha });
    const wanted = { message: 'Bump', tree: parent.tree.sha, parents: [ref.object.sha], ...more };
    return (await rest.git.createCommit({ ...FLEETS, ...wanted })).data;
  };
  const author = { name: 'Ada', email: 'ada@example.com', date: '2026-11-21T17:00:00Z' };

  test('then GitHub signs it for an app that names nobody, and git can verify it', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const commit = await commitOn(rest, {});
    expect(commit.verification).toMatchObject({ verified: true, reason: 'valid' });
    expect(commit.author.name).toBe('seatrial[bot]');
    expect(commit.committer.name).toBe('GitHub');
    const folder = mkdtempSync(join(tmpdir(), 'signers-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const signers = join(folder, 'allowed');
    writeFileSync(signers, allowedSigner('noreply@github.com', github.signingKey));
    const flags = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${signers}`];
    await git(github.repository.git.path, [...flags, 'verify-commit', commit.sha]);
  });

  test('then it is signed for nobody who names an author or a committer', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    for (const more of [{ author }, { committer: author }, { author, committer: author }]) {
      const { verification } = await commitOn(rest, more);
      expect(verification).toMatchObject({ verified: false, reason: 'unsigned', signature: null });
    }
    expect((await commitOn(rest, { author })).author).toEqual(author);
  });

  test('then it is signed for no person', async () => {
    await using github = await startGitHub();
    github.repository.collaborators.set('ada', 'write');
    const { rest } = personClient(github, github.personalToken('ada'));
    expect((await commitOn(rest, {})).verification.verified).toBe(false);
  });

  test('then a signature that was made elsewhere is kept, and is no one that GitHub knows', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const signature = '-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----';
    const { verification } = await commitOn(rest, { author, signature });
    expect(verification).toMatchObject({ verified: false, reason: 'unknown_key', signature });
  });

  test('then a tree or a parent that is not there is refused', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    expect(await refusedWith(commitOn(rest, { tree: '1'.repeat(40) }))).toBe(422);
    expect(await refusedWith(commitOn(rest, { parents: ['1'.repeat(40)] }))).toBe(422);
  });
});

describe('when a ref is moved', () => {
  test('then only forwards, unless it is forced, and never onto what is not there', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const ada = await github.engineer();
    const before = (await github.branch('main')) ?? '';
    const after = await ada.push('main', { 'a.yaml': 'a: 1\n' });
    const move = (sha: string, force = false) =>
      refusedWith(rest.git.updateRef({ ...FLEETS, ref: 'heads/main', sha, force }));
    expect(await move(before)).toBe(422);
    expect(await move('1'.repeat(40), true)).toBe(422);
    expect(await move(before, true)).toBeUndefined();
    expect(await github.branch('main')).toBe(before);
    expect(await move(after)).toBeUndefined();
    await ada.git('fetch', '--quiet');
    expect(await ada.git('rev-parse', 'origin/main')).toBe(after);
  });

  test('then one that is there can not be made again, nor one without a name, and what is gone can not be moved', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const sha = (await github.branch('main')) ?? '';
    const create = (ref: string) => refusedWith(rest.git.createRef({ ...FLEETS, ref, sha }));
    expect(await create('refs/heads/a')).toBeUndefined();
    expect(await create('refs/heads/a')).toBe(422);
    expect(await create('heads/b')).toBe(422);
    expect(await create('refs/heads/b..c')).toBe(422);
    expect(await refusedWith(rest.git.deleteRef({ ...FLEETS, ref: 'heads/a' }))).toBeUndefined();
    expect(await refusedWith(rest.git.deleteRef({ ...FLEETS, ref: 'heads/a' }))).toBe(422);
    expect(await refusedWith(rest.git.updateRef({ ...FLEETS, ref: 'heads/a', sha }))).toBe(422);
    expect(await refusedWith(rest.git.getRef({ ...FLEETS, ref: 'heads/a' }))).toBe(404);
  });
});

describe('when git is asked over HTTP', () => {
  test('then a push with a token arrives, in the name of whose token it is, and a clone has it', async () => {
    await using github = await startGitHub();
    const ada = await github.engineer('ada', { via: 'http' });
    const sha = await ada.push('feature', { 'a.yaml': 'a: 1\n' });
    const pull = await github.openPullRequest({ head: 'feature' });
    const next = await ada.push('feature', { 'a.yaml': 'a: 2\n' });
    expect(pull.head.sha).toBe(next);
    const bob = await github.engineer('bob', { via: 'http' });
    expect(await bob.git('rev-parse', 'origin/feature^')).toBe(sha);
    expect(await bob.git('fetch', 'origin', `refs/pull/${pull.number}/head`)).toBe('');
  });

  test('then the token of an installation fetches with contents: read, and pushes with contents: write', async () => {
    await using github = await startGitHub();
    const octokit = await installationClient(github);
    const tokenWith = async (contents: 'read' | 'write') => {
      const auth = await octokit.auth({ type: 'installation', permissions: { contents } });
      if (typeof auth !== 'object' || auth === null || !('token' in auth)) throw new Error('no token');
      return String(auth.token);
    };
    const push = async (token: string, to: string) => {
      const url = new URL(`${github.origin}/acme/fleets.git`);
      url.username = 'x-access-token';
      url.password = token;
      return git(github.repository.git.path, ['push', '--quiet', url.href, `main:refs/heads/${to}`]);
    };
    await expect(push(await tokenWith('read'), 'a')).rejects.toThrow(GitFailure);
    await push(await tokenWith('write'), 'b');
    await expect(push('wrong', 'c')).rejects.toThrow(GitFailure);
    github.revokeTokens();
    expect(await github.branch('b')).toBe(await github.branch('main'));
    expect(await github.branch('a')).toBeUndefined();
  });

  test('then nobody without a token sees what is private, and nobody pushes to refs/pull', async () => {
    await using github = await startGitHub();
    await expect(git(github.repository.git.path, ['ls-remote', `${github.origin}/acme/fleets.git`])).rejects.toThrow(
      GitFailure,
    );
    const ada = await github.engineer('ada', { via: 'http' });
    await expect(ada.git('push', '--quiet', 'origin', 'origin/main:refs/pull/7/head')).rejects.toThrow(GitFailure);
  });
});
