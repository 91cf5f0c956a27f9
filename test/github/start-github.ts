// Starts a GitHub for a test: an organisation, its repository with a first commit, an app that is installed there.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRepository, type Files, firstCommit } from './actions/repositories.ts';
import { Contract } from './contract/contract.ts';
import type { Violation } from './contract/violations.ts';
import { sshSigner } from './git/ssh-signature.ts';
import { GitHub } from './github.ts';
import type { App, Installation, Permissions } from './model/accounts.ts';
import { Clock } from './model/clock.ts';
import { World } from './model/world.ts';
import { readDescription } from './openapi/description.ts';
import type { Asking, Desk } from './server/dispatch.ts';
import { Exclusive } from './server/exclusive.ts';
import { Failures } from './server/failures.ts';
import { GITHUB_LIMITS, type Limits, RateLimiter } from './server/limits.ts';
import { listen } from './server/server.ts';
import { Webhooks } from './webhooks/hook.ts';

export interface GitHubOptions {
  /** `owner/name`; the owner is an organisation. */
  readonly repository?: string;
  /** Of its first commit. */
  readonly files?: Files;
  readonly permissions?: Permissions;
  readonly events?: readonly string[];
  readonly webhookSecret?: string;
  /** Under /api/v3, as a GitHub Enterprise Server. */
  readonly enterprise?: boolean;
  readonly limits?: Partial<Limits>;
  readonly clock?: Clock;
}

/** What the controller asks for. */
export const PERMISSIONS = {
  checks: 'write',
  contents: 'write',
  members: 'read',
  metadata: 'read',
  pull_requests: 'write',
  statuses: 'write',
} as const satisfies Permissions;

/** What the controller subscribes to. */
export const EVENTS = ['check_run', 'issue_comment', 'pull_request', 'pull_request_review', 'push'] as const;

// One description, and keys once: making them takes longer than most tests.
const contract = new Contract(readDescription());
const appKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const webKeys = generateKeyPairSync('ed25519');

/** Listens on the loopback, at a port that is free. Close it: that is what fails the test for anything undocumented. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHub> {
  const { repository: name = 'acme/fleets', files = { 'README.md': '# Fleets\n' }, enterprise = false } = options;
  const folder = mkdtempSync(join(tmpdir(), 'github-'));
  const webFlow = { sign: sshSigner(webKeys.privateKey, webKeys.publicKey), publicKey: webKeys.publicKey };
  const world = new World(options.clock ?? new Clock(), webFlow);
  const violations: Violation[] = [];
  const askings: Asking[] = [];
  const limits: Limits = { ...GITHUB_LIMITS, ...options.limits };
  const report: Desk['report'] = found => violations.push(...found);
  const webhooks = new Webhooks(world, contract, report);
  world.tell = webhooks.tell;
  const desk: Desk = {
    world,
    contract,
    failures: new Failures(),
    limiter: new RateLimiter(world.clock, limits),
    exclusive: new Exclusive(),
    deliveries: webhooks,
    report,
    record: asking => askings.push(asking),
  };
  const base = enterprise ? '/api/v3' : '';
  const listening = await listen(desk, base);
  world.urls = { api: `${listening.origin}${base}`, html: listening.origin };
  const [ownerName = '', shortName = ''] = name.split('/');
  const owner = world.account(ownerName, 'Organization');
  const repository = await createRepository(world, { folder, owner, name: shortName });
  await firstCommit(world, repository, files);
  const { app, installation } = installApp(world, ownerName, options);
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  const privateKey = appKeys.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString();
  const parts = { folder, desk, listening, limits, webhooks, violations, askings, removeFolder };
  return new GitHub({ ...parts, app, privateKey, installation, repository });
}

function installApp(world: World, owner: string, options: GitHubOptions): { app: App; installation: Installation } {
  const { permissions = PERMISSIONS, events = EVENTS, webhookSecret = randomBytes(20).toString('hex') } = options;
  const account = world.account(owner);
  const app: App = {
    id: world.nextId(),
    clientId: 'Iv23liSeatrialStandIn',
    slug: 'seatrial',
    name: 'Seatrial',
    owner: account,
    bot: world.account('seatrial[bot]', 'Bot'),
    publicKey: appKeys.publicKey,
    createdAtMs: world.clock.nowMs(),
    permissions,
    events,
    hook: { id: world.nextId(), url: undefined, secret: webhookSecret },
  };
  const installation: Installation = {
    id: world.nextId(),
    app,
    account,
    repositories: undefined,
    suspended: false,
    createdAtMs: world.clock.nowMs(),
  };
  world.apps.push(app);
  world.installations.push(installation);
  return { app, installation };
}
