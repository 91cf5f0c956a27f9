// Pull requests through the API.

import { tellLabel } from '../actions/happen.ts';
import {
  closePull,
  editPull,
  labelPull,
  mergePull,
  openPull,
  reopenPull,
  touch,
  workOutMergeability,
} from '../actions/pulls.ts';
import { takePush } from '../actions/pushes.ts';
import { changedFiles, commitsBetween, isAncestor, mergeBase } from '../git/compare.ts';
import { isObject } from '../json.ts';
import type { PullRequest } from '../model/repository.ts';
import type { OperationId } from '../openapi/operations.ts';
import { commit, diffEntry } from '../payloads/commits.ts';
import { label, pullRequest, review, simplePullRequest } from '../payloads/pull-request.ts';
import { invalid, notFound } from '../refusal.ts';
import { accountOf, type Call, type Handler, listed, pullOf, repositoryOf } from './call.ts';

export const PULLS = {
  'pulls/create': async call => {
    const { world, body, actor } = call;
    const title = body.maybeText('title');
    if (title === undefined || title.trim() === '') {
      throw invalid({ resource: 'PullRequest', field: 'title', code: 'missing_field' });
    }
    const pull = await openPull(world, {
      repository: repositoryOf(call),
      author: accountOf(actor),
      title,
      body: body.maybeText('body'),
      head: body.text('head'),
      base: body.text('base'),
      isDraft: body.flag('draft'),
    });
    return { status: 201, body: await pullRequest(world, pull) };
  },

  /** The first look after a push finds `mergeable` null, and has it worked out. */
  'pulls/get': async call => {
    const { world } = call;
    const pull = pullOf(call);
    const body = await pullRequest(world, pull);
    if (pull.state === 'open') await workOutMergeability(world, pull);
    return { status: 200, body };
  },

  'pulls/list': call => {
    const { pulls, owner } = repositoryOf(call);
    const all = sorted(
      call,
      [...pulls.values()].filter(pull => isWanted(call, pull, owner.login)),
    );
    return listed(call, all, pull => simplePullRequest(call.world, pull));
  },

  'pulls/update': async call => {
    const { world, body, actor } = call;
    const pull = pullOf(call);
    const by = accountOf(actor);
    const state = body.maybeText('state');
    await editPull(world, pull, {
      by,
      title: body.maybeText('title'),
      body: body.maybeText('body'),
      base: body.maybeText('base'),
    });
    if (state === 'closed') await closePull(world, pull, by);
    if (state === 'open') await reopenPull(world, pull, by);
    return { status: 200, body: await pullRequest(world, pull) };
  },

  'pulls/merge': async call => {
    const { world, body, actor } = call;
    const pull = pullOf(call);
    const by = accountOf(actor);
    const method = body.maybeText('merge_method');
    const title = body.maybeText('commit_title');
    const text = body.maybeText('commit_message');
    const push = await mergePull(world, pull, {
      by,
      method: method === 'squash' || method === 'rebase' ? method : 'merge',
      message: title === undefined ? undefined : [title, text].filter(part => part !== undefined).join('\n\n'),
      sha: body.maybeText('sha'),
    });
    await takePush(world, pull.repository, { ...push, by });
    return { status: 200, body: { sha: push.after, merged: true, message: 'Pull Request successfully merged' } };
  },

  'pulls/list-files': async call => {
    const { repository, base, head } = pullOf(call);
    const fork = (await mergeBase(repository.git, base.sha, head.sha)) ?? base.sha;
    const files = await changedFiles(repository.git, fork, head.sha);
    // GitHub lists no more than 3,000 files of a pull request.
    return listed(call, files.slice(0, 3000), file => diffEntry(call.world, repository, { ref: head.sha, file }));
  },

  'pulls/list-commits': async call => {
    const { repository, base, head } = pullOf(call);
    // GitHub lists no more than 250 commits of a pull request.
    const commits = (await commitsBetween(repository.git, base.sha, head.sha)).slice(0, 250);
    return listed(call, commits, sha => commit(call.world, repository, sha));
  },

  'pulls/list-reviews': call => {
    const pull = pullOf(call);
    return listed(call, pull.reviews, of => review(call.world, { pull, of }));
  },

  'issues/add-labels': async call => {
    const { world, actor, rawBody, body } = call;
    const pull = pullOf(call, 'issue_number');
    const given = Array.isArray(rawBody) ? rawBody : body.list('labels');
    const names = given.flatMap(item =>
      typeof item === 'string' ? [item] : isObject(item) && typeof item['name'] === 'string' ? [item['name']] : [],
    );
    await labelPull(world, pull, { by: accountOf(actor), names });
    return { status: 200, body: labelsOf(call, pull) };
  },

  'issues/list-labels-on-issue': call => {
    const pull = pullOf(call, 'issue_number');
    return listed(call, [...pull.labels], name => label(call.world, pull.repository, name));
  },

  'issues/remove-label': async call => {
    const { world, actor, path } = call;
    const pull = pullOf(call, 'issue_number');
    const name = path.text('name');
    if (!pull.labels.delete(name)) throw notFound();
    touch(world, pull);
    await tellLabel(world, pull, { action: 'unlabeled', by: accountOf(actor), name });
    return { status: 200, body: labelsOf(call, pull) };
  },

  'repos/list-pull-requests-associated-with-commit': async call => {
    const repository = repositoryOf(call);
    const sha = await repository.git.commitOf(call.path.text('commit_sha'));
    const found: PullRequest[] = [];
    for (const pull of sha === undefined ? [] : repository.pulls.values()) {
      if (sha !== undefined && (await brings(pull, sha))) found.push(pull);
    }
    return listed(call, found, pull => simplePullRequest(call.world, pull));
  },
} satisfies Partial<Record<OperationId, Handler>>;

/** Merged by it, or part of it. */
async function brings({ repository, base, head, merged }: PullRequest, sha: string): Promise<boolean> {
  if (merged?.sha === sha) return true;
  const { git } = repository;
  return (await isAncestor(git, sha, head.sha)) && !(await isAncestor(git, sha, base.sha));
}

function isWanted({ query }: Call, { state, head, base }: PullRequest, owner: string): boolean {
  const wanted = query.maybeText('state') ?? 'open';
  const ofHead = query.maybeText('head');
  const ofBase = query.maybeText('base');
  const label = `${head.repository.owner.login}:${head.branch}`.toLowerCase();
  const asked = ofHead?.includes(':') === true ? ofHead : `${owner}:${ofHead}`;
  return (
    (wanted === 'all' || wanted === state) &&
    // GitHub ignores a head without its owner; so that nobody relies on it, it finds nothing here.
    (ofHead === undefined || (ofHead.includes(':') && asked.toLowerCase() === label)) &&
    (ofBase === undefined || ofBase === base.branch)
  );
}

function sorted({ query }: Call, pulls: readonly PullRequest[]): readonly PullRequest[] {
  const by = query.maybeText('sort') ?? 'created';
  const direction = query.maybeText('direction') ?? (by === 'created' ? 'desc' : 'asc');
  const key = (pull: PullRequest): number => (by === 'updated' ? pull.updatedAtMs : pull.createdAtMs);
  const ascending = [...pulls].sort((a, b) => key(a) - key(b) || a.number - b.number);
  return direction === 'asc' ? ascending : ascending.reverse();
}

const labelsOf = ({ world }: Call, { labels, repository }: PullRequest) =>
  [...labels].map(name => label(world, repository, name));
