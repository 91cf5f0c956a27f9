// Git objects and refs through the API: each is made by real git.

import { takePush } from '../actions/pushes.ts';
import { authorOf, gitHubItself } from '../actions/repositories.ts';
import { isSha, NO_COMMIT, type Ref } from '../git/bare-repository.ts';
import { type Person, readCommit, writeCommit } from '../git/commits.ts';
import { isAncestor } from '../git/compare.ts';
import { changeTree, listTree, readBlob, type TreeChange, writeBlob } from '../git/trees.ts';
import { type JsonObject, Members } from '../json.ts';
import type { Repository } from '../model/repository.ts';
import type { World } from '../model/world.ts';
import type { OperationId } from '../openapi/operations.ts';
import { gitCommit } from '../payloads/commits.ts';
import { nodeId, repositoryApi } from '../payloads/urls.ts';
import { notFound, refuse, unprocessable } from '../refusal.ts';
import { accountOf, type Call, type Handler, repositoryOf } from './call.ts';

export const GIT_DATA = {
  'git/get-ref': async call => {
    const repository = repositoryOf(call);
    const name = `refs/${call.path.text('ref')}`;
    const ref = (await repository.git.refs(name)).find(found => found.name === name);
    if (ref === undefined) throw notFound();
    return { status: 200, body: refPayload(call.world, repository, ref) };
  },

  'git/list-matching-refs': async call => {
    const repository = repositoryOf(call);
    const refs = await repository.git.refs(`refs/${call.path.text('ref')}`);
    return { status: 200, body: refs.map(ref => refPayload(call.world, repository, ref)) };
  },

  'git/create-ref': async call => {
    const { world, body, actor } = call;
    const repository = repositoryOf(call);
    const name = body.text('ref');
    const sha = body.text('sha');
    if (!/^refs\/[^/]+\/.+/.test(name) || !(await repository.git.asks(['check-ref-format', name]))) {
      throw unprocessable('Reference name is not valid');
    }
    const object = await needObject(repository, sha);
    if (!(await repository.git.moveRef(name, sha, NO_COMMIT))) throw unprocessable('Reference already exists');
    await takePush(world, repository, { before: NO_COMMIT, after: sha, ref: name, by: accountOf(actor) });
    return { status: 201, body: refPayload(world, repository, { name, ...object }) };
  },

  'git/update-ref': async call => {
    const { world, body, actor, path } = call;
    const repository = repositoryOf(call);
    const name = `refs/${path.text('ref')}`;
    const after = body.text('sha');
    const before = await repository.git.resolve(name);
    if (before === undefined) throw unprocessable('Reference does not exist');
    const object = await needObject(repository, after);
    if (!body.flag('force') && !(await isAncestor(repository.git, before, after))) {
      throw unprocessable('Update is not a fast forward');
    }
    if (!(await repository.git.moveRef(name, after, before))) throw refuse(409, 'Reference cannot be updated');
    if (before !== after) await takePush(world, repository, { before, after, ref: name, by: accountOf(actor) });
    return { status: 200, body: refPayload(world, repository, { name, ...object }) };
  },

  'git/delete-ref': async call => {
    const { world, actor, path } = call;
    const repository = repositoryOf(call);
    const name = `refs/${path.text('ref')}`;
    const before = await repository.git.resolve(name);
    if (before === undefined) throw unprocessable('Reference does not exist');
    if (name === `refs/heads/${repository.defaultBranch}`) throw unprocessable('Cannot delete the default branch');
    await repository.git.deleteRef(name);
    await takePush(world, repository, { before, after: NO_COMMIT, ref: name, by: accountOf(actor) });
    return { status: 204 };
  },

  'git/get-commit': async call => {
    const repository = repositoryOf(call);
    const sha = call.path.text('commit_sha');
    const commit = isSha(sha) ? await readCommit(repository.git, sha) : undefined;
    if (commit === undefined) throw notFound();
    return { status: 200, body: gitCommit(call.world, repository, commit) };
  },

  /** An app that names neither author nor committer has its commit signed by GitHub; nobody else has. */
  'git/create-commit': async call => {
    const { world, body, actor } = call;
    const { git } = repositoryOf(call);
    const tree = await git.resolve(`${body.text('tree')}^{tree}`);
    if (tree === undefined || tree !== body.text('tree')) throw unprocessable('Tree SHA does not exist');
    const parents = body.list('parents').map(String);
    for (const parent of parents) {
      if (!isSha(parent) || (await git.commitOf(parent)) !== parent) {
        throw unprocessable('Parent SHA does not exist or is not a commit object');
      }
    }
    const own = body.has('author') || body.has('committer');
    const author = personOf(world, body.members('author')) ?? authorOf(world, accountOf(actor));
    const fallback = own || actor.kind !== 'installation' ? author : gitHubItself(world);
    const committer = personOf(world, body.members('committer')) ?? fallback;
    const sign = body.maybeText('signature') ?? (own || actor.kind !== 'installation' ? undefined : world.webFlow.sign);
    const message = body.text('message');
    const sha = await writeCommit(git, {
      tree,
      parents,
      author,
      committer,
      message,
      ...(sign !== undefined && { sign }),
    });
    const commit = await readCommit(git, sha);
    if (commit === undefined) throw notFound();
    return { status: 201, body: gitCommit(world, repositoryOf(call), commit) };
  },

  'git/get-tree': async call => {
    const repository = repositoryOf(call);
    const sha = await repository.git.resolve(`${call.path.text('tree_sha')}^{tree}`);
    if (sha === undefined) throw notFound();
    return { status: 200, body: await treePayload(call, sha, { recursive: call.query.has('recursive') }) };
  },

  'git/create-tree': async call => {
    const { git } = repositoryOf(call);
    const base = call.body.maybeText('base_tree');
    const from = base === undefined ? undefined : await git.resolve(`${base}^{tree}`);
    if (base !== undefined && from === undefined) throw unprocessable('base_tree is not a valid tree oid');
    const changes: TreeChange[] = [];
    for (const item of call.body.list('tree')) changes.push(await treeChange(call, new Members(item)));
    if (changes.length === 0) throw unprocessable('Invalid tree info');
    const sha = await changeTree(git, from, changes);
    if (sha === undefined) throw unprocessable('GitRPC::BadObjectState');
    return { status: 201, body: await treePayload(call, sha) };
  },

  'git/get-blob': async call => {
    const { world, path } = call;
    const repository = repositoryOf(call);
    const sha = path.text('file_sha');
    if (!isSha(sha) || (await repository.git.resolve(`${sha}^{blob}`)) === undefined) throw notFound();
    const bytes = await readBlob(repository.git, sha);
    return {
      status: 200,
      body: {
        sha,
        node_id: nodeId('Blob', sha),
        size: bytes.length,
        url: repositoryApi(world, repository, `/git/blobs/${sha}`),
        content: inLines(bytes.toString('base64')),
        encoding: 'base64',
      },
    };
  },

  'git/create-blob': async call => {
    const { world, body } = call;
    const repository = repositoryOf(call);
    const encoding = body.maybeText('encoding') ?? 'utf-8';
    if (encoding !== 'utf-8' && encoding !== 'base64') throw unprocessable('encoding must be utf-8 or base64');
    const bytes = Buffer.from(body.text('content'), encoding === 'base64' ? 'base64' : 'utf8');
    const sha = await writeBlob(repository.git, bytes);
    return { status: 201, body: { sha, url: repositoryApi(world, repository, `/git/blobs/${sha}`) } };
  },
} satisfies Partial<Record<OperationId, Handler>>;

