// What follows from a push: the webhook, heads of pull requests that move, those that close because a branch is gone.

import { NO_COMMIT, type Push } from '../git/bare-repository.ts';
import { needCommit, type Person } from '../git/commits.ts';
import { changedFiles, commitsBetween, isAncestor } from '../git/compare.ts';
import type { JsonObject } from '../json.ts';
import type { Account } from '../model/accounts.ts';
import { isoTime } from '../model/clock.ts';
import type { PullRequest, Repository } from '../model/repository.ts';
import type { World } from '../model/world.ts';
import { repositoryPage } from '../payloads/urls.ts';
import { closePull, isGone, markMerged, moveHead } from './pulls.ts';

/** Pushes that git took since this was done last: over HTTP, or through the file system. */
export async function takePushes(world: World): Promise<void> {
  for (const repository of world.repositories.values()) {
    for (const push of repository.git.newPushes()) {
      await takePush(world, repository, { ...push, by: world.account(push.by || repository.owner.login) });
    }
  }
}

type Pushed = Omit<Push, 'by'> & { readonly by: Account };

/** Also for what the API does to a ref. */
export async function takePush(world: World, repository: Repository, push: Pushed): Promise<void> {
  repository.pushedAtMs = world.clock.nowMs();
  const payload = await pushPayload(world, repository, push);
  world.tell({ event: 'push', action: undefined, repository, sender: push.by, payload });
  const branch = /^refs\/heads\/(.+)$/.exec(push.ref)?.[1];
  if (branch === undefined) return;
  for (const pull of openPullsOf(world)) {
    if (pull.head.repository === repository && pull.head.branch === branch) await followHead(world, pull, push);
    if (pull.repository === repository && pull.base.branch === branch) await followBase(world, pull, push);
  }
}

const openPullsOf = (world: World): readonly PullRequest[] =>
  [...world.repositories.values()].flatMap(({ pulls }) => [...pulls.values()].filter(({ state }) => state === 'open'));

async function followHead(world: World, pull: PullRequest, { after, by }: Pushed): Promise<void> {
  if (isGone(after)) return closePull(world, pull, by);
  if (after === pull.head.sha) return;
  await moveHead(world, pull, { after, by });
  const left = await commitsBetween(pull.repository.git, pull.base.sha, after);
  if (left.length === 0) await closePull(world, pull, by);
}

async function followBase(world: World, pull: PullRequest, { after, by }: Pushed): Promise<void> {
  if (isGone(after)) return closePull(world, pull, by);
  pull.mergeability = undefined;
  if (await isAncestor(pull.repository.git, pull.head.sha, after)) await markMerged(world, pull, { sha: after, by });
}

/** `webhook-push`, as far as it depends on the push. */
async function pushPayload(world: World, repository: Repository, push: Pushed): Promise<JsonObject> {
  const { before, after, ref, by } = push;
  const created = before === NO_COMMIT;
  const deleted = after === NO_COMMIT;
  const commits = deleted ? [] : await newCommits(repository, push);
  const told = [];
  for (const sha of commits) told.push(await pushedCommit(world, repository, sha));
  const forced = !created && !deleted && !(await isAncestor(repository.git, before, after));
  const range = created ? after.slice(0, 12) : `${before.slice(0, 12)}...${after.slice(0, 12)}`;
  return {
    ref,
    before,
    after,
    created,
    deleted,
    forced,
    base_ref: null,
    compare: repositoryPage(world, repository, `/compare/${range}`),
    commits: told,
    head_commit: deleted ? null : await pushedCommit(world, repository, after),
    pusher: { name: by.login, email: `${by.login}@users.noreply.github.com` },
  };
}

/** Oldest first; of a new branch what no other branch has. GitHub tells at most 2,048. */
async function newCommits({ git }: Repository, { before, after, ref }: Pushed): Promise<readonly string[]> {
  const known = before === NO_COMMIT ? ['--not', `--exclude=${ref}`, '--branches'] : [`^${before}`];
  const text = await git.git(['rev-list', '--reverse', '--topo-order', after, ...known]);
  return text
    .split('\n')
    .filter(line => line !== '')
    .slice(-2048);
}

async function pushedCommit(world: World, repository: Repository, sha: string): Promise<JsonObject> {
  const commit = await needCommit(repository.git, sha);
  const from = commit.parents[0] ?? EMPTY_TREE;
  const files = await changedFiles(repository.git, from, sha);
  const of = (...statuses: readonly string[]): readonly string[] =>
    files.filter(({ status }) => statuses.includes(status)).map(({ path }) => path);
  return {
    id: sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message.trimEnd(),
    timestamp: isoTime(commit.committer.atS * 1000),
    url: repositoryPage(world, repository, `/commit/${sha}`),
    author: pushedPerson(commit.author),
    committer: pushedPerson(commit.committer),
    added: of('added'),
    removed: of('removed'),
    modified: of('modified', 'renamed', 'changed'),
  };
}

const pushedPerson = ({ name, email }: Person): JsonObject => ({ name, email });

/** The tree that git knows without being told. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
