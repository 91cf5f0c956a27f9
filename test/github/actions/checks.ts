// Check runs and commit statuses.

import type { Account, App } from '../model/accounts.ts';
import type { CheckRun, CheckSuite, Repository, Status } from '../model/repository.ts';
import type { World } from '../model/world.ts';
import { invalid } from '../refusal.ts';
import { codePoints } from './length.ts';

/** One suite per app and commit. */
export function suiteOf(world: World, repository: Repository, { app, sha }: { app: App; sha: string }): CheckSuite {
  const known = repository.suites.find(suite => suite.app === app && suite.sha === sha);
  if (known !== undefined) return known;
  const suite = { id: world.nextId(), app, sha, createdAtMs: world.clock.nowMs() };
  repository.suites.push(suite);
  return suite;
}

/** The newest of each name and app, or all; newest first. */
export function runsAt({ checkRuns }: Repository, sha: string, filter: 'latest' | 'all'): readonly CheckRun[] {
  const runs = [...checkRuns.values()].filter(run => run.sha === sha).sort((a, b) => b.id - a.id);
  if (filter === 'all') return runs;
  const seen = new Set<string>();
  return runs.filter(({ name, app }) => {
    const key = `${app.id}/${name}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

const MOST_PER_CONTEXT = 1000;
const MOST_CHARACTERS = 140;

export interface NewStatus {
  readonly sha: string;
  readonly state: string;
  readonly context: string;
  readonly description: string | undefined;
  readonly targetUrl: string | undefined;
  readonly creator: Account;
}

/** Refusal: 422 for a thousand of one context, or a description over 140 characters. */
export function addStatus(world: World, { statuses }: Repository, wanted: NewStatus): Status {
  const same = statuses.filter(({ sha, context }) => sha === wanted.sha && context === wanted.context);
  if (same.length >= MOST_PER_CONTEXT) {
    throw fault('base', 'This SHA and context has reached the maximum number of statuses.');
  }
  if (codePoints(wanted.description ?? '') > MOST_CHARACTERS) {
    throw fault('description', `description is too long (maximum is ${MOST_CHARACTERS} characters)`);
  }
  const status = { ...wanted, id: world.nextId(), createdAtMs: world.clock.nowMs() };
  statuses.push(status);
  return status;
}

/** Newest first. */
export const statusesAt = ({ statuses }: Repository, sha: string): readonly Status[] =>
  statuses.filter(status => status.sha === sha).reverse();

const fault = (field: string, message: string) => invalid({ resource: 'Status', field, code: 'custom', message });
