// Adapter: asks for a passphrase on the terminal, without showing it.

import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Cli } from '../cli.ts';
import { CapsuleFailure } from './failure.ts';

/** Fails with KEY_PASSPHRASE where nobody can be asked or nothing is answered, and with INTERRUPTED at Ctrl-C. */
export async function askPassphrase({ err, stop }: Pick<Cli, 'err' | 'stop'>, path: string): Promise<string> {
  if (!process.stdin.isTTY || !err.isTerminal) throw new CapsuleFailure('KEY_PASSPHRASE', `(${path})`);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  // Before the question is asked, so that nothing that is typed at once is shown.
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  err.write(`Passphrase of ${path}: `);
  try {
    return await new Promise((resolve, reject) => {
      const interrupt = (): void => reject(new CapsuleFailure('INTERRUPTED', ''));
      stop.addEventListener('abort', interrupt, { once: true });
      lines.once('SIGINT', interrupt);
      lines.once('close', () => reject(new CapsuleFailure('KEY_PASSPHRASE', `(${path})`)));
      lines.question('', resolve);
    });
  } finally {
    lines.close();
    err.write('\n');
  }
}
