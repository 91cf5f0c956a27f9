// A GitHub for tests, as a test reads: people act on it, and it is asked what has become of it. Started by `startGitHub`.

import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { InvariantError } from '@seatrial/spec';
import { addComment } from './actions/comments.ts';
import { tellRerequest } from './actions/happen.ts';
import * as pulls from './actions/pulls.ts';
import { takePush, takePushes } from './actions/pushes.ts';
import { createRepository, type Files, firstCommit, fork } from './actions/repositories.ts';
import { Undocumented, type Violation } from './contract/violations.ts';
import { Engineer } from './engineer.ts';
import { Looks } from './looks.ts';
import type { App, Installation, Permissions } from './model/accounts.ts';
import type { Clock } from './model/clock.ts';
import {
  type CheckRun,
  type Comment,
  fullName,
  type PullRequest,
  type Repository,
  type Review,
} from './model/repository.ts';
import type { World } from './model/world.ts';
import type { Asking, Desk } from './server/dispatch.ts';
import { type Failure, type FailureTarget, NotMet } from './server/failures.ts';
import type { Limits } from './server/limits.ts';
import type { Listening } from './server/server.ts';
import type { Webhooks } from './webhooks/hook.ts';

export interface GitHubParts {
  readonly folder: string;
  readonly desk: Desk;
  readonly listening: Listening;
  readonly limits: Limits;
  readonly webhooks: Webhooks;
  readonly violations: Violation[];
  readonly askings: Asking[];
  readonly app: App;
  readonly privateKey: string;
  readonly installation: Installation;
  readonly repository: Repository;
  readonly removeFolder: () => void;
}

/** Where nothing is said: the repository it was started with, its default branch, and `ada`. */
export interface NewPullRequest {
  /** `branch`, or `owner:branch` of a fork. */
  readonly head: string;
  readonly base?: string;
  readonly title?: string;
  readonly body?: string;
  readonly by?: string;
  readonly draft?: boolean;
}

const SOMEBODY = 'ada';

export class GitHub extends Looks {
  readonly #parts: GitHubParts;
  readonly #world: World;
  #clones = 0;

  constructor(parts: GitHubParts) {
    super(parts.repository, parts.askings);
    this.#parts = parts;
    this.#world = parts.desk.world;
  }

  /** For octokit's `baseUrl`. */
  get baseUrl(): string {
    return this.#world.urls.api;
  }

  /** Of the pages, and of git over HTTP: `<origin>/<owner>/<name>.git`. */
  get origin(): string {
    return this.#world.urls.html;
  }

  /** What somebody who sets the app up is given. */
  get app() {
    const { app, privateKey, installation } = this.#parts;
    const { id, clientId, slug, hook } = app;
    return { id, clientId, slug, privateKey, webhookSecret: hook.secret, installationId: installation.id } as const;
  }

  get clock(): Clock {
    return this.#world.clock;
  }

  /** May be changed at any time. */
  get limits(): Limits {
    return this.#parts.limits;
  }

  get webhooks(): Webhooks {
    return this.#parts.webhooks;
  }

  /** Of the key with which it signs commits. */
  get signingKey(): KeyObject {
    return this.#world.webFlow.publicKey;
  }

  /** From now on webhooks go there. */
  deliverTo(url: string): void {
    this.#parts.app.hook.url = url;
  }

