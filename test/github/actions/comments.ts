// Comments on pull requests.

import type { Account, App } from '../model/accounts.ts';
import type { Comment, PullRequest } from '../model/repository.ts';
import type { World } from '../model/world.ts';
import { invalid } from '../refusal.ts';
import { tellComment } from './happen.ts';
import { codePoints } from './length.ts';
import { touch } from './pulls.ts';

/** Characters. */
const MOST_CHARACTERS = 65_536;

export function addComment(
  world: World,
  pull: PullRequest,
  { by, app, body }: { readonly by: Account; readonly app?: App | undefined; readonly body: string },
): Comment {
  demandBody(body);
  const nowMs = world.clock.nowMs();
  const comment: Comment = { id: world.nextId(), pull, author: by, app, body, createdAtMs: nowMs, updatedAtMs: nowMs };
  pull.repository.comments.set(comment.id, comment);
  touch(world, pull);
  tellComment(world, comment, { action: 'created', by });
  return comment;
}

export function editComment(world: World, comment: Comment, { by, body }: { by: Account; body: string }): void {
  demandBody(body);
  const from = comment.body;
  comment.body = body;
  comment.updatedAtMs = world.clock.nowMs();
  tellComment(world, comment, { action: 'edited', by, from });
}

export function deleteComment(world: World, comment: Comment, by: Account): void {
  comment.pull.repository.comments.delete(comment.id);
  tellComment(world, comment, { action: 'deleted', by });
}

/** Refusal: 422 for one that is empty or too long. */
function demandBody(body: string): void {
  const fault = { resource: 'IssueComment', field: 'body' } as const;
  if (body.trim() === '') throw invalid({ ...fault, code: 'missing_field' });
  if (codePoints(body) > MOST_CHARACTERS) {
    throw invalid({
      ...fault,
      code: 'unprocessable',
      message: `body is too long (maximum is ${MOST_CHARACTERS} characters)`,
    });
  }
}
