// Commits, as the repository shows them and as the git operations show them.

import { type Commit, needCommit, type Person } from '../git/commits.ts';
import type { ChangedFile } from '../git/compare.ts';
import type { JsonObject } from '../json.ts';
import { isoTime } from '../model/clock.ts';
import type { Repository } from '../model/repository.ts';
import type { World } from '../model/world.ts';
import { simpleUser } from './accounts.ts';
import { nodeId, repositoryApi, repositoryPage } from './urls.ts';

export const gitPerson = ({ name, email, atS }: Person): JsonObject => ({ name, email, date: isoTime(atS * 1000) });

/** `verification`: only what GitHub itself signed is known to be verified. */
export function verification(world: World, { signature, payload, committer }: Commit): JsonObject {
  if (signature === undefined) {
    return { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };
  }
  const verified = world.webFlow.sign(payload).trim() === signature.trim();
  const reason = verified ? 'valid' : 'unknown_key';
  const verifiedAt = verified ? isoTime(committer.atS * 1000) : null;
  return { verified, reason, signature, payload, verified_at: verifiedAt };
}

/** `git-commit`. */
export const gitCommit = (world: World, repository: Repository, commit: Commit): JsonObject => ({
  sha: commit.sha,
  node_id: nodeId('Commit', commit.sha),
  url: repositoryApi(world, repository, `/git/commits/${commit.sha}`),
  html_url: repositoryPage(world, repository, `/commit/${commit.sha}`),
  author: gitPerson(commit.author),
  committer: gitPerson(commit.committer),
  tree: treeLink(world, repository, commit.tree),
  message: commit.message,
  parents: commit.parents.map(sha => ({
    sha,
    url: repositoryApi(world, repository, `/git/commits/${sha}`),
    html_url: repositoryPage(world, repository, `/commit/${sha}`),
  })),
  verification: verification(world, commit),
});

/** `commit`, without `stats` and `files`. */
export async function commit(world: World, repository: Repository, sha: string): Promise<JsonObject> {
  const of = await needCommit(repository.git, sha);
  const url = repositoryApi(world, repository, `/commits/${sha}`);
  return {
    sha,
    node_id: nodeId('Commit', sha),
    commit: {
      author: gitPerson(of.author),
      committer: gitPerson(of.committer),
      message: of.message,
      tree: treeLink(world, repository, of.tree),
      url: repositoryApi(world, repository, `/git/commits/${sha}`),
      comment_count: 0,
      verification: verification(world, of),
    },
    url,
    html_url: repositoryPage(world, repository, `/commit/${sha}`),
    comments_url: `${url}/comments`,
    author: accountOf(world, of.author),
    committer: accountOf(world, of.committer),
    parents: of.parents.map(parent => ({
      sha: parent,
      url: repositoryApi(world, repository, `/commits/${parent}`),
      html_url: repositoryPage(world, repository, `/commit/${parent}`),
    })),
  };
}

/** `diff-entry`. `ref` is the commit whose version is linked. */
export function diffEntry(
  world: World,
  repository: Repository,
  { ref, file }: { ref: string; file: ChangedFile },
): JsonObject {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: repositoryPage(world, repository, `/blob/${ref}/${path}`),
    raw_url: repositoryPage(world, repository, `/raw/${ref}/${path}`),
    contents_url: repositoryApi(world, repository, `/contents/${path}?ref=${ref}`),
    patch: file.patch,
    previous_filename: file.previousPath,
  };
}

const treeLink = (world: World, repository: Repository, sha: string): JsonObject => ({
  sha,
  url: repositoryApi(world, repository, `/git/trees/${sha}`),
});

/** GitHub knows people by their address: `<id>+<login>@users.noreply.github.com`, or the tests' `<login>@…`. */
function accountOf(world: World, { email }: Person): JsonObject | null {
  const login = email.split('@')[0]?.replace(/^\d+\+/, '') ?? '';
  const account = world.accounts.get(login.toLowerCase());
  return account === undefined ? null : simpleUser(world, account);
}
