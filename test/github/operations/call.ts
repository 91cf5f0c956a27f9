// One request on its way to its handler, and what handlers ask of it again and again.

import { InvariantError } from '@seatrial/spec';
import type { Json, Members } from '../json.ts';
import type { Account, Actor, App } from '../model/accounts.ts';
import { fullName, type PullRequest, type Repository } from '../model/repository.ts';
import type { World } from '../model/world.ts';
import { notFound } from '../refusal.ts';

export interface Call {
  readonly world: World;
  readonly actor: Actor;
  readonly path: Members;
  readonly query: Members;
  readonly body: Members;
  /** The body as it came, where it is no object. */
  readonly rawBody: Json | undefined;
  /** Lists the app's deliveries, newest first. */
  readonly deliveries: Deliveries;
  readonly rates: () => Json;
}

export interface Deliveries {
  list(): readonly Delivery[];
  redeliver(delivery: Delivery): void;
}

export interface Delivery {
  readonly id: number;
  readonly guid: string;
  readonly event: string;
  readonly action: string | undefined;
  readonly repositoryId: number | undefined;
  readonly installationId: number | undefined;
  readonly isRedelivery: boolean;
  readonly deliveredAtMs: number;
  readonly status: string;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Json;
  readonly responseText: string;
  readonly url: string;
}

export interface Answer {
  readonly status: number;
  readonly body?: Json;
  /** Where the answer is one page of several. */
  readonly pages?: Pages;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Pages =
  | { readonly kind: 'numbered'; readonly page: number; readonly last: number }
  | { readonly kind: 'cursor'; readonly next: string | undefined };

export type Handler = (call: Call) => Answer | Promise<Answer>;

/** The repository of the path, if the one who asks may know of it. Refusal: 404. */
export function repositoryOf({ world, path, actor }: Call): Repository {
  const repository = world.repository(`${path.text('owner')}/${path.text('repo')}`);
  if (repository === undefined || !maySee(actor, repository)) throw notFound();
  return repository;
}

export function maySee(actor: Actor, repository: Repository): boolean {
  if (actor.kind === 'app') return true;
  if (actor.kind === 'nobody') return !repository.isPrivate;
  if (actor.kind === 'personal') {
    return !repository.isPrivate || repository.collaborators.has(actor.user.login) || repository.owner === actor.user;
  }
  const { installation, repositories } = actor;
  if (installation.account !== repository.owner) return !repository.isPrivate;
  const name = fullName(repository);
  return (installation.repositories?.has(name) ?? true) && (repositories?.has(name) ?? true);
}

/** Refusal: 404. */
export function pullOf(call: Call, name: 'pull_number' | 'issue_number' = 'pull_number'): PullRequest {
  const pull = repositoryOf(call).pulls.get(call.path.number(name));
  if (pull === undefined) throw notFound();
  return pull;
}

/** In whose name the request is carried out. */
export function accountOf({ kind, ...actor }: Actor & { app?: App }): Account {
  if ('user' in actor) return actor.user;
  if ('installation' in actor) return actor.installation.app.bot;
  if (actor.app !== undefined) return actor.app.bot;
  throw new InvariantError(`${kind} changes nothing`);
}

/** The app behind an installation's token. */
export const appOf = (actor: Actor): App | undefined =>
  actor.kind === 'installation' ? actor.installation.app : undefined;

const MOST_PER_PAGE = 100;
const USUAL_PER_PAGE = 30;

/** The items of the page that was asked for. */
export function paged<T>(
  { query }: Call,
  items: readonly T[],
): { readonly items: readonly T[]; readonly pages: Pages } {
  const perPage = Math.min(Math.max(query.maybeNumber('per_page') ?? USUAL_PER_PAGE, 1), MOST_PER_PAGE);
  const page = Math.max(query.maybeNumber('page') ?? 1, 1);
  const last = Math.max(Math.ceil(items.length / perPage), 1);
  return { items: items.slice((page - 1) * perPage, page * perPage), pages: { kind: 'numbered', page, last } };
}

/** 200 with one page of a list. */
export async function listed<T>(
  call: Call,
  all: readonly T[],
  show: (item: T) => Json | Promise<Json>,
): Promise<Answer> {
  const { items, pages } = paged(call, all);
  const body: Json[] = [];
  for (const item of items) body.push(await show(item));
  return { status: 200, body, pages };
}
