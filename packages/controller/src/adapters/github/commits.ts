// Commits that GitHub itself makes and signs in our name [GITHUB-SIGNATURES], and the branches they are on.

import type { GitCommit } from '@seatrial/spec';
import type { Octokit } from 'octokit';
import { PortError } from '../../errors.ts';
import type { Forge, ProposedCommit } from '../../ports/forge.ts';
import type { Connection } from './connection.ts';
import { commitOf, sameText } from './values.ts';

export function commitsOn(connection: Connection) {
  return {
    putCommit: commit => putCommit(connection, commit),
    deleteBranch: branch => deleteBranch(connection, branch),
  } satisfies Partial<Forge>;
}

async function putCommit(connection: Connection, proposed: ProposedCommit): Promise<GitCommit> {
  const { rest } = await connection.octokit();
  const { repository } = connection;
  const { branch, onto, message } = proposed;
  const tip = await tipOf(connection, branch);
  const tree = await treeOf(connection, proposed);
  if (tip !== undefined && (await isThisCommit(connection, tip, { ...proposed, tree }))) return tip;
  // Neither author nor committer: GitHub then names the app and signs.
  const { data } = await rest.git.createCommit({ ...repository, message, tree, parents: [onto] });
  if (tip === undefined) await rest.git.createRef({ ...repository, ref: `refs/heads/${branch}`, sha: data.sha });
  else await rest.git.updateRef({ ...repository, ref: `heads/${branch}`, sha: data.sha, force: true });
  return commitOf(data.sha);
}

async function tipOf(connection: Connection, branch: string): Promise<GitCommit | undefined> {
  const { rest } = await connection.octokit();
  const ref = await orUndefined(rest.git.getRef({ ...connection.repository, ref: `heads/${branch}` }));
  return ref === undefined ? undefined : commitOf(ref.data.object.sha);
}

/** A tree is named by its content: the same change makes the same one. */
async function treeOf(connection: Connection, { onto, files }: ProposedCommit): Promise<string> {
  const { rest } = await connection.octokit();
  const { repository } = connection;
  const parent = await rest.git.getCommit({ ...repository, commit_sha: onto });
  const tree: TreeEntry[] = [];
  for (const [path, bytes] of files) tree.push(await entryOf(connection, path, bytes));
  const { data } = await rest.git.createTree({ ...repository, base_tree: parent.data.tree.sha, tree });
  return data.sha;
}

type TreeEntry = NonNullable<Parameters<Octokit['rest']['git']['createTree']>[0]>['tree'][number];

async function entryOf(connection: Connection, path: string, bytes: Uint8Array | undefined): Promise<TreeEntry> {
  const file = { path, mode: '100644', type: 'blob' } as const;
  if (bytes === undefined) return { ...file, sha: null };
  const { rest } = await connection.octokit();
  const content = Buffer.from(bytes).toString('base64');
  const { data } = await rest.git.createBlob({ ...connection.repository, content, encoding: 'base64' });
  return { ...file, sha: data.sha };
}

async function isThisCommit(
  connection: Connection,
  tip: GitCommit,
  { onto, message, tree }: ProposedCommit & { readonly tree: string },
): Promise<boolean> {
  const { rest } = await connection.octokit();
  const { data } = await rest.git.getCommit({ ...connection.repository, commit_sha: tip });
  const parents = data.parents.map(({ sha }) => sha);
  return data.tree.sha === tree && parents.length === 1 && parents[0] === onto && sameText(data.message, message);
}

/** GitHub answers 422 where there is no such branch. */
async function deleteBranch(connection: Connection, branch: string): Promise<void> {
  if ((await tipOf(connection, branch)) === undefined) return;
  const { rest } = await connection.octokit();
  await rest.git.deleteRef({ ...connection.repository, ref: `heads/${branch}` });
}

async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof PortError && error.code === 'forge-missing') return undefined;
    throw error;
  }
}
