// Real brokers on the loopback: mosquitto, which knows MQTT 5, and aedes, which does not.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import mqtt from 'mqtt';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from './directories.ts';
import { need } from './values.ts';

const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto', '/usr/local/sbin/mosquitto'].find(existsSync);
export const HAS_MOSQUITTO = MOSQUITTO !== undefined;

/** Waits for a condition, not for a time. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 15_000;
  while (performance.now() < deadline) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error(`never: ${what}`);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = need(server.address() ?? undefined);
  server.close();
  return typeof address === 'string' ? 0 : address.port;
}

const answers = (port: number): Promise<true | undefined> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(undefined));
  });

export interface Mosquitto {
  readonly port: number;
  readonly url: string;
  /** As by kill -9. */
  stop(): Promise<void>;
}

/** `more` are lines of its configuration; the port may be one that an earlier broker had. */
export async function mosquitto({
  port,
  more = [],
}: {
  port?: number;
  more?: readonly string[];
} = {}): Promise<Mosquitto> {
  const chosen = port ?? (await freePort());
  const configuration = join(temporaryDirectory(), 'mosquitto.conf');
  const plain = more.length > 0 ? [] : ['allow_anonymous true'];
  writeFileSync(configuration, [`listener ${chosen} 127.0.0.1`, 'user root', ...plain, ...more, ''].join('\n'));
  const child = spawn(need(MOSQUITTO), ['-c', configuration], { stdio: 'ignore' });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  onTestFinished(stop);
  await until('mosquitto answers', () => answers(chosen));
  return { port: chosen, url: `${more.length > 0 ? 'mqtts' : 'mqtt'}://localhost:${chosen}`, stop };
}

/** The broker that knows MQTT 3.1.1 alone. */
export async function aedes(): Promise<{ readonly url: string }> {
  const broker = await Aedes.createBroker();
  const server = createServer(socket => broker.handle(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    broker.close();
    server.close();
  });
  const address = need(server.address() ?? undefined);
  return { url: `mqtt://127.0.0.1:${typeof address === 'string' ? '' : address.port}` };
}

export interface Heard {
  readonly topic: string;
  readonly text: string;
  readonly retained: boolean;
}

export interface Observer {
  /** Everything that came, in order. */
  readonly heard: Heard[];
  publish(topic: string, message: string | Uint8Array, options?: { retain?: boolean }): Promise<void>;
}

/** A client of the other side, subscribed to everything. */
export async function observer(url: string, options: mqtt.IClientOptions = {}): Promise<Observer> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 50, ...options });
  const heard: Heard[] = [];
  client.on('message', (topic, message, { retain }) =>
    heard.push({ topic, text: message.toString(), retained: retain }),
  );
  await client.subscribeAsync('#', { qos: 1 });
  onTestFinished(() => {
    client.end(true);
  });
  return {
    heard,
    publish: async (topic, message, { retain = false } = {}) => {
      await client.publishAsync(topic, Buffer.from(message), { qos: 1, retain });
    },
  };
}

/** A certificate authority with a server and a client, as PEM files; the client's common name is the board's. */
export function certificates(commonName: string) {
  const directory = temporaryDirectory();
  const path = (name: string) => join(directory, name);
  const openssl = (...words: readonly string[]) => execFileSync('openssl', words, { cwd: directory, stdio: 'ignore' });
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=ca',
    '-days',
    '2',
  );
  for (const [name, subject] of [
    ['server', 'localhost'],
    ['client', commonName],
  ]) {
    writeFileSync(path(`${name}.ext`), `subjectAltName=DNS:${subject}\n`);
    openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${subject}`,
    );
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      `${name}.crt`,
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
    );
  }
  return {
    ca: path('ca.crt'),
    serverCert: path('server.crt'),
    serverKey: path('server.key'),
    cert: path('client.crt'),
    key: path('client.key'),
  };
}