  /** As when somebody sets the webhook up. */
  async ping(): Promise<void> {
    this.webhooks.ping(this.#parts.app);
    await this.webhooks.settled();
  }

  // What people do.

  /** Somebody who may write, with a fresh clone: by the path of the repository, or over HTTP with a token of theirs. */
  async engineer(
    login = SOMEBODY,
    { via = 'path', in: where = this.repository }: EngineerOptions = {},
  ): Promise<Engineer> {
    where.collaborators.set(login, where.collaborators.get(login) ?? 'write');
    const account = this.#world.account(login);
    const remote = via === 'path' ? where.git.path : this.#addressWithToken(where, this.personalToken(login));
    this.#clones += 1;
    const folder = join(this.#parts.folder, 'clones', `${account.login}-${this.#clones}`);
    return Engineer.clone({ login, folder, remote, repository: where, pushed: () => this.#settle() });
  }

  /** Somebody's own copy of the repository; the head of a pull request from it is `owner:branch`. */
  fork(owner: string): Promise<Repository> {
    const account = this.#world.account(owner);
    return this.#act(() => fork(this.#world, this.repository, { owner: account, folder: this.#parts.folder }));
  }

  /** Another repository of that owner, with a first commit. */
  createRepository(name: string, files: Files = { 'README.md': '# Fleets\n' }): Promise<Repository> {
    const [owner = '', short = ''] = name.split('/');
    return this.#act(async () => {
      const account = this.#world.account(owner, 'Organization');
      const made = await createRepository(this.#world, { folder: this.#parts.folder, owner: account, name: short });
      await firstCommit(this.#world, made, files);
      return made;
    });
  }

  openPullRequest(wanted: NewPullRequest): Promise<PullRequest> {
    const {
      head,
      base = this.repository.defaultBranch,
      by = SOMEBODY,
      title = `Change ${head}`,
      body,
      draft = false,
    } = wanted;
    const author = this.#world.account(by);
    return this.#act(() =>
      pulls.openPull(this.#world, { repository: this.repository, author, title, body, head, base, isDraft: draft }),
    );
  }

  edit(pull: PullRequest, changes: pulls.PullEdit, by = SOMEBODY): Promise<void> {
    return this.#act(() => pulls.editPull(this.#world, pull, { ...changes, by: this.#world.account(by) }));
  }

  /** Answers with the commit that it became on the base. */
  mergePullRequest(pull: PullRequest, { by = SOMEBODY, method = 'merge' }: MergeOptions = {}): Promise<string> {
    const account = this.#world.account(by);
    return this.#act(async () => {
      const push = await pulls.mergePull(this.#world, pull, { by: account, method });
      await takePush(this.#world, pull.repository, { ...push, by: account });
      return push.after;
    });
  }

  closePullRequest(pull: PullRequest, by = SOMEBODY): Promise<void> {
    return this.#act(() => pulls.closePull(this.#world, pull, this.#world.account(by)));
  }

  reopenPullRequest(pull: PullRequest, by = SOMEBODY): Promise<void> {
    return this.#act(() => pulls.reopenPull(this.#world, pull, this.#world.account(by)));
  }

  label(pull: PullRequest, ...names: readonly string[]): Promise<void> {
    return this.#act(() => pulls.labelPull(this.#world, pull, { by: this.#world.account(SOMEBODY), names }));
  }

  review(pull: PullRequest, by: string, state: Review['state'] = 'APPROVED', body = ''): Promise<Review> {
    return this.#act(async () => pulls.reviewPull(this.#world, pull, { by: this.#world.account(by), state, body }));
  }

  dismiss(pull: PullRequest, review: Review): Promise<void> {
    return this.#act(async () => pulls.dismissReview(this.#world, pull, review));
  }

  comment(pull: PullRequest, body: string, by = SOMEBODY): Promise<Comment> {
    return this.#act(async () => addComment(this.#world, pull, { by: this.#world.account(by), body }));
  }

  /** Somebody presses "Re-run". */
  rerequest(run: CheckRun, by = SOMEBODY): Promise<void> {
    return this.#act(async () => tellRerequest(this.#world, this.repository, { run, by: this.#world.account(by) }));
  }

  /** A team of the repository's owner; again with other members changes it. */
  team(slug: string, members: readonly string[]): void {
    const organization = this.repository.owner;
    const known = this.#world.teams.find(team => team.slug === slug && team.organization === organization);
    const team = known ?? { id: this.#world.nextId(), slug, organization, members: new Map() };
    team.members.clear();
    for (const login of members) {
      this.#world.account(login);
      team.members.set(login, { role: 'member', state: 'active' });
    }
    if (known === undefined) this.#world.teams.push(team);
  }

  // Tokens and permissions.

  /** Classic, or fine-grained where permissions are named. */
  personalToken(login: string, permissions?: Permissions): string {
    const token = `${permissions === undefined ? 'ghp' : 'github_pat'}_${login}${this.#world.nextId()}`;
    this.#world.tokens.set(token, { kind: 'personal', user: this.#world.account(login), permissions });
    return token;
  }

  /** All tokens there are, of people and of the app: whoever uses one is answered 401. */
  revokeTokens(): void {
    this.#world.tokens.clear();
  }

  /** For tokens made from now on, as when an owner has not yet accepted what an app asks for. */
  permit(permissions: Permissions): void {
    this.#parts.app.permissions = permissions;
  }

  suspendInstallation(isSuspended = true): void {
    this.#parts.installation.suspended = isSuspended;
  }

  // What goes wrong.

  /** Of the next request of that operation, or of as many as said. */
  failNext(target: FailureTarget, failure: number | Failure, { times = 1 }: { readonly times?: number } = {}): void {
    const scripted: Failure = typeof failure === 'number' ? { kind: 'status', status: failure } : failure;
    this.#parts.desk.failures.script(target, scripted, times);
  }

  /** No request of the app's installation is admitted for so many seconds. */
  exhaustRateLimit(resetInS: number): void {
    const { installation, app } = this.#parts;
    const token = { permissions: app.permissions, repositories: undefined, expiresAtMs: 0 };
    this.#parts.desk.limiter.exhaust({ kind: 'installation', installation, ...token }, resetInS);
  }

  /** Pushes by path are noticed, and every webhook so far has arrived or failed. */
  async settled(): Promise<void> {
    await this.#settle();
    await this.webhooks.settled();
  }

  // What GitHub's description forbids.

  /** What was found so far, and is forgotten with this: for tests of the stand-in itself. */
  takeViolations(): readonly Violation[] {
    return this.#parts.violations.splice(0);
  }

  /** Throws when a request, an answer or a webhook was not as GitHub's description says. `close` does, too. */
  expectNothingUndocumented(): void {
    const { violations } = this.#parts;
    if (violations.length > 0) throw new Undocumented(violations);
  }

  /** Waits for webhooks, stops, removes its folder; then throws for whatever was undocumented, or scripted and never met. */
  async close(): Promise<void> {
    await this.webhooks.release();
    await this.#parts.listening.close();
    this.#parts.removeFolder();
    this.expectNothingUndocumented();
    const unmet = this.#parts.desk.failures.unmet();
    if (unmet.length > 0) throw new NotMet(unmet);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #addressWithToken(repository: Repository, token: string): string {
    const url = new URL(`${this.origin}/${fullName(repository)}.git`);
    url.username = 'x-access-token';
    url.password = token;
    return url.href;
  }

  #act<T>(act: () => Promise<T>): Promise<T> {
    return this.#parts.desk.exclusive.run(async () => {
      await takePushes(this.#world);
      return act();
    });
  }

  #settle(): Promise<void> {
    return this.#parts.desk.exclusive.run(() => takePushes(this.#world));
  }
}

interface EngineerOptions {
  readonly via?: 'path' | 'http';
  readonly in?: Repository;
}

interface MergeOptions {
  readonly by?: string;
  readonly method?: 'merge' | 'squash';
}

/** For tests: what must be there. */
export function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new InvariantError(`no ${what}`);
  return value;
}
