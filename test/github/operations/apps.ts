// The app itself: what it is, where it is installed, its tokens, and the deliveries of its webhook.

import { randomBytes } from 'node:crypto';
import type { Json, JsonObject } from '../json.ts';
import type { App, Installation, Permissions } from '../model/accounts.ts';
import { isoTime } from '../model/clock.ts';
import { fullName, type Repository } from '../model/repository.ts';
import type { OperationId } from '../openapi/operations.ts';
import { app as appPayload, installation as installationPayload } from '../payloads/accounts.ts';
import { repository as repositoryPayload } from '../payloads/repository.ts';
import { notFound, refuse, unprocessable } from '../refusal.ts';
import { type Call, type Delivery, type Handler, maySee, paged } from './call.ts';

/** RFC 3339 times in answers end an hour after the token is made. */
const TOKEN_LIFE_MS = 3_600_000;

const RANK = { read: 1, write: 2, admin: 3 } as const;

export const APPS = {
  'apps/get-authenticated': call => {
    const app = authenticated(call);
    const count = call.world.installations.filter(({ app: of }) => of === app).length;
    return { status: 200, body: { ...appPayload(call.world, app), installations_count: count } };
  },

  'apps/get-installation': call => ({ status: 200, body: installationPayload(call.world, needInstallation(call)) }),

  'apps/get-repo-installation': call => {
    const { world, path } = call;
    const app = authenticated(call);
    const repository = world.repository(`${path.text('owner')}/${path.text('repo')}`);
    const found = world.installations.find(of => of.app === app && repository !== undefined && covers(of, repository));
    if (found === undefined) throw notFound();
    return { status: 200, body: installationPayload(world, found) };
  },

  'apps/create-installation-access-token': call => {
    const { world, body } = call;
    const installation = needInstallation(call);
    if (installation.suspended) throw refuse(403, 'This installation has been suspended');
    const permissions = wantedPermissions(installation.app.permissions, body.value('permissions'));
    const repositories = wantedRepositories(call, installation);
    const token = `ghs_${randomBytes(27).toString('base64url')}`;
    const expiresAtMs = world.clock.nowMs() + TOKEN_LIFE_MS;
    world.tokens.set(token, {
      kind: 'installation',
      installation,
      permissions,
      repositories: repositories && new Set(repositories.map(fullName)),
      expiresAtMs,
    });
    const selected = repositories ?? [];
    return {
      status: 201,
      body: {
        token,
        expires_at: isoTime(expiresAtMs),
        permissions: { ...permissions },
        repository_selection:
          installation.repositories === undefined && repositories === undefined ? 'all' : 'selected',
        ...(selected.length > 0 && { repositories: selected.map(of => repositoryPayload(world, of)) }),
      },
    };
  },

  'apps/list-repos-accessible-to-installation': call => {
    const { world, actor } = call;
    if (actor.kind !== 'installation') throw refuse(403, 'You must authenticate with an installation access token.');
    const all = [...world.repositories.values()].filter(
      repository => repository.owner === actor.installation.account && maySee(actor, repository),
    );
    const { items, pages } = paged(call, all);
    const repositories = items.map(of => repositoryPayload(world, of));
    return { status: 200, body: { total_count: all.length, repository_selection: 'selected', repositories }, pages };
  },

  'apps/list-webhook-deliveries': call => {
    const { query } = call;
    const wanted = query.maybeText('status');
    const all = call.deliveries
      .list()
      .filter(({ statusCode }) => wanted === undefined || (wanted === 'success') === isSuccess(statusCode));
    const perPage = Math.min(query.maybeNumber('per_page') ?? 30, 100);
    const cursor = query.maybeText('cursor');
    const start = cursor === undefined ? 0 : all.findIndex(({ id }) => String(id) === cursor);
    if (start < 0) throw unprocessable('Invalid cursor');
    const next = all[start + perPage];
    return {
      status: 200,
      body: all.slice(start, start + perPage).map(deliveryItem),
      pages: { kind: 'cursor', next: next && String(next.id) },
    };
  },

  'apps/get-webhook-delivery': call => {
    const delivery = needDelivery(call);
    const { url, headers, payload, responseText } = delivery;
    const request = { headers: { ...headers }, payload } satisfies JsonObject;
    return {
      status: 200,
      body: { ...deliveryItem(delivery), url, request, response: { headers: {}, payload: responseText } },
    };
  },

  'apps/redeliver-webhook-delivery': call => {
    call.deliveries.redeliver(needDelivery(call));
    return { status: 202, body: {} };
  },
} satisfies Partial<Record<OperationId, Handler>>;

const authenticated = ({ actor }: Call): App => {
  if (actor.kind !== 'app') throw refuse(401, 'A JSON web token could not be decoded');
  return actor.app;
};

function needInstallation(call: Call): Installation {
  const app = authenticated(call);
  const id = call.path.number('installation_id');
  const found = call.world.installations.find(installation => installation.id === id && installation.app === app);
  if (found === undefined) throw notFound();
  return found;
}

export const covers = ({ account, repositories }: Installation, repository: Repository): boolean =>
  account === repository.owner && (repositories?.has(fullName(repository)) ?? true);

/** Never more than the app was given. Refusal: 422. */
function wantedPermissions(granted: Permissions, wanted: Json | undefined): Permissions {
  if (wanted === undefined || wanted === null || typeof wanted !== 'object' || Array.isArray(wanted)) return granted;
  const allowed: Record<string, 'read' | 'write' | 'admin'> = {};
  for (const [name, level] of Object.entries(wanted)) {
    const has = granted[name];
    if (level !== 'read' && level !== 'write' && level !== 'admin') continue;
    if (has === undefined || RANK[level] > RANK[has]) {
      throw unprocessable('The permissions requested are not granted to this installation.');
    }
    allowed[name] = level;
  }
  return allowed;
}

/** Undefined for all of the installation. Refusal: 422 for one that it does not have. */
function wantedRepositories({ world, body }: Call, installation: Installation): readonly Repository[] | undefined {
  const names = body.list('repositories');
  const ids = body.list('repository_ids');
  if (names.length + ids.length === 0) return undefined;
  const all = [...world.repositories.values()].filter(repository => covers(installation, repository));
  const found = all.filter(({ name, id }) => names.includes(name) || ids.includes(id));
  if (found.length < names.length + ids.length) {
    throw unprocessable(
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  }
  return found;
}

function needDelivery(call: Call): Delivery {
  authenticated(call);
  const id = call.path.number('delivery_id');
  const found = call.deliveries.list().find(delivery => delivery.id === id);
  if (found === undefined) throw notFound();
  return found;
}

/** `hook-delivery-item`. */
const deliveryItem = (of: Delivery): JsonObject => ({
  id: of.id,
  guid: of.guid,
  delivered_at: isoTime(of.deliveredAtMs),
  redelivery: of.isRedelivery,
  duration: 0.1,
  status: of.status,
  status_code: of.statusCode,
  event: of.event,
  action: of.action ?? null,
  installation_id: of.installationId ?? null,
  repository_id: of.repositoryId ?? null,
  throttled_at: null,
});

const isSuccess = (status: number): boolean => status >= 200 && status < 400;
