// Runs the command on a terminal of its own (script of util-linux), as somebody who waits for a question and types.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { placeOf } from './capsule-place.ts';

const BIN = join(import.meta.dirname, '../../bin/seatrial.js');

export interface Typist {
  /** What must be on the screen before anything is typed. */
  readonly after: string;
  readonly type: string;
}

/** How the command ended, and all that the terminal showed. */
export async function onTerminal(
  words: readonly string[],
  { after, type }: Typist,
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const line = [process.execPath, BIN, ...words].map(word => `'${word}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], { cwd: placeOf() });
  let shown = '';
  let typed = false;
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString('utf8');
    if (typed || !shown.includes(after)) return;
    typed = true;
    child.stdin.write(type);
  });
  const code = await new Promise<number | null>(resolve => child.once('close', resolve));
  return { code, shown };
}
