// The forge on GitHub, put together.
//
// Asks and writes: pull requests, reviews, team memberships, check runs, issue comments, commit statuses, git objects and
// refs of one repository. Permissions of the app: checks, contents, pull requests, issues and statuses to write; members of
// the organisation to read.

import type { Forge } from '../../ports/forge.ts';
import { checksOn } from './checks.ts';
import { putCommentOn } from './comments.ts';
import { commitsOn } from './commits.ts';
import { type ConnectionOptions, connect } from './connection.ts';
import { basicAuthorization } from './git-access.ts';
import { pullRequestsOn } from './pull-requests.ts';

export interface GithubOptions extends ConnectionOptions {
  /** The branch that the fleet follows. */
  readonly branch: string;
}

export interface Github {
  readonly forge: Forge;
  /** For git over HTTPS: the value of an `Authorization` header. */
  readonly authorization: () => Promise<string>;
}

/** Nothing is asked before the first call. */
export function openGithub({ branch, ...options }: GithubOptions): Github {
  const connection = connect(options);
  return {
    forge: {
      ...pullRequestsOn(connection, branch),
      ...checksOn(connection),
      ...commitsOn(connection),
      putComment: putCommentOn(connection),
    },
    authorization: async () => basicAuthorization(await connection.token()),
  };
}

export const githubForge = (options: GithubOptions): Forge => openGithub(options).forge;
