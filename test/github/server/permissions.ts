// What a token must be allowed before an operation is carried out (docs.github.com, Permissions required for GitHub Apps).

import type { Actor, Permissions } from '../model/accounts.ts';
import type { OperationId } from '../openapi/operations.ts';
import { refuse } from '../refusal.ts';

/** `app`: the app's own token. A list: any one of them will do. */
type Need = 'app' | 'anybody' | readonly `${string}:${'read' | 'write'}`[];

const METADATA = ['metadata:read'] as const;
const TALK = ['issues:write', 'pull_requests:write'] as const;
const LISTEN = ['issues:read', 'pull_requests:read'] as const;

const NEEDS: Readonly<Record<OperationId, Need>> = {
  'apps/create-installation-access-token': 'app',
  'apps/get-authenticated': 'app',
  'apps/get-installation': 'app',
  'apps/get-repo-installation': 'app',
  'apps/get-webhook-delivery': 'app',
  'apps/list-repos-accessible-to-installation': METADATA,
  'apps/list-webhook-deliveries': 'app',
  'apps/redeliver-webhook-delivery': 'app',
  'checks/create': ['checks:write'],
  'checks/get': ['checks:read'],
  'checks/list-annotations': ['checks:read'],
  'checks/list-for-ref': ['checks:read'],
  'checks/update': ['checks:write'],
  'git/create-blob': ['contents:write'],
  'git/create-commit': ['contents:write'],
  'git/create-ref': ['contents:write'],
  'git/create-tree': ['contents:write'],
  'git/delete-ref': ['contents:write'],
  'git/get-blob': ['contents:read'],
  'git/get-commit': ['contents:read'],
  'git/get-ref': ['contents:read'],
  'git/get-tree': ['contents:read'],
  'git/list-matching-refs': ['contents:read'],
  'git/update-ref': ['contents:write'],
  'issues/add-labels': TALK,
  'issues/create-comment': TALK,
  'issues/delete-comment': TALK,
  'issues/get-comment': LISTEN,
  'issues/list-comments': LISTEN,
  'issues/list-labels-on-issue': LISTEN,
  'issues/remove-label': TALK,
  'issues/update-comment': TALK,
  'pulls/create': ['pull_requests:write'],
  'pulls/get': ['pull_requests:read', 'contents:read'],
  'pulls/list': ['pull_requests:read'],
  'pulls/list-commits': ['pull_requests:read'],
  'pulls/list-files': ['pull_requests:read'],
  'pulls/list-reviews': ['pull_requests:read'],
  'pulls/merge': ['contents:write'],
  'pulls/update': ['pull_requests:write'],
  'rate-limit/get': 'anybody',
  'repos/compare-commits-with-basehead': ['contents:read'],
  'repos/create-commit-status': ['statuses:write'],
  'repos/get': METADATA,
  'repos/get-branch': ['contents:read'],
  'repos/get-combined-status-for-ref': ['statuses:read'],
  'repos/get-commit': ['contents:read'],
  'repos/get-content': ['contents:read'],
  'repos/list-branches': ['contents:read'],
  'repos/list-commit-statuses-for-ref': ['statuses:read'],
  'repos/list-pull-requests-associated-with-commit': ['pull_requests:read', 'contents:read'],
  'teams/get-by-name': ['members:read'],
  'teams/get-membership-for-user-in-org': ['members:read'],
  'teams/list-members-in-org': ['members:read'],
  'users/get-authenticated': 'anybody',
  'users/get-by-username': 'anybody',
};

/** Refusals: 401 without credentials or with the wrong kind of them, 403 without the permission. */
export function demandPermission(actor: Actor, id: OperationId): void {
  const need = NEEDS[id];
  if (need === 'anybody') return;
  if (need === 'app') {
    if (actor.kind !== 'app') throw refuse(401, 'A JSON web token could not be decoded');
    return;
  }
  // What is private is not there for strangers, and nothing that they may see needs a permission of theirs.
  if (actor.kind === 'nobody') {
    if (need.some(permission => permission.endsWith(':write'))) throw refuse(401, 'Requires authentication');
    return;
  }
  if (actor.kind === 'app') throw refuse(403, 'Resource not accessible by integration');
  if (actor.permissions !== undefined && !need.some(permission => grants(actor.permissions ?? {}, permission))) {
    const whom = actor.kind === 'personal' ? 'personal access token' : 'integration';
    throw refuse(403, `Resource not accessible by ${whom}`);
  }
}

/** Whether a token with these may do that: to write is to read as well, and metadata is for all. */
export function grants(permissions: Permissions, wanted: string): boolean {
  const [name = '', level] = wanted.split(':');
  const has = name === 'metadata' ? 'read' : permissions[name];
  return level === 'read' ? has !== undefined : has === 'write' || has === 'admin';
}
