// Adapter: asks for a passphrase on the terminal, without showing it.

import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Cli } from '../cli.ts';
import { CapsuleFailure } from './failure.ts';

/** Fails with KEY_PASSPHRASE where nobody can be asked. */
export async function askPassphrase({ err }: Pick<Cli, 'err'>, path: string): Promise<string> {
  if (!process.stdin.isTTY || !err.isTerminal) throw new CapsuleFailure('KEY_PASSPHRASE', `(${path})`);
  err.write(`Passphrase of ${path}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await new Promise(resolve => lines.question('', resolve));
  } finally {
    lines.close();
    err.write('\n');
  }
}
