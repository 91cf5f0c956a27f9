// Root's shell on the second serial line: for the test to look and to break things, never for the product.

import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { ShellAnswer } from '@seatrial/virtual-board';

export interface AskOptions {
  readonly deadlineMs: number;
}

/** Runs the script in a shell of its own. Rejects when there is no answer in time. */
export async function askShell(socketPath: string, script: string, { deadlineMs }: AskOptions): Promise<ShellAnswer> {
  const tag = randomBytes(6).toString('hex');
  const socket = connect(socketPath);
  try {
    await connected(socket);
    // Whole words of one line, so that a shell that restarts in between understands nothing of the rest.
    const encoded = Buffer.from(script).toString('base64');
    socket.write(`\necho "<${tag}>"; ( eval "$(echo ${encoded} | base64 -d)" ) 2>&1; echo "</${tag} $?>"\n`);
    return await answer(socket, tag, deadlineMs);
  } finally {
    socket.destroy();
  }
}

const connected = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });

const answer = (socket: Socket, tag: string, deadlineMs: number): Promise<ShellAnswer> =>
  new Promise((resolve, reject) => {
    let text = '';
    const limit = setTimeout(
      () => reject(new Error(`no answer on the console within ${deadlineMs / 1000} s`)),
      deadlineMs,
    );
    const done = (act: () => void) => {
      clearTimeout(limit);
      act();
    };
    socket.on('data', chunk => {
      text += chunk.toString('utf8').replaceAll('\r', '');
      const [, output = '', code] = new RegExp(`<${tag}>\\n([\\s\\S]*?)</${tag} (\\d+)>`).exec(text) ?? [];
      if (code !== undefined) done(() => resolve({ exitCode: Number(code), output }));
    });
    socket.once('error', error => done(() => reject(error)));
    socket.once('close', () => done(() => reject(new Error('the console was closed'))));
  });
