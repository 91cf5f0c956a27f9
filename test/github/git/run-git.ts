// Runs the machine's git, apart from the configuration of whoever runs the tests.

import { spawn } from 'node:child_process';

export interface GitRun {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Git said no: its exit code and what it wrote. */
export class GitFailure extends Error {
  readonly code: number;

  constructor(args: readonly string[], { code, stderr }: GitResult) {
    super(`git ${args.join(' ')}: exit ${code}: ${stderr.trim()}`);
    this.code = code;
  }
}

/** No configuration of the machine or of a person, and no question on a terminal. */
export const GIT_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
};

/** Whatever the exit code. */
export const runGit = (folder: string, args: readonly string[], { input, env }: GitRun = {}): Promise<GitResult> =>
  new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: folder, env: { ...GIT_ENVIRONMENT, ...env }, stdio: 'pipe' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined); // it ended without reading: its exit code says why
    child.on('error', reject);
    child.on('close', code => {
      resolve({ code: code ?? -1, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') });
    });
    child.stdin.end(input);
  });

/** Throws GitFailure unless it exits with 0. */
export async function git(folder: string, args: readonly string[], run: GitRun = {}): Promise<Buffer> {
  const result = await runGit(folder, args, run);
  if (result.code !== 0) throw new GitFailure(args, result);
  return result.stdout;
}
