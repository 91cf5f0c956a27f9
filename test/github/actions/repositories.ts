// Makes repositories and forks.

import { join } from 'node:path';
import { BareRepository } from '../git/bare-repository.ts';
import { writeCommit } from '../git/commits.ts';
import { changeTree, writeBlob } from '../git/trees.ts';
import type { Account } from '../model/accounts.ts';
import { fullName, type Repository } from '../model/repository.ts';
import type { World } from '../model/world.ts';

/** By path from the root. */
export type Files = Readonly<Record<string, string>>;

export interface NewRepository {
  readonly folder: string;
  readonly owner: Account;
  readonly name: string;
  readonly isPrivate?: boolean;
  readonly parent?: Repository;
}

/** Empty: no branch, no commit. */
export async function createRepository(world: World, { folder, ...wanted }: NewRepository): Promise<Repository> {
  const defaultBranch = wanted.parent?.defaultBranch ?? 'main';
  const git = await BareRepository.create(join(folder, wanted.owner.login, `${wanted.name}.git`), defaultBranch);
  const repository: Repository = {
    id: world.nextId(),
    owner: wanted.owner,
    name: wanted.name,
    git,
    defaultBranch,
    isPrivate: wanted.isPrivate ?? true,
    parent: wanted.parent,
    createdAtMs: world.clock.nowMs(),
    pushedAtMs: world.clock.nowMs(),
    collaborators: new Map(),
    pulls: new Map(),
    comments: new Map(),
    checkRuns: new Map(),
    suites: [],
    statuses: [],
    labels: new Map(),
    lastNumber: 0,
  };
  world.repositories.set(fullName(repository).toLowerCase(), repository);
  return repository;
}

/** All branches of the parent, in somebody else's hands. */
export async function fork(
  world: World,
  parent: Repository,
  to: { owner: Account; folder: string },
): Promise<Repository> {
  const made = await createRepository(world, { ...to, name: parent.name, parent, isPrivate: parent.isPrivate });
  made.collaborators.set(to.owner.login, 'admin');
  await made.git.git(['fetch', '--quiet', parent.git.path, '+refs/heads/*:refs/heads/*']);
  return made;
}

/** The first commit of the default branch, as from GitHub's page for a new repository: no push is told. */
export async function firstCommit(world: World, { git, defaultBranch }: Repository, files: Files): Promise<string> {
  const changes = [];
  for (const [path, text] of Object.entries(files)) {
    changes.push({ path, mode: '100644', sha: await writeBlob(git, text) });
  }
  const tree = (await changeTree(git, undefined, changes)) ?? '';
  const person = gitHubItself(world);
  const commit = { tree, parents: [], author: person, committer: person, message: 'Initial commit' };
  const sha = await writeCommit(git, { ...commit, sign: world.webFlow.sign });
  await git.setRef(`refs/heads/${defaultBranch}`, sha);
  return sha;
}

/** Who commits what is done in GitHub's pages, or by an app through the API. */
export const gitHubItself = (world: World) => ({
  name: 'GitHub',
  email: 'noreply@github.com',
  atS: Math.floor(world.clock.nowMs() / 1000),
  zone: '+0000',
});

/** An account as the author of what it does in GitHub. */
export const authorOf = (world: World, { id, login }: Account) => ({
  name: login,
  email: `${id}+${login}@users.noreply.github.com`,
  atS: Math.floor(world.clock.nowMs() / 1000),
  zone: '+0000',
});
