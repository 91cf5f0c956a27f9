// Brings one commit into the board's OSTree repository.
// Touches: runs `ostree pull`; /ostree/repo/objects/XX/*.commit, /ostree/repo/state/*.commitpartial (looked for), the
// files that the remote's tls- options name (read), and what throttling-proxy.ts lists.
// Privileges: write access to /ostree/repo.

import { access } from 'node:fs/promises';
import type { CommitSource } from '@seatrial/capsule-plan';
import type { OstreeCommit } from '@seatrial/spec';
import { type AgentErrorCode, PortError } from '../errors.ts';
import type { PullOptions } from '../ports/ostree.ts';
import type { Timer } from '../ports/timer.ts';
import type { BoardRoot } from './board-root.ts';
import { type CommandResult, runCommand } from './command.ts';
import { readTextIfThere } from './durable-file.ts';
import { type OstreeRemote, ostreeRemote } from './ostree-config.ts';
import { rateLimiter } from './rate-limiter.ts';
import { type ThrottlingProxy, throttlingProxy, type UpstreamTroubles } from './throttling-proxy.ts';

const NETWORK_RETRIES = 5;
/** A pull may take days over a thin link; silence is what ends it, not length. */
const LONGEST_PULL_MS = 7 * 86_400_000;

export interface PullTools {
  readonly root: BoardRoot;
  readonly command: readonly string[];
  readonly stallMs: number;
  readonly timer: Timer;
}

/** Whole: the commit object is there, and no pull of it is unfinished. */
export async function hasWholeCommit(root: BoardRoot, commit: OstreeCommit): Promise<boolean> {
  const object = root('ostree/repo/objects', commit.slice(0, 2), `${commit.slice(2)}.commit`);
  return (await exists(object)) && !(await exists(root('ostree/repo/state', `${commit}.commitpartial`)));
}

export async function pullCommit(tools: PullTools, source: CommitSource, options: PullOptions): Promise<void> {
  const remote = await ostreeRemote(tools.root, source.remote);
  if (remote === undefined) throw new PortError('ostree-remote-unknown', source.remote);
  const upstream = source.url ?? remote.url;
  if (!/^https?:/.test(upstream)) return finish(await ostreePull(tools, source, upstream, options), source);
  const proxy = await proxyTo(upstream, remote, { tools, options });
  try {
    finish(await ostreePull(tools, source, proxy.url, options), source, proxy.troubles());
  } finally {
    await proxy.close();
  }
}

async function proxyTo(
  upstream: string,
  { tls }: OstreeRemote,
  { tools, options }: { tools: PullTools; options: PullOptions },
): Promise<ThrottlingProxy> {
  const pem = (path: string | undefined) => (path === undefined ? undefined : readTextIfThere(tools.root(path)));
  return throttlingProxy({
    upstream,
    limiter: rateLimiter(options.maxRate, tools.timer),
    stallMs: tools.stallMs,
    tls: { ca: await pem(tls.caPath), cert: await pem(tls.certPath), key: await pem(tls.keyPath) },
    // How much there is in all is not known beforehand.
    onBytes: done => options.onProgress({ done, total: 0, unit: 'bytes' }),
  });
}

const ostreePull = (
  { root, command }: PullTools,
  { remote, ref, commit }: CommitSource,
  url: string,
  { signal }: PullOptions,
): Promise<CommandResult> =>
  runCommand(
    command,
    [
      `--repo=${root('ostree/repo')}`,
      'pull',
      `--url=${url}`,
      `--network-retries=${NETWORK_RETRIES}`,
      remote,
      `${ref}@${commit}`,
    ],
    { timeoutMs: LONGEST_PULL_MS, signal },
  );

function finish(
  { exitCode, ending, stderr }: CommandResult,
  { commit }: CommitSource,
  troubles?: UpstreamTroubles,
): void {
  if (exitCode === 0) return;
  const code = ending === 'exited' ? codeOf(troubles) : ending === 'aborted' ? 'interrupted' : 'pull-stalled';
  throw new PortError(code, `commit ${commit.slice(0, 10)}`, { detail: stderr });
}

function codeOf(troubles: UpstreamTroubles | undefined): AgentErrorCode {
  if (troubles?.unreachable === true) return 'pull-unreachable';
  if (troubles?.stalled === true) return 'pull-stalled';
  return troubles?.missingObject === true ? 'pull-incomplete' : 'ostree-failed';
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
