// The MQTT adapter against real brokers: the one that comes with the controller, and Debian's mosquitto.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startEmbeddedBroker } from '../../src/adapters/embedded-broker.ts';
import { type MqttOptions, mqttBroker } from '../../src/adapters/mqtt-broker.ts';
import { PortError } from '../../src/errors.ts';
import type { Broker, BrokerMessage } from '../../src/ports/broker.ts';
import { eventually } from '../support/eventually.ts';
import { Mosquitto } from '../support/mosquitto.ts';

const closing: (() => Promise<void>)[] = [];
beforeEach(() => void closing.splice(0));
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Opened {
  readonly broker: Broker;
  readonly messages: (BrokerMessage & { readonly taken: () => void })[];
  readonly troubles: string[];
  readonly connections: { count: number };
}

function open(url: string, changes: Partial<MqttOptions> = {}): Opened {
  const broker = mqttBroker({
    url,
    clientId: `test-${Math.random()}`,
    maxMessageBytes: 1_000,
    connectTimeoutMs: 2_000,
    ...changes,
  });
  closing.push(() => broker.close());
  const opened: Opened = { broker, messages: [], troubles: [], connections: { count: 0 } };
  broker.open({
    onMessage: (message, taken) => opened.messages.push({ ...message, taken }),
    onConnected: () => {
      opened.connections.count += 1;
    },
    onDisconnected: ({ code }) => opened.troubles.push(code),
  });
  return opened;
}

const connected = async (url: string, changes?: Partial<MqttOptions>): Promise<Opened> => {
  const opened = open(url, changes);
  await eventually(() => opened.connections.count > 0);
  return opened;
};

async function mosquitto(extra?: readonly string[]): Promise<Mosquitto> {
  const broker = new Mosquitto();
  closing.push(() => broker.remove());
  await broker.start(extra);
  return broker;
}

async function embedded(): Promise<{ readonly url: string }> {
  const broker = await startEmbeddedBroker({ host: '127.0.0.1', port: 0 });
  closing.push(() => broker.close());
  return broker;
}

const text = ({ payload }: BrokerMessage): string => Buffer.from(payload).toString();
const bytes = (of: string): Uint8Array => Buffer.from(of);

describe.each([
  ['the embedded broker', embedded],
  ['mosquitto', mosquitto],
] as const)('when %s is used', (_name, start) => {
  test('then what is published arrives, what is retained arrives later too, and it says which it was', async () => {
    const { url } = await start();
    const writer = await connected(url);
    await writer.broker.publish('a/1/plan', bytes('kept'), { retain: true });
    await writer.broker.publish('a/2/plan', bytes('gone'), { retain: false });
    const reader = await connected(url);
    await reader.broker.subscribe('a/+/plan');
    await eventually(() => reader.messages.length === 1);
    reader.messages[0]?.taken();
    await writer.broker.publish('a/3/plan', bytes('new'), { retain: false });
    await eventually(() => reader.messages.length === 2);
    expect(reader.messages.map(message => [message.topic, text(message), message.retained])).toEqual([
      ['a/1/plan', 'kept', true],
      ['a/3/plan', 'new', false],
    ]);
    await reader.broker.unsubscribe('a/+/plan');
    expect(reader.troubles).toEqual([]);
  });
});

