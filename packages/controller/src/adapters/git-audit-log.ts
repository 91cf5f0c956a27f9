// The audit branch: one commit per decision, its message for people, its trailer for machines, its tree the rollouts as
// they are. Written in our own mirror with `git fast-import` and pushed without force, so that the branch can only grow;
// no work tree is touched.
//
// Runs: git ls-remote, fetch, log, ls-tree, cat-file, fast-import, push. Writes: the branch in the configured repository.

import { type GitCommit, InvariantError, type Result } from '@seatrial/spec';
import {
  auditMessage,
  auditPath,
  isAuditPath,
  readAuditMessage,
  readRolloutFile,
  rolloutFile,
} from '../domain/audit-record.ts';
import type { RecordedDecision } from '../domain/decision.ts';
import { orderedBy } from '../domain/decision.ts';
import type { Rollout } from '../domain/rollout.ts';
import { PortError } from '../errors.ts';
import type { AuditHistory, AuditLog, AuditRecord } from '../ports/audit-log.ts';
import { type Git, orElse, withoutCredentials } from './git-command.ts';
import { broken, commitOf, readBlobs, relationOf, remoteHead, unreachable } from './git-repository.ts';

export interface AuditBranch {
  /** `seatrial/audit` by default. */
  readonly branch: string;
  /** Of so many of the newest decisions the log tells: those by which a database is rebuilt, where nothing is said. */
  readonly mostDecisions?: number;
}

const FETCHED = 'refs/seatrial/audit';
const WRITTEN = 'refs/seatrial/audit-next';
const MOST_DECISIONS = 10_000;

export function gitAuditLog(git: Git, { branch, mostDecisions = MOST_DECISIONS }: AuditBranch): AuditLog {
  const place = `${withoutCredentials(git.options.repository)} ${branch}`;
  return {
    read: since => readLog(git, { branch, place, mostDecisions }, since),
    append: async (head, records) => {
      await assertHead(git, branch, place, head);
      await orElse(git.run(['fast-import', '--quiet', '--force'], importStream(head, records)), broken(git));
      await push(git, branch);
      return commitOf((await git.run(['rev-parse', '--verify', WRITTEN])).toString());
    },
  };
}

/* ---- Reading ---- */

interface Reading {
  readonly branch: string;
  /** For messages. */
  readonly place: string;
  readonly mostDecisions: number;
}

async function readLog(git: Git, reading: Reading, since?: GitCommit): Promise<AuditHistory> {
  const { branch, place } = reading;
  const head = await remoteHead(git, `refs/heads/${branch}`);
  if (head === undefined) {
    if (since === undefined) return { decisions: [], rollouts: [] };
    throw new PortError('audit-rewritten', place, { detail: `the branch ended at ${since} and is gone` });
  }
  await fetchLog(git, branch);
  if (since !== undefined) await assertGrown(git, place, since, head);
  const range = since === undefined ? [head] : [head, `^${since}`];
  return { head, decisions: await decisionsOf(git, reading, range), rollouts: await rolloutsOf(git, place, head) };
}

const fetchLog = (git: Git, branch: string): Promise<unknown> =>
  orElse(
    git.run([
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--',
      git.options.repository,
      `+refs/heads/${branch}:${FETCHED}`,
    ]),
    unreachable(git),
  );

async function assertGrown(git: Git, place: string, since: GitCommit, head: GitCommit): Promise<void> {
  const grown = await relationOf(git, since, head);
  if (grown === 'same' || grown === 'ahead') return;
  throw new PortError('audit-rewritten', place, { detail: `${head} does not contain ${since}, which was its head` });
}

async function assertHead(git: Git, branch: string, place: string, head: GitCommit | undefined): Promise<void> {
  const now = await remoteHead(git, `refs/heads/${branch}`);
  if (now === head) return;
  const detail = `the branch is at ${now ?? 'nothing'}, expected ${head ?? 'nothing'}`;
  throw new PortError('audit-unreachable', place, { detail });
}

