// Debian's mosquitto as a process of its own, on a port that was free a moment ago, reachable from this machine only.

import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Mosquitto {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

const DEADLINE_MS = 10_000;
const PROGRAM = '/usr/sbin/mosquitto';

/** Fails where mosquitto is not installed, or takes no connection within ten seconds. */
export async function startMosquitto(config?: string): Promise<Mosquitto> {
  const port = await freePort();
  const broker = spawn(PROGRAM, ['-p', String(port), ...(config === undefined ? [] : ['-c', config])], {
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve, reject) => {
    broker.once('error', reject);
    broker.once('exit', () => resolve());
  });
  await Promise.race([answers(port), ended.then(() => Promise.reject(new Error(`${PROGRAM} ended at once`)))]);
  const stop = async (): Promise<void> => {
    broker.kill('SIGTERM');
    await ended;
  };
  return { url: `mqtt://127.0.0.1:${port}`, port, stop };
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject()));
    });
  });

async function answers(port: number): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await takesConnection(port))) {
    if (performance.now() > deadline) throw new Error(`mosquitto does not answer on port ${port}`);
    await sleep(20);
  }
}

const takesConnection = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });
