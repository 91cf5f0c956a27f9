// Repositories through the API: branches, commits, files, comparisons.

import type { ChangedFile } from '../git/compare.ts';
import { changedFiles, commitsBetween, mergeBase } from '../git/compare.ts';
import { entryAt, listTree, readBlob, type TreeEntry } from '../git/trees.ts';
import type { JsonObject } from '../json.ts';
import type { Repository } from '../model/repository.ts';
import type { OperationId } from '../openapi/operations.ts';
import { commit, diffEntry } from '../payloads/commits.ts';
import { fullRepository } from '../payloads/repository.ts';
import { repositoryApi, repositoryPage } from '../payloads/urls.ts';
import { notFound, unprocessable } from '../refusal.ts';
import { type Call, type Handler, listed, paged, repositoryOf } from './call.ts';
import { inLines } from './git-data.ts';

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export const REPOSITORIES = {
  'repos/get': call => ({ status: 200, body: fullRepository(call.world, repositoryOf(call)) }),

  'repos/list-branches': async call => {
    const repository = repositoryOf(call);
    const refs = await repository.git.refs('refs/heads/');
    return listed(call, refs, ({ name, sha }) => ({
      name: name.slice('refs/heads/'.length),
      commit: { sha, url: repositoryApi(call.world, repository, `/commits/${sha}`) },
      protected: false,
    }));
  },

  'repos/get-branch': async call => {
    const { world, path } = call;
    const repository = repositoryOf(call);
    const name = path.text('branch');
    const sha = await repository.git.branch(name);
    if (sha === undefined) throw notFound();
    const url = repositoryApi(world, repository, `/branches/${encodeURIComponent(name)}`);
    return {
      status: 200,
      body: {
        name,
        commit: await commit(world, repository, sha),
        _links: { self: url, html: repositoryPage(world, repository, `/tree/${name}`) },
        protected: false,
        protection: { enabled: false },
        protection_url: `${url}/protection`,
      },
    };
  },

  'repos/get-commit': async call => {
    const { world, path } = call;
    const repository = repositoryOf(call);
    const ref = path.text('ref');
    const sha = await resolve(repository, ref);
    if (sha === undefined) throw unprocessable(`No commit found for SHA: ${ref}`);
    const shown = await commit(world, repository, sha);
    const parent = await repository.git.commitOf(`${sha}^`);
    const files = await changedFiles(repository.git, parent ?? EMPTY_TREE, sha);
    const { items, pages } = paged(call, files);
    const body = {
      ...shown,
      stats: statsOf(files),
      files: items.map(file => diffEntry(world, repository, { ref: sha, file })),
    };
    return { status: 200, body, pages };
  },

  'repos/compare-commits-with-basehead': async call => {
    const { world, path } = call;
    const repository = repositoryOf(call);
    const names = path.text('basehead').split('...');
    const [base, head] = await Promise.all(names.map(name => resolve(repository, name)));
    if (names.length !== 2 || base === undefined || head === undefined) throw notFound();
    const fork = await mergeBase(repository.git, base, head);
    if (fork === undefined) throw notFound();
    const ahead = await commitsBetween(repository.git, base, head);
    const behind = await commitsBetween(repository.git, head, base);
    const files = await changedFiles(repository.git, fork, head);
    const { items, pages } = paged(call, ahead);
    const commits = [];
    for (const sha of items) commits.push(await commit(world, repository, sha));
    const page = repositoryPage(world, repository, `/compare/${names.join('...')}`);
    return {
      status: 200,
      pages,
      body: {
        url: repositoryApi(world, repository, `/compare/${names.join('...')}`),
        html_url: page,
        permalink_url: repositoryPage(world, repository, `/compare/${base}...${head}`),
        diff_url: `${page}.diff`,
        patch_url: `${page}.patch`,
        base_commit: await commit(world, repository, base),
        merge_base_commit: await commit(world, repository, fork),
        status: relation(ahead.length, behind.length),
        ahead_by: ahead.length,
        behind_by: behind.length,
        total_commits: ahead.length,
        commits,
        // GitHub shows at most 300 files, and only on the first page.
        files: files.slice(0, 300).map(file => diffEntry(world, repository, { ref: head, file })),
      },
    };
  },

  'repos/get-content': async call => {
    const { path, query } = call;
    const repository = repositoryOf(call);
    const ref = query.maybeText('ref') ?? repository.defaultBranch;
    const sha = await resolve(repository, ref);
    const where = path.text('path').replace(/^\/+|\/+$/g, '');
    const entry = sha === undefined ? undefined : await entryAt(repository.git, sha, where);
    if (sha === undefined || entry === undefined) throw notFound();
    if (entry.type === 'blob') return { status: 200, body: await file(call, { entry, path: where, ref }) };
    if (entry.type !== 'tree') throw notFound();
    const entries = await listTree(repository.git, where === '' ? sha : `${sha}:${where}`);
    const body = entries.map(below => {
      const at = where === '' ? below.path : `${where}/${below.path}`;
      return { type: KINDS[below.type] ?? 'file', ...links(call, { entry: below, path: at, ref }) };
    });
    return { status: 200, body };
  },
} satisfies Partial<Record<OperationId, Handler>>;

const KINDS: Readonly<Record<string, string>> = { tree: 'dir', blob: 'file', commit: 'submodule' };

interface Place {
  readonly entry: TreeEntry;
  readonly path: string;
  readonly ref: string;
}

/** `content-file`, or `content-symlink`. Over a megabyte the text has to be fetched as a blob. */
async function file(call: Call, place: Place): Promise<JsonObject> {
  const { git } = repositoryOf(call);
  const bytes = await readBlob(git, place.entry.sha);
  const shown = links(call, place);
  if (place.entry.mode === '120000') return { ...shown, type: 'symlink', target: bytes.toString('utf8') };
  const isLarge = bytes.length > 2 ** 20;
  return {
    ...shown,
    type: 'file',
    encoding: isLarge ? 'none' : 'base64',
    content: isLarge ? '' : inLines(bytes.toString('base64')),
  };
}

function links(call: Call, { entry, path, ref }: Place): JsonObject {
  const repository = repositoryOf(call);
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const self = repositoryApi(call.world, repository, `/contents/${encoded}?ref=${encodeURIComponent(ref)}`);
  const kind = entry.type === 'tree' ? 'trees' : 'blobs';
  const git = repositoryApi(call.world, repository, `/git/${kind}/${entry.sha}`);
  const html = repositoryPage(call.world, repository, `/${kind === 'trees' ? 'tree' : 'blob'}/${ref}/${encoded}`);
  return {
    name: path.split('/').at(-1) ?? '',
    path,
    sha: entry.sha,
    size: entry.sizeBytes ?? 0,
    url: self,
    html_url: html,
    git_url: git,
    download_url: entry.type === 'blob' ? repositoryPage(call.world, repository, `/raw/${ref}/${encoded}`) : null,
    _links: { self, git, html },
  };
}

/** A branch, a tag, a commit, or `heads/…`. */
async function resolve({ git }: Repository, name: string): Promise<string | undefined> {
  const full = name.replace(/^(heads|tags)\//, 'refs/$1/');
  return (await git.commitOf(`refs/heads/${name}`)) ?? (await git.commitOf(full));
}

function relation(ahead: number, behind: number): string {
  if (ahead > 0) return behind > 0 ? 'diverged' : 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}

function statsOf(files: readonly ChangedFile[]): JsonObject {
  const additions = files.reduce((total, file) => total + file.additions, 0);
  const deletions = files.reduce((total, file) => total + file.deletions, 0);
  return { additions, deletions, total: additions + deletions };
}