async function decisionsOf(
  git: Git,
  { place, mostDecisions }: Reading,
  range: readonly string[],
): Promise<readonly RecordedDecision[]> {
  const log = ['log', '--no-show-signature', '--reverse', `--max-count=${mostDecisions}`, '--format=%H%x00%B%x00'];
  const text = (await orElse(git.run([...log, ...range]), broken(git))).toString();
  const fields = text.split('\0').map(field => field.replace(/^\n/, ''));
  const decisions: RecordedDecision[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const decision = unwrap(readAuditMessage(fields[at + 1] ?? ''), `${place} ${fields[at] ?? ''}`);
    if (decision !== undefined) decisions.push(decision);
  }
  return decisions;
}

async function rolloutsOf(git: Git, place: string, head: GitCommit): Promise<readonly Rollout[]> {
  const listing = await orElse(git.run(['ls-tree', '-r', '-z', '--full-tree', head]), broken(git));
  const files = listing.toString().split('\0').flatMap(readEntry);
  const bodies = await readBlobs(
    git,
    files.map(({ blob }) => blob),
  );
  return files.map(({ blob, path }) =>
    unwrap(readRolloutFile(bodies.get(blob) ?? new Uint8Array()), `${place} ${path}`),
  );
}

/** Files that hold a rollout; what people put beside them is theirs. */
function readEntry(text: string): readonly { readonly blob: string; readonly path: string }[] {
  const [, blob, path] = /^\d{6} blob ([0-9a-f]+)\t(.+)$/s.exec(text) ?? [];
  return blob === undefined || path === undefined || !isAuditPath(path) ? [] : [{ blob, path }];
}

function unwrap<T>(result: Result<T, string>, element: string): T {
  if (result.ok) return result.value;
  throw new PortError('audit-malformed', element, { detail: result.error });
}

/* ---- Writing ---- */

/** One commit after the other on a private ref [git-fast-import(1)]. */
function importStream(head: GitCommit | undefined, records: readonly AuditRecord[]): Uint8Array {
  if (records.length === 0) throw new InvariantError('nothing to record');
  const parts = records.flatMap((record, index) => commitPart(record, index === 0 ? head : undefined, index === 0));
  return Buffer.concat([...parts, Buffer.from('done\n')].map(part => Buffer.from(part)));
}

function commitPart(
  { decision, rollouts }: AuditRecord,
  head: GitCommit | undefined,
  first: boolean,
): readonly (string | Uint8Array)[] {
  const seconds = Math.floor(decision.atMs / 1000);
  const author = identity(orderedBy(decision.decision));
  const reset = first && head === undefined ? [`reset ${WRITTEN}\n\n`] : [];
  return [
    ...reset,
    `commit ${WRITTEN}\n`,
    `author ${author} ${seconds} +0000\n`,
    `committer ${CONTROLLER} ${seconds} +0000\n`,
    ...dataPart(Buffer.from(auditMessage(decision))),
    ...(head === undefined ? [] : [`from ${head}\n`]),
    ...rollouts.flatMap(rollout => [`M 100644 inline ${auditPath(rollout)}\n`, ...dataPart(rolloutFile(rollout))]),
    '\n',
  ];
}

/** A stream's way to say bytes [git-fast-import(1)]. */
export const dataPart = (bytes: Uint8Array): readonly (string | Uint8Array)[] => [
  `data ${bytes.length}\n`,
  bytes,
  '\n',
];

export const CONTROLLER = 'Seatrial controller <controller@seatrial.invalid>';

/** An order is authored by whoever gave it; what would break the line is left out. */
const identity = (by: string | undefined): string =>
  by === undefined ? CONTROLLER : `${by.replace(/[<>\p{Cc}]/gu, '').trim() || 'unknown'} <operator@seatrial.invalid>`;

async function push(git: Git, branch: string): Promise<void> {
  const refspec = `${WRITTEN}:refs/heads/${branch}`;
  const work = git.run(['push', '--quiet', ...receiver(git.options.repository), '--', git.options.repository, refspec]);
  await orElse(
    work,
    failure =>
      new PortError('audit-unreachable', `${withoutCredentials(git.options.repository)} ${branch}`, {
        detail: failure.message,
        cause: failure,
      }),
  );
}

/** In a repository on this machine the receiving side runs as us, so its hooks would too. */
export const receiver = (repository: string): readonly string[] =>
  /^(?:\/|\.|file:)/.test(repository) ? ['--receive-pack=git -c core.hooksPath=/dev/null receive-pack'] : [];
