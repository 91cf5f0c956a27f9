// Any MQTT broker by URL, through mqtt.js.
//
// Touches: one TCP or TLS connection. Speaks MQTT 5 and falls back to 3.1.1 where the broker does not know it. Reconnects
// itself, with full jitter from the first failure on and after a kick past CONNACK too, because mqtt.js waits a fixed time.

import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { backoffMs } from '../domain/backoff.ts';
import { PortError } from '../errors.ts';
import type { Broker, BrokerHandlers } from '../ports/broker.ts';

export interface MqttOptions {
  /** `mqtt://host:port` or `mqtts://host:port`; never holds credentials. */
  readonly url: string;
  readonly clientId: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Messages above this are not even delivered, where the broker speaks MQTT 5. */
  readonly maxMessageBytes: number;
  readonly connectTimeoutMs: number;
}

type Version = 4 | 5;

const RECONNECT = { firstMs: 500, longestMs: 30_000 };
/** A connection that lasted this long starts the count of failures anew. */
const LASTING_MS = 60_000;
const KEEPALIVE_S = 30;
/** CONNACK codes that say "not with these credentials" [MQTT-5 3.2.2.2, MQTT-3.1.1 3.2.2.3]. */
const REFUSED_CODES: ReadonlySet<number> = new Set([4, 5, 134, 135]);
/** CONNACK codes that say "not this version of the protocol". */
const VERSION_CODES: ReadonlySet<number> = new Set([1, 132]);

export const mqttBroker = (options: MqttOptions): Broker => new MqttBroker(options);

class MqttBroker implements Broker {
  readonly url: string;
  readonly #options: MqttOptions;
  #client: MqttClient | undefined;
  #version: Version = 5;
  /** The last connection ended because the broker does not speak MQTT 5: that is no failure. */
  #isDowngraded = false;
  #failures = 0;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  /** Publications that the broker has not taken over yet. */
  readonly #waiting = new Set<(reason: PortError) => void>();

  constructor(options: MqttOptions) {
    this.#options = options;
    this.url = options.url;
  }

  open(handlers: BrokerHandlers): void {
    void this.#connect(handlers);
  }

  publish(topic: string, payload: Uint8Array, { retain }: { readonly retain: boolean }): Promise<void> {
    const client = this.#client;
    if (client?.connected !== true) return Promise.reject(this.#lastError());
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      client.publish(topic, Buffer.from(payload), { qos: 1, retain }, error => {
        this.#waiting.delete(reject);
        if (error) reject(new PortError('broker-unreachable', this.url, { detail: error.message, cause: error }));
        else resolve();
      });
    });
  }

  async subscribe(filter: string): Promise<void> {
    const client = this.#connected();
    await client
      .subscribeAsync(filter, { qos: 1 })
      .catch((error: unknown) => this.#fail('broker-refused', error, filter));
  }

  async unsubscribe(filter: string): Promise<void> {
    const client = this.#connected();
    await client.unsubscribeAsync(filter).catch((error: unknown) => this.#fail('broker-unreachable', error, filter));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    await client?.endAsync(client.connected !== true);
  }

  #error: PortError | undefined;

  #lastError = (): PortError => this.#error ?? new PortError('broker-unreachable', this.url);

  #connected(): MqttClient {
    if (this.#client?.connected === true) return this.#client;
    throw this.#lastError();
  }

  #fail(code: 'broker-refused' | 'broker-unreachable', error: unknown, what: string): never {
    const detail = `${what}: ${error instanceof Error ? error.message : String(error)}`;
    throw new PortError(code, this.url, { detail, cause: error });
  }

  async #connect(handlers: BrokerHandlers): Promise<void> {
    const options = await clientOptions(this.#options, this.#version).catch((error: unknown) => this.#note(error));
    if (this.#closed) return;
    if (options === undefined) return this.#retry(handlers);
    const client = mqtt.connect(this.url, options);
    this.#client = client;
    acknowledgeLater(client, handlers);
    client.on('connect', () => {
      if (client.stream instanceof Socket) client.stream.setNoDelay(true);
      this.#connectedAtMs = Date.now();
      handlers.onConnected();
    });
    client.on('error', error => this.#note(error));
    client.once('close', () => this.#lost(client, handlers));
  }

  #connectedAtMs = Number.NaN;

  #lost(client: MqttClient, handlers: BrokerHandlers): void {
    client.end(true);
    for (const reject of this.#waiting) reject(this.#lastError());
    this.#waiting.clear();
    if (this.#closed || this.#client !== client) return;
    this.#client = undefined;
    this.#retry(handlers);
  }

  /** A connection that lasted is no success yet: one that is kicked right after CONNACK must back off as well. */
  #retry(handlers: BrokerHandlers): void {
    if (this.#isDowngraded) {
      this.#isDowngraded = false;
      return void this.#connect(handlers);
    }
    handlers.onDisconnected(this.#lastError());
    const lasted = Date.now() - this.#connectedAtMs >= LASTING_MS;
    this.#connectedAtMs = Number.NaN;
    this.#failures = lasted ? 1 : this.#failures + 1;
    this.#timer = setTimeout(() => void this.#connect(handlers), backoffMs(RECONNECT, this.#failures, Math.random()));
  }

  #note(error: unknown): undefined {
    const code = error instanceof Error && 'code' in error ? Number(error.code) : Number.NaN;
    if (VERSION_CODES.has(code) && this.#version === 5) {
      this.#version = 4;
      this.#isDowngraded = true;
    }
    const kind = REFUSED_CODES.has(code) ? 'broker-refused' : 'broker-unreachable';
    const detail = error instanceof Error ? error.message : String(error);
    this.#error = error instanceof PortError ? error : new PortError(kind, this.url, { detail, cause: error });
  }
}

/**
 * mqtt.js tells the broker that a message arrived as soon as its handler returns, and reads on only then: either the
 * acknowledgement comes before the commit, or a commit carries one message. Handing it an error makes it read on without
 * acknowledging; we acknowledge ourselves, in the order of arrival [MQTT-4.6.0-2], when the commit is done.
 */
function acknowledgeLater(client: MqttClient, { onMessage }: BrokerHandlers): void {
  const send: (packet: object) => void = client['_sendPacket'].bind(client);
  client.handleMessage = (packet: IPublishPacket, next) => {
    const { topic, payload, qos, messageId, retain } = packet;
    const taken = () => {
      if (qos === 1 && client.connected) send({ cmd: 'puback', messageId, reasonCode: 0 });
    };
    onMessage({ topic, payload: Buffer.from(payload), retained: retain }, taken);
    next(qos === 1 ? new Error('acknowledged when it is stored') : undefined);
  };
}

async function clientOptions(options: MqttOptions, version: Version): Promise<IClientOptions> {
  const [password, ca, cert, key] = await Promise.all(
    [options.passwordFile, options.caFile, options.certFile, options.keyFile].map(readSecret),
  );
  return {
    clientId: options.clientId,
    protocolVersion: version,
    clean: true,
    keepalive: KEEPALIVE_S,
    reconnectPeriod: 0,
    resubscribe: false,
    connectTimeout: options.connectTimeoutMs,
    ...(version === 5 ? { properties: { maximumPacketSize: options.maxMessageBytes, receiveMaximum: 65_535 } } : {}),
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(password === undefined ? {} : { password: password.toString().trimEnd() }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

const readSecret = (file: string | undefined): Promise<Buffer | undefined> =>
  file === undefined ? Promise.resolve(undefined) : readFile(file);
