// Check runs and commit statuses through the API.

import { addStatus, runsAt, statusesAt, suiteOf } from '../actions/checks.ts';
import { isSha } from '../git/bare-repository.ts';
import { Members } from '../json.ts';
import type { Annotation, CheckRun, Repository, Status } from '../model/repository.ts';
import type { OperationId } from '../openapi/operations.ts';
import { annotation, checkRun, combinedStatus, status } from '../payloads/checks.ts';
import { invalid, notFound, refuse, unprocessable } from '../refusal.ts';
import { accountOf, appOf, type Call, type Handler, listed, paged, repositoryOf } from './call.ts';

export const CHECKS = {
  'checks/create': async call => {
    const { world, actor, body } = call;
    const repository = repositoryOf(call);
    const app = appOf(actor);
    if (app === undefined) throw refuse(403, 'You must authenticate via a GitHub App.');
    const sha = await repository.git.commitOf(body.text('head_sha'));
    if (sha === undefined || sha !== body.text('head_sha')) {
      throw unprocessable(`No commit found for SHA: ${body.text('head_sha')}`);
    }
    const run: CheckRun = {
      id: world.nextId(),
      suite: suiteOf(world, repository, { app, sha }),
      app,
      sha,
      name: body.text('name'),
      externalId: undefined,
      detailsUrl: undefined,
      status: 'queued',
      conclusion: undefined,
      startedAtMs: world.clock.nowMs(),
      completedAtMs: undefined,
      output: { title: undefined, summary: undefined, text: undefined },
      annotations: [],
    };
    change(call, run);
    repository.checkRuns.set(run.id, run);
    return { status: 201, body: checkRun(world, repository, run) };
  },

  'checks/update': call => {
    const repository = repositoryOf(call);
    const run = runOf(call, repository);
    if (appOf(call.actor) !== run.app)
      throw refuse(403, 'Invalid app_id `0` - check run can only be modified by the GitHub App that created it.');
    change(call, run);
    return { status: 200, body: checkRun(call.world, repository, run) };
  },

  'checks/get': call => {
    const repository = repositoryOf(call);
    return { status: 200, body: checkRun(call.world, repository, runOf(call, repository)) };
  },

  'checks/list-annotations': call => {
    const repository = repositoryOf(call);
    const { annotations, sha } = runOf(call, repository);
    return listed(call, annotations, of => annotation(call.world, repository, { sha, of }));
  },

  'checks/list-for-ref': async call => {
    const { world, query } = call;
    const repository = repositoryOf(call);
    const sha = await needCommit(call, repository);
    const name = query.maybeText('check_name');
    const wanted = query.maybeText('status');
    const appId = query.maybeNumber('app_id');
    const all = runsAt(repository, sha, query.maybeText('filter') === 'all' ? 'all' : 'latest').filter(
      run =>
        (name === undefined || run.name === name) &&
        (wanted === undefined || run.status === wanted) &&
        (appId === undefined || run.app.id === appId),
    );
    const { items, pages } = paged(call, all);
    const check_runs = items.map(run => checkRun(world, repository, run));
    return { status: 200, body: { total_count: all.length, check_runs }, pages };
  },

  'repos/create-commit-status': async call => {
    const { world, body, path, actor } = call;
    const repository = repositoryOf(call);
    const sha = path.text('sha');
    if (!isSha(sha) || (await repository.git.commitOf(sha)) === undefined) {
      throw unprocessable(`No commit found for SHA: ${sha}`);
    }
    const made = addStatus(world, repository, {
      sha,
      state: body.text('state'),
      context: body.maybeText('context') ?? 'default',
      description: body.maybeText('description'),
      targetUrl: body.maybeText('target_url'),
      creator: accountOf(actor),
    });
    return { status: 201, body: status(world, repository, made) };
  },

  'repos/list-commit-statuses-for-ref': async call => {
    const repository = repositoryOf(call);
    const all = statusesAt(repository, await needCommit(call, repository));
    return listed(call, all, of => status(call.world, repository, of));
  },

  'repos/get-combined-status-for-ref': async call => {
    const repository = repositoryOf(call);
    const sha = await needCommit(call, repository);
    const newest = new Map<string, Status>();
    for (const of of [...statusesAt(repository, sha)].reverse()) newest.set(of.context, of);
    const { items, pages } = paged(call, [...newest.values()]);
    const body = combinedStatus(call.world, repository, { sha, newest: items, total: newest.size });
    return { status: 200, body, pages };
  },
} satisfies Partial<Record<OperationId, Handler>>;

