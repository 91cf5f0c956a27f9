// Finds the repository whose memory is asked for, and opens it through a mirror in the user's cache.

import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { type AuditHistory, type AuditTrail, openAuditTrail } from '@seatrial/controller/audit';
import { defaultCacheFolder, sha256Hex } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import type { TrailOptions } from './trail-options.ts';

const TIMEOUT_MS = 120_000;

/** Fails with `repository-unknown`, and with the controller's codes about git. */
export function openTrail(cli: Cli, options: TrailOptions): Promise<AuditTrail> {
  const { branch, auditBranch, directory } = options;
  const repository = options.repository === undefined ? surroundingRepository(cli) : named(cli, options.repository);
  const mirror = join(defaultCacheFolder(cli.env), 'mirrors', sha256Hex(`${repository}\0${auditBranch}`).slice(0, 16));
  return openAuditTrail({ repository, mirror, branch, auditBranch, directory, timeoutMs: TIMEOUT_MS });
}

/** A log that nobody has written yet is no empty log: the wrong branch would look like it. Fails with `audit-missing`. */
export async function readHistory(trail: AuditTrail, options: TrailOptions): Promise<AuditHistory> {
  const history = await trail.history({ acceptRewritten: options.acceptRewritten === true });
  if (history.head !== undefined) return history;
  throw new CliError('audit-missing', `the repository has no branch ${options.auditBranch}`);
}

const isUrl = (text: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[^/]+:/.test(text);
const named = ({ cwd }: Cli, repository: string): string => (isUrl(repository) ? repository : resolve(cwd, repository));

/** Where this checkout came from: there the controller writes. A repository without origin is asked itself. */
function surroundingRepository(cli: Cli): string {
  const root = ask(cli, 'rev-parse', '--show-toplevel') ?? ask(cli, 'rev-parse', '--absolute-git-dir');
  if (root === undefined) throw new CliError('repository-unknown', `${cli.cwd} is not in a git repository`);
  return named({ ...cli, cwd: root }, ask(cli, 'remote', 'get-url', 'origin') ?? root);
}

function ask({ cwd }: Cli, ...question: readonly string[]): string | undefined {
  try {
    return (
      execFileSync('git', question, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || undefined
    );
  } catch {
    return undefined;
  }
}
