// Check runs with their annotations, and commit statuses.
//
// An annotation can only be added, fifty at a time, and never taken back [GITHUB-CHECKS]. So a check run carries the
// digest of what it is to say: one with the same digest is completed where it was left off, one that has annotations of
// another content is followed by a new one of the same name, which is the one that GitHub then shows.

import { createHash } from 'node:crypto';
import type { Octokit } from 'octokit';
import type { Check, CommitStatus, Forge } from '../../ports/forge.ts';
import type { Connection } from './connection.ts';

type Run = Awaited<ReturnType<Octokit['rest']['checks']['get']>>['data'];

const PER_REQUEST = 50;
/** GitHub's own limit for the description of a status. */
const LONGEST_DESCRIPTION = 140;

export function checksOn(connection: Connection) {
  return {
    putCheck: async check => {
      const { appId } = await connection.identity();
      // Only an app may write checks: a person's verdict is a status, without text and annotations.
      if (appId === undefined) await putStatus(connection, statusOf(check));
      else await putCheck(connection, check, appId);
    },
    textUrl: async ({ url }) => ((await connection.identity()).appId === undefined ? undefined : `${url}/checks`),
    putStatus: status => putStatus(connection, status),
  } satisfies Partial<Forge>;
}

async function putCheck(connection: Connection, check: Check, appId: number): Promise<void> {
  const { rest } = await connection.octokit();
  const digest = digestOf(check);
  const found = await findRun(connection, check, appId);
  const isSame = found?.external_id === digest;
  const sent = isSame ? found.output.annotations_count : 0;
  if (isSame && sent >= check.annotations.length && isAsItShouldBe(found, check)) return;
  const common = { ...connection.repository, name: check.name, external_id: digest };
  let id = isSame || found?.output.annotations_count === 0 ? found?.id : undefined;
  const portions = portionsOf(check.annotations.slice(sent));
  for (const [index, portion] of portions.entries()) {
    const state = stateOf(check, index === portions.length - 1);
    const output = { ...outputOf(check), annotations: portion.map(annotationOf) };
    if (id !== undefined) await rest.checks.update({ ...common, check_run_id: id, ...state, output });
    else id = (await rest.checks.create({ ...common, head_sha: check.commit, ...state, output })).data.id;
  }
}

/** At least one, which may be empty. */
function portionsOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  const count = Math.max(1, Math.ceil(items.length / PER_REQUEST));
  return Array.from({ length: count }, (_, index) => items.slice(index * PER_REQUEST, (index + 1) * PER_REQUEST));
}

/** The newest of our own of that name. */
async function findRun(connection: Connection, { commit, name }: Check, appId: number): Promise<Run | undefined> {
  const { rest, paginate } = await connection.octokit();
  const asked = { ...connection.repository, ref: commit, check_name: name, filter: 'latest', per_page: 100 } as const;
  const runs = await paginate(rest.checks.listForRef, asked);
  return runs.filter(({ app }) => app?.id === appId).sort((a, b) => b.id - a.id)[0];
}

const isAsItShouldBe = ({ conclusion }: Run, check: Check): boolean => conclusion === (check.conclusion ?? null);

/** What is complete only when all annotations are there is in progress until then. */
const stateOf = ({ conclusion }: Check, isLast: boolean) =>
  conclusion === undefined || !isLast
    ? ({ status: 'in_progress' } as const)
    : ({ status: 'completed', conclusion } as const);

const outputOf = ({ title, summary, text }: Check) => ({ title, summary, ...(text !== undefined && { text }) });

const annotationOf = ({ path, startLine, endLine, level, title, message }: Check['annotations'][number]) => ({
  path,
  start_line: startLine,
  end_line: endLine,
  annotation_level: level,
  title,
  message,
});

const digestOf = (check: Check): string => createHash('sha256').update(JSON.stringify(check)).digest('hex');

/* ---- Statuses ---- */

/** Statuses pile up to a thousand a commit and context: the same again is not sent. */
async function putStatus(connection: Connection, status: CommitStatus): Promise<void> {
  const { rest, paginate } = await connection.octokit();
  const { commit, context, state, url } = status;
  const description = cut(status.description);
  const asked = { ...connection.repository, ref: commit, per_page: 100 };
  const present = (await paginate(rest.repos.listCommitStatusesForRef, asked)).find(one => one.context === context);
  const isSame =
    present?.state === state && present.description === description && (present.target_url ?? undefined) === url;
  if (isSame) return;
  await rest.repos.createCommitStatus({
    ...connection.repository,
    sha: commit,
    context,
    state,
    description,
    ...(url !== undefined && { target_url: url }),
  });
}

const cut = (text: string): string =>
  text.length <= LONGEST_DESCRIPTION ? text : `${text.slice(0, LONGEST_DESCRIPTION - 1)}…`;

const STATES = {
  success: 'success',
  neutral: 'success',
  failure: 'failure',
  action_required: 'pending',
} as const satisfies Record<NonNullable<Check['conclusion']>, CommitStatus['state']>;

const statusOf = ({ commit, name, conclusion, title }: Check): CommitStatus => ({
  commit,
  context: name,
  state: conclusion === undefined ? 'pending' : STATES[conclusion],
  description: title,
});
