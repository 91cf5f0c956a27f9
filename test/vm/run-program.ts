// Runs one program to its end, at low priority, and keeps what it says for the case that it fails.

import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** A failure is an answer, not an error. */
  readonly mayFail?: boolean;
}

/** Standard output. Throws with the last words of a program that failed. */
export async function run(program: string, words: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = spawn('nice', ['-n', '5', program, ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const out: Buffer[] = [];
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-4_000);
  });
  child.stdin.on('error', () => undefined); // it ended without reading
  child.stdin.end(options.input ?? '');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const text = Buffer.concat(out).toString('utf8');
  if (code === 0 || options.mayFail === true) return text;
  throw new Error(`${program} ${words.join(' ').slice(0, 200)} ended with ${code}\n${errors}${text.slice(-1_000)}`);
}
