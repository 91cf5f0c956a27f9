// One connection to one MQTT broker, from CONNECT to its end; it is never reused.
// Touches: the network. Privileges: none.

import net from 'node:net';
import tls from 'node:tls';
import { callbackify } from 'node:util';
import { MqttClient, UniqueMessageIdProvider } from 'mqtt';
import type { MqttVersion } from '../domain/connection.ts';

export interface BrokerAddress {
  readonly url: string;
  readonly version: MqttVersion;
  readonly clientId: string;
  readonly keepAliveMs: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** PEM texts. */
  readonly tls: {
    readonly ca?: string | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
  };
  /** What the broker tells the others when this board falls silent; retained. */
  readonly will: { readonly topic: string; readonly payload: Uint8Array };
}

export interface ConnectionHandlers {
  /** The broker accepted us. */
  readonly accepted: () => void;
  /** Acknowledged when this resolves; a failure ends the connection, so that the message comes again. */
  readonly message: (payload: Uint8Array) => Promise<void>;
  /** Called once. */
  readonly ended: (end: { readonly reached: boolean; readonly accepted: boolean; readonly why: string }) => void;
}

export interface MqttConnection {
  /** Fails when the broker does not grant it. */
  subscribe(topic: string): Promise<void>;
  /** QoS 1; resolves with whether the broker took it. */
  publish(topic: string, payload: Uint8Array, options: { readonly retain: boolean }): Promise<boolean>;
  /** Politely, so that the will is not sent. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 30_000;
/** What a broker may send in one packet: well over a plan, well under what would hurt. */
const MOST_PACKET_BYTES = 64 * 1024;
const RECEIVE_MAXIMUM = 8;
const DENIED = 0x80;
const GOODBYE_MS = 2_000;

export function mqttConnection(address: BrokerAddress, handlers: ConnectionHandlers): MqttConnection {
  let reached = false;
  let accepted = false;
  let why = 'the connection ended';
  const transport = () => {
    const socket = openSocket(address);
    // mqtt.js does not: without it every exchange waits for a delayed ack, 40 ms each.
    socket.setNoDelay(true);
    socket.once('connect', () => {
      reached = true;
    });
    return socket;
  };
  const client = new MqttClient(transport, clientOptions(address));
  const take = callbackify((payload: Uint8Array) => handlers.message(payload));
  client.handleMessage = ({ payload }, callback) => {
    take(Buffer.from(payload), failure => (failure === null ? callback() : client.end(true)));
  };
  client.once('connect', () => {
    accepted = true;
    handlers.accepted();
  });
  client.on('error', error => {
    why = error.message;
    if (!accepted) client.end(true);
  });
  client.once('close', () => {
    client.end(true);
    handlers.ended({ reached, accepted, why });
  });

  return {
    subscribe: async topic => {
      const [granted] = await client.subscribeAsync(topic, { qos: 1 });
      if (granted === undefined || granted.qos >= DENIED) throw new Error(`the broker denies ${topic}`);
    },
    publish: (topic, payload, { retain }) =>
      new Promise(resolve => {
        if (!client.connected) return resolve(false);
        const gone = () => resolve(false);
        client.once('close', gone);
        client.publish(topic, Buffer.from(payload), { qos: 1, retain }, error => {
          client.removeListener('close', gone);
          resolve(error == null);
        });
      }),
    close: async () => {
      // A broker that does not answer must not keep us.
      const limit = setTimeout(() => client.end(true), GOODBYE_MS);
      await client.endAsync(!client.connected).finally(() => clearTimeout(limit));
    },
  };
}

function openSocket({ url, tls: pem }: BrokerAddress): net.Socket {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol === 'mqtt:') return net.connect({ host, port: Number(port || 1883) });
  return tls.connect({
    host,
    port: Number(port || 8883),
    ...(net.isIP(host) === 0 ? { servername: host } : {}),
    ...(pem.ca === undefined ? {} : { ca: pem.ca }),
    ...(pem.cert === undefined ? {} : { cert: pem.cert }),
    ...(pem.key === undefined ? {} : { key: pem.key }),
  });
}

const clientOptions = ({ version, clientId, keepAliveMs, username, password, will }: BrokerAddress) => ({
  clientId,
  protocolId: 'MQTT' as const,
  protocolVersion: version,
  // The plan is retained: a session that the broker keeps would only bring old ones again.
  clean: true,
  keepalive: Math.max(1, Math.round(keepAliveMs / 1000)),
  connectTimeout: CONNECT_TIMEOUT_MS,
  reconnectPeriod: 0,
  resubscribe: false,
  queueQoSZero: false,
  // The cache of encoded numbers costs 19 MB.
  writeCache: false,
  timerVariant: 'native' as const,
  messageIdProvider: new UniqueMessageIdProvider(),
  will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1 as const, retain: true },
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
  ...(version === 5 ? { properties: { receiveMaximum: RECEIVE_MAXIMUM, maximumPacketSize: MOST_PACKET_BYTES } } : {}),
});