describe('when a message is not yet taken', () => {
  test('then the broker is not told that it arrived', async () => {
    const aedes = await Aedes.createBroker();
    let acknowledged = 0;
    aedes.on('ack', () => {
      acknowledged += 1;
    });
    const server = createServer(socket => void aedes.handle(socket));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()));
    closing.push(async () => {
      aedes.close();
      server.close();
    });
    const address = server.address();
    const url = `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const reader = await connected(url);
    await reader.broker.subscribe('a/#');
    const writer = await connected(url);
    for (const word of ['a/1', 'a/2', 'a/3']) await writer.broker.publish(word, bytes(word), { retain: false });
    await eventually(() => reader.messages.length === 3);
    // A round trip of the reader's own: an acknowledgement before it would have arrived by now.
    await reader.broker.publish('elsewhere', bytes('a turn'), { retain: false });
    expect(acknowledged).toBe(0);
    for (const { taken } of reader.messages) taken();
    expect(await eventually(() => acknowledged)).toBeGreaterThan(0);
    await eventually(() => acknowledged === 3);
  });
});

describe('when the broker is not there', () => {
  test('then that is told, publishing fails, and it is connected to as soon as it comes', async () => {
    const broker = await mosquitto();
    await broker.kill();
    const opened = open(broker.url);
    await eventually(() => opened.troubles.includes('broker-unreachable'));
    await expect(opened.broker.publish('a', bytes('b'), { retain: false })).rejects.toMatchObject({
      code: 'broker-unreachable',
    });
    await broker.start();
    await eventually(() => opened.connections.count === 1);
    await opened.broker.publish('a', bytes('b'), { retain: false });
  });

  test('then what was on its way when it died is known to be in doubt', async () => {
    const broker = await mosquitto();
    const opened = await connected(broker.url);
    const sent = Array.from({ length: 200 }, (_, n) => opened.broker.publish(`a/${n}`, bytes('b'), { retain: true }));
    const outcomes = Promise.allSettled(sent);
    await broker.kill();
    const failed = (await outcomes).filter(({ status }) => status === 'rejected');
    for (const outcome of failed) expect(outcome).toMatchObject({ reason: expect.any(PortError) });
    await broker.start();
    await eventually(() => opened.connections.count === 2);
  });
});

describe('when the broker wants to know who comes', () => {
  test('and the password is wrong, then that is told apart from a broker that is not there', async () => {
    const broker = new Mosquitto();
    closing.push(() => broker.remove());
    const passwords = join(broker.directory, 'passwords');
    execFileSync('mosquitto_passwd', ['-b', '-c', passwords, 'controller', 'right'], { stdio: 'ignore' });
    await broker.start([`password_file ${passwords}`, 'allow_anonymous false']);
    const secret = (word: string) => {
      const passwordFile = join(broker.directory, word);
      writeFileSync(passwordFile, `${word}\n`);
      return { username: 'controller', passwordFile };
    };
    const wrong = open(broker.url, secret('wrong'));
    await eventually(() => wrong.troubles.includes('broker-refused'));
    expect(wrong.connections.count).toBe(0);
    await connected(broker.url, secret('right'));
  });

  test('and both sides show certificates, then they speak over TLS, and strangers do not', async () => {
    const broker = new Mosquitto();
    closing.push(() => broker.remove());
    const at = (name: string) => join(broker.directory, name);
    const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore', cwd: broker.directory });
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test', '-days', '2');
    for (const name of ['127.0.0.1', 'controller']) {
      openssl('req', ...ec, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
      writeFileSync(at('extensions'), 'subjectAltName=IP:127.0.0.1');
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-out',
        `${name}.pem`,
        '-days',
        '2',
        '-extfile',
        'extensions',
      );
    }
    writeFileSync(at('acl'), 'user controller\ntopic readwrite seatrial/v1/#\n');
    await broker.start([
      `cafile ${at('ca.pem')}`,
      `certfile ${at('127.0.0.1.pem')}`,
      `keyfile ${at('127.0.0.1.key')}`,
      'require_certificate true',
      'use_identity_as_username true',
      `acl_file ${at('acl')}`,
    ]);
    const url = `mqtts://127.0.0.1:${broker.port}`;
    const files = { caFile: at('ca.pem'), certFile: at('controller.pem'), keyFile: at('controller.key') };
    const controller = await connected(url, files);
    await controller.broker.subscribe('seatrial/v1/+/report');
    await controller.broker.publish('seatrial/v1/hub-1/report', bytes('mine'), { retain: false });
    await eventually(() => controller.messages.length === 1);
    const stranger = open(url, { caFile: files.caFile });
    await eventually(() => stranger.troubles.length > 0);
    const doubter = open(url, { certFile: files.certFile, keyFile: files.keyFile });
    await eventually(() => doubter.troubles.length > 0);
    expect([stranger.connections.count, doubter.connections.count]).toEqual([0, 0]);
  });
});

describe('when the address of the embedded broker is taken', () => {
  test('then that is named', async () => {
    const { url } = await embedded();
    const port = Number(new URL(url).port);
    await expect(startEmbeddedBroker({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'broker-address-in-use',
    });
  });
});
