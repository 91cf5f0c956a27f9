// A real mosquitto on a port of loopback that may go away and come back on the same port.

import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { freePort } from '../../e2e/support/broker.ts';
import { start } from '../run-children.ts';

export class Mosquitto {
  readonly port: number;
  readonly #config: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, config: string) {
    this.port = port;
    this.#config = config;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  static async start(directory: string): Promise<Mosquitto> {
    const port = await freePort();
    const config = join(directory, 'mosquitto.conf');
    mkdirSync(directory, { recursive: true });
    const persistence = `persistence true\npersistence_location ${directory}/\nautosave_interval 1\nuser root\nlog_dest file ${directory}/mosquitto.log\n`;
    writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n${persistence}`);
    const broker = new Mosquitto(port, config);
    await broker.comeBack();
    return broker;
  }

  async comeBack(): Promise<void> {
    if (this.#child !== undefined) return;
    const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
    this.#child = start('mosquitto', ['-c', this.#config], { stdio: 'ignore', env });
    await this.#answers();
  }

  async goAway(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const gone = new Promise<void>(resolve => child.once('exit', () => resolve()));
    child.kill();
    await gone;
  }

  /** The process is there before its socket is. */
  async #answers(): Promise<void> {
    const until = Date.now() + 20_000;
    for (;;) {
      try {
        await (await connectAsync(this.url, { reconnectPeriod: 0, connectTimeout: 2_000 })).endAsync(true);
        return;
      } catch (error) {
        if (Date.now() > until) throw error;
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    }
  }
}