/** GitHub breaks base64 after 60 characters. */
export const inLines = (base64: string): string => (base64.match(/.{1,60}/g) ?? []).map(line => `${line}\n`).join('');

async function needObject({ git }: Repository, sha: string): Promise<Pick<Ref, 'sha' | 'type'>> {
  if (!isSha(sha) || !(await git.asks(['cat-file', '-e', sha]))) throw unprocessable('Object does not exist');
  return { sha, type: (await git.git(['cat-file', '-t', sha])).trim() };
}

const refPayload = (world: World, repository: Repository, { name, sha, type }: Ref): JsonObject => ({
  ref: name,
  node_id: nodeId('Ref', name),
  url: repositoryApi(world, repository, `/git/${name}`),
  object: { sha, type, url: repositoryApi(world, repository, `/git/${type}s/${sha}`) },
});

async function treePayload(
  call: Call,
  sha: string,
  options: { readonly recursive?: boolean } = {},
): Promise<JsonObject> {
  const repository = repositoryOf(call);
  const entries = await listTree(repository.git, sha, options);
  const url = (type: string, of: string): string => repositoryApi(call.world, repository, `/git/${type}s/${of}`);
  return {
    sha,
    url: url('tree', sha),
    tree: entries.map(({ path, mode, type, sha: of, sizeBytes }) => ({
      path,
      mode,
      type,
      sha: of,
      size: sizeBytes,
      url: url(type, of),
    })),
    truncated: false,
  };
}

/** Refusals: 422 for a path that git forbids, or an entry that says too little or too much. */
async function treeChange(call: Call, item: Members): Promise<TreeChange> {
  const { git } = repositoryOf(call);
  const path = item.text('path');
  const mode = item.maybeText('mode') ?? '100644';
  const content = item.maybeText('content');
  const sha = item.maybeText('sha');
  const parts = path.split('/');
  if (parts.some(part => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git')) {
    throw unprocessable('tree.path contains a malformed path component');
  }
  if (content !== undefined && sha !== undefined)
    throw unprocessable('tree.sha and tree.content may not both be given');
  if (content !== undefined) return { path, mode, sha: await writeBlob(git, content) };
  if (item.value('sha') === null) return { path, mode, sha: undefined };
  if (sha === undefined || !isSha(sha) || !(await git.asks(['cat-file', '-e', sha]))) {
    throw unprocessable(`tree.sha ${sha ?? ''} is not a valid object`);
  }
  return { path, mode, sha };
}

function personOf(world: World, given: Members): Person | undefined {
  const name = given.maybeText('name');
  const email = given.maybeText('email');
  if (name === undefined || email === undefined) return undefined;
  const date = given.maybeText('date');
  const atMs = date === undefined ? world.clock.nowMs() : Date.parse(date);
  return { name, email, atS: Math.floor(atMs / 1000), zone: '+0000' };
}
