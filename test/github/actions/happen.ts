// Tells what happened, in the words of webhooks.

import type { JsonObject } from '../json.ts';
import type { Account } from '../model/accounts.ts';
import type { CheckRun, Comment, PullRequest, Repository, Review } from '../model/repository.ts';
import type { World } from '../model/world.ts';
import { toldCheckRun } from '../payloads/checks.ts';
import {
  comment as commentPayload,
  issue,
  label,
  pullRequest,
  review as reviewPayload,
  simplePullRequest,
} from '../payloads/pull-request.ts';

type PullAction = 'opened' | 'closed' | 'reopened' | 'edited' | 'synchronize' | 'labeled' | 'unlabeled';

export async function tellPull(
  world: World,
  pull: PullRequest,
  { action, by, more = {} }: { readonly action: PullAction; readonly by: Account; readonly more?: JsonObject },
): Promise<void> {
  const payload = { number: pull.number, pull_request: await pullRequest(world, pull), ...more };
  world.tell({ event: 'pull_request', action, repository: pull.repository, sender: by, payload });
}

export const tellLabel = (
  world: World,
  pull: PullRequest,
  { action, by, name }: { readonly action: 'labeled' | 'unlabeled'; readonly by: Account; readonly name: string },
): Promise<void> => tellPull(world, pull, { action, by, more: { label: label(world, pull.repository, name) } });

export function tellReview(
  world: World,
  pull: PullRequest,
  { review, action }: { readonly review: Review; readonly action: 'submitted' | 'dismissed' },
): void {
  const shown = reviewPayload(world, { pull, of: review });
  const payload = {
    pull_request: { ...simplePullRequest(world, pull) },
    review: { ...shown, state: review.state.toLowerCase(), updated_at: shown['submitted_at'] },
  };
  world.tell({ event: 'pull_request_review', action, repository: pull.repository, sender: review.author, payload });
}

export function tellComment(
  world: World,
  comment: Comment,
  {
    action,
    by,
    from,
  }: { readonly action: 'created' | 'edited' | 'deleted'; readonly by: Account; readonly from?: string },
): void {
  const { pull } = comment;
  const changes = from === undefined ? {} : { changes: { body: { from } } };
  const payload = { ...changes, issue: issue(world, pull), comment: commentPayload(world, comment) };
  world.tell({ event: 'issue_comment', action, repository: pull.repository, sender: by, payload });
}

/** Somebody pressed "Re-run". */
export function tellRerequest(world: World, repository: Repository, { run, by }: { run: CheckRun; by: Account }): void {
  const payload = { check_run: toldCheckRun(world, repository, run) };
  world.tell({ event: 'check_run', action: 'rerequested', repository, sender: by, payload });
}
