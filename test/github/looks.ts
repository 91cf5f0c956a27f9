// What has become of a repository and of what was asked of GitHub, as tests look at it.

import type { CheckRun, Comment, PullRequest, Repository, Status } from './model/repository.ts';
import type { Asking } from './server/dispatch.ts';

export class Looks {
  /** The repository that the GitHub was started with. */
  readonly repository: Repository;
  readonly #askings: readonly Asking[];

  constructor(repository: Repository, askings: readonly Asking[]) {
    this.repository = repository;
    this.#askings = askings;
  }

  pullRequests(): readonly PullRequest[] {
    return [...this.repository.pulls.values()];
  }

  comments(pull: PullRequest): readonly Comment[] {
    return [...pull.repository.comments.values()].filter(({ pull: on }) => on === pull);
  }

  /** Oldest first. */
  checkRuns(sha: string): readonly CheckRun[] {
    return [...this.repository.checkRuns.values()].filter(run => run.sha === sha);
  }

  /** Oldest first. */
  statuses(sha: string): readonly Status[] {
    return this.repository.statuses.filter(status => status.sha === sha);
  }

  /** The newest of each context. */
  statusesByContext(sha: string): ReadonlyMap<string, Status> {
    return new Map(this.statuses(sha).map(status => [status.context, status]));
  }

  branch(name: string): Promise<string | undefined> {
    return this.repository.git.branch(name);
  }

  /** The text of a file on a branch or commit. */
  async fileAt(ref: string, path: string): Promise<string> {
    return this.repository.git.git(['cat-file', 'blob', `${ref}:${path}`]);
  }

  /** Every request so far, oldest first; of one operation where it is named. */
  requests(operation?: Asking['operation']): readonly Asking[] {
    return this.#askings.filter(asking => operation === undefined || asking.operation === operation);
  }
}
