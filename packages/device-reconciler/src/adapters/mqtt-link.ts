// The controller over MQTT: connects, subscribes to the board's own plan and nothing else, and comes back for ever.
// Touches: the network, the TLS and password files that the configuration names (read at every connection, so that they
// may be renewed). Privileges: none.

import { encodePresence, topic } from '@seatrial/capsule-plan';
import type { DeviceId } from '@seatrial/spec';
import type { AgentConfig } from '../domain/config.ts';
import { type ConnectionAttempt, FIRST_ATTEMPT, nextAttempt } from '../domain/connection.ts';
import type { ControllerLink, LinkHandlers } from '../ports/controller-link.ts';
import type { Log } from '../ports/log.ts';
import type { Timer } from '../ports/timer.ts';
import type { BoardRoot } from './board-root.ts';
import { readTextIfThere } from './durable-file.ts';
import { type BrokerAddress, type MqttConnection, mqttConnection } from './mqtt-connection.ts';

export interface MqttLinkOptions {
  readonly device: DeviceId;
  readonly agentVersion: string;
  readonly broker: NonNullable<AgentConfig['broker']>;
  readonly root: BoardRoot;
  readonly retry: { readonly firstMs: number; readonly longestMs: number };
  readonly timer: Timer;
  readonly log: Log;
}

/** Messages in flight; beyond it events are dropped rather than kept. */
const MOST_IN_FLIGHT = 32;
const GOODBYE_MS = 2_000;

export function mqttLink(options: MqttLinkOptions): ControllerLink {
  const { device, broker, timer, log } = options;
  const stop = new AbortController();
  let current: MqttConnection | undefined;
  /** The current connection once it is subscribed. */
  let live: MqttConnection | undefined;
  let inFlight = 0;

  const presence = (online: boolean) =>
    encodePresence({ schema: 1, device, online, agentVersion: options.agentVersion });

  const connectOnce = async (attempt: ConnectionAttempt, handlers: LinkHandlers) => {
    const address = await addressOf(attempt, options, presence(false));
    const beganMs = timer.monotonic();
    return new Promise<{ reached: boolean; accepted: boolean; lastedMs: number }>(resolve => {
      const connection: MqttConnection = mqttConnection(address, {
        accepted: () => {
          greet(connection).catch((error: unknown) => {
            log.write('warning', `the broker let us in and no further: ${String(error)}`);
            return connection.close();
          });
        },
        message: handlers.plan,
        ended: ({ why, ...end }) => {
          live = undefined;
          handlers.disconnected(why);
          resolve({ ...end, lastedMs: timer.monotonic() - beganMs });
        },
      });
      current = connection;
      const greet = async (to: MqttConnection): Promise<void> => {
        await to.subscribe(topic(device, 'plan'));
        await to.publish(topic(device, 'presence'), presence(true), { retain: true });
        live = to;
        handlers.connected();
      };
    });
  };

  const stayConnected = async (handlers: LinkHandlers): Promise<void> => {
    const limits = options.retry;
    let attempt = FIRST_ATTEMPT;
    while (!stop.signal.aborted) {
      const end = await connectOnce(attempt, handlers).catch((error: unknown) => {
        log.write('error', `no connection could be tried: ${String(error)}`);
        return { reached: false, accepted: false, lastedMs: 0 };
      });
      const next = nextAttempt(attempt, end, { urls: broker.urls.length, limits, roll: timer.roll() });
      attempt = next.attempt;
      await timer.sleep(next.pauseMs, stop.signal);
    }
  };

  return {
    open: handlers => {
      stayConnected(handlers).catch((error: unknown) => log.write('error', `the link broke: ${String(error)}`));
    },
    send: async (channel, message) => {
      if (live === undefined || (channel === 'event' && inFlight >= MOST_IN_FLIGHT)) return false;
      inFlight++;
      try {
        return await live.publish(topic(device, channel), message, { retain: channel === 'report' });
      } finally {
        inFlight--;
      }
    },
    close: async () => {
      stop.abort();
      await Promise.race([
        live?.publish(topic(device, 'presence'), presence(false), { retain: true }),
        timer.sleep(GOODBYE_MS),
      ]);
      await current?.close();
    },
  };
}

async function addressOf(
  attempt: ConnectionAttempt,
  { broker, device, root }: MqttLinkOptions,
  lastWords: Uint8Array,
): Promise<BrokerAddress> {
  const text = async (path: string | undefined) => (path === undefined ? undefined : readTextIfThere(root(path)));
  return {
    url: broker.urls[attempt.url] ?? '',
    version: attempt.version,
    clientId: device,
    keepAliveMs: broker.keepAlive,
    username: broker.username,
    password: await text(broker.passwordFile),
    tls: { ca: await text(broker.tls?.ca), cert: await text(broker.tls?.cert), key: await text(broker.tls?.key) },
    will: { topic: topic(device, 'presence'), payload: lastWords },
  };
}
