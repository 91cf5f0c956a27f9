// Only one agent may work on a board at a time.
// Touches: a listening socket in the abstract namespace, named after the board's root; the kernel takes it away with the
// process, so nothing is ever left behind. Privileges: none.

import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { sha256Hex } from '@seatrial/spec';
import { errnoOf } from './durable-file.ts';

/** False when another agent has this board. */
export const claimBoard = (root: string): Promise<boolean> =>
  new Promise((settle, reject) => {
    const server = createServer(socket => socket.destroy());
    server.once('error', error => (errnoOf(error) === 'EADDRINUSE' ? settle(false) : reject(error)));
    server.listen(`\0seatrial-agent-${sha256Hex(resolve(root)).slice(0, 16)}`, () => {
      server.unref();
      settle(true);
    });
  });