function runOf({ path }: Call, { checkRuns }: Repository): CheckRun {
  const run = checkRuns.get(path.number('check_run_id'));
  if (run === undefined) throw notFound();
  return run;
}

async function needCommit({ path }: Call, { git }: Repository): Promise<string> {
  const ref = path.text('ref').replace(/^(heads|tags)\//, 'refs/$1/');
  const sha = await git.commitOf(ref);
  if (sha === undefined) throw unprocessable(`No commit found for SHA: ${ref}`);
  return sha;
}

/** What the body names changes; annotations are added to those there are. */
function change({ body, world }: Call, run: CheckRun): void {
  run.name = body.maybeText('name') ?? run.name;
  run.externalId = body.maybeText('external_id') ?? run.externalId;
  run.detailsUrl = body.maybeText('details_url') ?? run.detailsUrl;
  run.startedAtMs = timeOf(body, 'started_at') ?? run.startedAtMs;
  const conclusion = body.maybeText('conclusion');
  if (conclusion === 'stale') throw invalid({ resource: 'CheckRun', field: 'conclusion', code: 'invalid' });
  const before = run.status;
  run.status = conclusion === undefined ? (body.maybeText('status') ?? run.status) : 'completed';
  if (run.status === 'completed' && conclusion === undefined && run.conclusion === undefined) {
    throw invalid({ resource: 'CheckRun', field: 'conclusion', code: 'missing_field' });
  }
  if (run.status === 'completed') {
    run.conclusion = conclusion ?? run.conclusion;
    run.completedAtMs =
      timeOf(body, 'completed_at') ?? (before === 'completed' ? run.completedAtMs : world.clock.nowMs());
  } else {
    run.conclusion = undefined;
    run.completedAtMs = undefined;
  }
  if (body.has('output')) changeOutput(body.members('output'), run);
}

function changeOutput(output: Members, run: CheckRun): void {
  const title = output.maybeText('title') ?? run.output.title;
  const summary = output.maybeText('summary') ?? run.output.summary;
  run.output = { title, summary, text: output.maybeText('text') ?? run.output.text };
  run.annotations.push(...output.list('annotations').map(item => annotationOf(new Members(item))));
}

/** Refusal: 422 for lines the wrong way round, or columns over several lines. */
function annotationOf(given: Members): Annotation {
  const read: Annotation = {
    path: given.text('path'),
    startLine: given.number('start_line'),
    endLine: given.number('end_line'),
    startColumn: given.maybeNumber('start_column'),
    endColumn: given.maybeNumber('end_column'),
    level: given.text('annotation_level'),
    title: given.maybeText('title'),
    message: given.text('message'),
    rawDetails: given.maybeText('raw_details'),
  };
  const fault = (field: string) => invalid({ resource: 'CheckAnnotation', field, code: 'invalid' });
  if (read.startLine < 1 || read.endLine < read.startLine) throw fault('end_line');
  if (read.startColumn !== undefined && read.startLine !== read.endLine) throw fault('start_column');
  if ((read.title ?? '').length > 255) throw fault('title');
  if (Buffer.byteLength(read.message) > 65_536) throw fault('message');
  if (read.path === '' || read.path.startsWith('/')) throw fault('path');
  return read;
}

function timeOf(body: Members, name: string): number | undefined {
  const text = body.maybeText(name);
  return text === undefined ? undefined : Date.parse(text);
}
