// A real mosquitto on a free port, without persistence: whatever it retains is gone when it ends.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

const PROGRAM = '/usr/sbin/mosquitto';
/** Its default limits drop most of a burst. */
const UNLIMITED = ['max_queued_messages 0', 'max_inflight_messages 0'];

export class Mosquitto {
  readonly directory = mkdtempSync(join(tmpdir(), 'seatrial-mosquitto-'));
  #port = 0;
  #child: ChildProcess | undefined;

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`;
  }

  /** `extra` comes after the listener. */
  async start(extra: readonly string[] = ['allow_anonymous true', ...UNLIMITED]): Promise<void> {
    this.#port ||= await freePort();
    const config = join(this.directory, 'mosquitto.conf');
    const lines = ['user root', `listener ${this.#port} 127.0.0.1`, ...extra];
    writeFileSync(config, `${lines.join('\n')}\n`);
    this.#child = spawn(PROGRAM, ['-c', config], { stdio: 'ignore' });
    await eventually(() => this.#answers());
  }

  /** As a power cut would: nothing is said to anybody. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise(resolve => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    this.#child = undefined;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #answers(): Promise<boolean> {
    return new Promise(resolve => {
      const socket = connect(this.#port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  }
}

const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
