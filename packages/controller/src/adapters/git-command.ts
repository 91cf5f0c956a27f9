// The `git` command, and the bare mirror that it works on.
//
// Runs: git (init, ls-remote, fetch, merge-base, merge-tree, cat-file, ls-tree, log, for-each-ref, update-ref, fast-import,
// push). Touches: the mirror's directory, and the repository that is configured, of which only the audit branch and the
// branch of snapshots are written. No hook runs on our side, nothing asks on a terminal, and git's own variables of the
// surrounding process do not reach it.

import { type ExecFileException, execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { PortError } from '../errors.ts';

export interface GitOptions {
  /** A path or a URL, as `git clone` takes it. */
  readonly repository: string;
  /** The directory of the mirror; made when it does not exist. */
  readonly mirror: string;
  readonly timeoutMs: number;
  /** The value of an `Authorization` header for the repository's server, asked for before every command that goes there. */
  readonly authorization?: () => Promise<string>;
}

export interface Git {
  readonly options: GitOptions;
  /** Standard output as bytes. Throws PortError `git-timeout` or GitFailure. */
  run(args: readonly string[], input?: Uint8Array): Promise<Buffer>;
  /** The exit code of a command that answers with it. */
  ask(args: readonly string[]): Promise<number>;
}

/** What a command left behind. */
interface Ended {
  readonly command: string;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** git ended with a code that the caller did not expect. */
export class GitFailure extends Error {
  override readonly name = 'GitFailure';
  readonly exitCode: number;
  readonly stdout: Buffer;

  constructor(exitCode: number, { command, stdout, stderr }: Ended) {
    super(`git ${command} ended with ${exitCode}: ${withoutCredentials(stderr).trim()}`);
    this.exitCode = exitCode;
    this.stdout = stdout;
  }
}

const CONFIG = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['protocol.ext.allow', 'never'],
  ['fetch.fsckObjects', 'true'],
  ['transfer.credentialsInUrl', 'allow'],
] as const;

const LARGEST_OUTPUT_BYTES = 512 * 1024 * 1024;

/** A repository that is there already: `mirror` is its git directory. */
export const gitIn = (options: GitOptions): Git => ({
  options,
  run: (args, input) => execute(options, args, input),
  ask: args => exitCodeOf(execute(options, args)),
});

/** The mirror, made empty where there is none. Throws PortError `git-failed`. */
export async function openMirror(options: GitOptions): Promise<Git> {
  const git = gitIn(options);
  try {
    await mkdir(options.mirror, { recursive: true });
    await git.run(['init', '--quiet', '--bare', '--template=', '.']);
    return git;
  } catch (error) {
    throw new PortError('git-failed', options.mirror, { detail: messageOf(error), cause: error });
  }
}

/** Turns what git said into the one code that the caller knows it to mean. */
export async function orElse<T>(work: Promise<T>, asError: (failure: GitFailure) => PortError): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof GitFailure ? asError(error) : error;
  }
}

/** Commands that ask the configured repository. */
const REMOTE: ReadonlySet<string> = new Set(['ls-remote', 'fetch', 'push']);

async function execute(options: GitOptions, args: readonly string[], input?: Uint8Array): Promise<Buffer> {
  const authorization = REMOTE.has(args[0] ?? '') ? await options.authorization?.() : undefined;
  const env = { ...environment(options.mirror), ...headerOf(options.repository, authorization) };
  const command = [...CONFIG.flatMap(([key, value]) => ['-c', `${key}=${value}`]), ...args];
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      command,
      {
        cwd: options.mirror,
        env,
        encoding: 'buffer',
        maxBuffer: LARGEST_OUTPUT_BYTES,
        timeout: options.timeoutMs,
        killSignal: 'SIGKILL',
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(failureOf(error, { command: args[0] ?? '', stdout, stderr: stderr.toString() }, options));
      },
    );
    // A child that ends early closes its input; what it said about that is what counts.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function failureOf(error: ExecFileException, ended: Ended, { repository, timeoutMs }: GitOptions) {
  if (error.killed === true) {
    const detail = `git ${ended.command} took longer than ${timeoutMs / 1000} s`;
    return new PortError('git-timeout', withoutCredentials(repository), { detail });
  }
  const exitCode = typeof error.code === 'number' ? error.code : -1;
  return new GitFailure(exitCode, { ...ended, stderr: ended.stderr || error.message });
}

async function exitCodeOf(work: Promise<unknown>): Promise<number> {
  try {
    await work;
    return 0;
  } catch (error) {
    if (error instanceof GitFailure) return error.exitCode;
    throw error;
  }
}

/** GIT_DIR and its like would lead git elsewhere; SSH and credential settings of the user stay. */
function environment(mirror: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_') || KEPT.has(name));
  return {
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=10',
    ...Object.fromEntries(kept),
    GIT_DIR: mirror,
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C',
  };
}

/** By the environment, where no list of processes shows it, and for that one server. */
function headerOf(repository: string, authorization: string | undefined): NodeJS.ProcessEnv {
  if (authorization === undefined) return {};
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${new URL(repository).origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: ${authorization}`,
  };
}

const KEPT: ReadonlySet<string> = new Set([
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_ASKPASS',
  'GIT_SSL_CAINFO',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
]);

/** `https://user:secret@host` without what stands before the @. */
export const withoutCredentials = (text: string): string => text.replace(/\/\/[^/@\s]*@/g, '//');

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
