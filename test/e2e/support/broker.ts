// A real mosquitto on a free port of loopback, gone when the test is over.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';

export interface Broker {
  readonly url: string;
  readonly client: MqttClient;
  stop(): Promise<void>;
}

export async function startMosquitto(): Promise<Broker> {
  const directory = mkdtempSync(join(tmpdir(), 'seatrial-mosquitto-'));
  const port = await freePort();
  const config = join(directory, 'mosquitto.conf');
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n`);
  const child = spawn('mosquitto', ['-c', config], { stdio: 'ignore', env: pathWithSbin() });
  const url = `mqtt://127.0.0.1:${port}`;
  const client = await connectWhenUp(url);
  return {
    url,
    client,
    stop: async () => {
      await client.endAsync(true);
      await ended(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The process is there before its socket is. */
async function connectWhenUp(url: string): Promise<MqttClient> {
  const until = Date.now() + 10_000;
  for (;;) {
    try {
      return await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 50, connectTimeout: 5_000 });
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }
}

const pathWithSbin = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` });

const ended = (child: ChildProcess): Promise<void> =>
  new Promise(resolve => {
    child.once('exit', () => resolve());
    child.kill();
  });

/** One that nobody listens on now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
