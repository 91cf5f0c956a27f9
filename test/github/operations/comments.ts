// Comments on pull requests through the API.

import { addComment, deleteComment, editComment } from '../actions/comments.ts';
import type { Comment } from '../model/repository.ts';
import type { OperationId } from '../openapi/operations.ts';
import { comment } from '../payloads/pull-request.ts';
import { notFound, refuse } from '../refusal.ts';
import { accountOf, appOf, type Call, type Handler, listed, pullOf, repositoryOf } from './call.ts';

export const COMMENTS = {
  'issues/list-comments': call => {
    const pull = pullOf(call, 'issue_number');
    const since = call.query.maybeText('since');
    const all = [...pull.repository.comments.values()].filter(
      of => of.pull === pull && (since === undefined || of.updatedAtMs >= Date.parse(since)),
    );
    return listed(call, all, of => comment(call.world, of));
  },

  'issues/create-comment': call => {
    const { world, body, actor } = call;
    const pull = pullOf(call, 'issue_number');
    const made = addComment(world, pull, { by: accountOf(actor), app: appOf(actor), body: body.text('body') });
    return { status: 201, body: comment(world, made) };
  },

  'issues/get-comment': call => ({ status: 200, body: comment(call.world, commentOf(call)) }),

  'issues/update-comment': call => {
    const { world, body, actor } = call;
    const of = commentOf(call);
    demandOwn(call, of);
    editComment(world, of, { by: accountOf(actor), body: body.text('body') });
    return { status: 200, body: comment(world, of) };
  },

  'issues/delete-comment': call => {
    const of = commentOf(call);
    demandOwn(call, of);
    deleteComment(call.world, of, accountOf(call.actor));
    return { status: 204 };
  },
} satisfies Partial<Record<OperationId, Handler>>;

function commentOf(call: Call): Comment {
  const comment = repositoryOf(call).comments.get(call.path.number('comment_id'));
  if (comment === undefined) throw notFound();
  return comment;
}

/** Who may write may also edit what others wrote; others only their own. */
function demandOwn({ actor }: Call, { author, pull }: Comment): void {
  const by = accountOf(actor);
  const role = pull.repository.collaborators.get(by.login);
  const mayEditAll = actor.kind === 'installation' || role === 'write' || role === 'admin';
  if (author !== by && !mayEditAll) throw refuse(403, 'Must have admin rights to Repository.');
}
