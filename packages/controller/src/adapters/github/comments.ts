// The one comment that is edited in place.

import type { Octokit } from 'octokit';
import type { Forge } from '../../ports/forge.ts';
import type { Connection, Identity } from './connection.ts';
import { sameText } from './values.ts';

type Comment = Awaited<ReturnType<Octokit['rest']['issues']['listComments']>>['data'][number];

/** Looks before it posts, so that a post whose answer was lost is not made twice; what is there twice all the same is cleared away. */
export const putCommentOn =
  (connection: Connection): Forge['putComment'] =>
  async (number, { marker, body, where }) => {
    const { rest, paginate } = await connection.octokit();
    const { repository } = connection;
    const identity = await connection.identity();
    const comments = await paginate(rest.issues.listComments, { ...repository, issue_number: number, per_page: 100 });
    const [first, ...surplus] = comments.filter(
      comment => isOurs(comment, identity) && comment.body?.startsWith(marker),
    );
    for (const { id } of surplus) await rest.issues.deleteComment({ ...repository, comment_id: id });
    if (first === undefined && where === 'inPlace') return;
    if (first === undefined) await rest.issues.createComment({ ...repository, issue_number: number, body });
    else if (!sameText(first.body, body))
      await rest.issues.updateComment({ ...repository, comment_id: first.id, body });
  };

/** Anybody can begin a comment with our marker. */
const isOurs = ({ user, performed_via_github_app: app }: Comment, { login, appId }: Identity): boolean =>
  user?.login === login || (appId !== undefined && app?.id === appId);
