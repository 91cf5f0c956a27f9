// The two clients of the simulated broker: a board's link, which finds its way back as the real one does, and the
// controller's port.

import { encodePresence, topic } from '@seatrial/capsule-plan';
import { type Broker, PortError } from '@seatrial/controller/parts';
import { type ControllerLink, FIRST_ATTEMPT, type LinkHandlers, nextAttempt } from '@seatrial/device-reconciler/parts';
import type { DeviceId } from '@seatrial/spec';
import type { Session, SimBroker } from './broker.ts';
import type { Chance } from './chance.ts';
import type { Process } from './process.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface LinkOptions {
  readonly device: DeviceId;
  readonly broker: SimBroker;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly process: Process;
}

const LIMITS = { firstMs: 1_000, longestMs: 600_000 };

export function simLink({ device, broker, time, chance, process }: LinkOptions): ControllerLink {
  let live: Session | undefined;
  const presence = (online: boolean) => encodePresence({ schema: 1, device, online, agentVersion: '0.1.0' });

  const connectOnce = async (handlers: LinkHandlers) => {
    await time.sleep(chance.between(20, 500));
    const beganMs = time.now();
    return new Promise<{ reached: boolean; accepted: boolean; lastedMs: number }>(resolve => {
      let taking: Promise<void> = Promise.resolve();
      const session: Session | undefined = process.isDead
        ? undefined
        : broker.connect({
            client: device,
            who: process,
            will: { topic: topic(device, 'presence'), payload: presence(false) },
            // One after the other; one that is not taken ends the connection, so that it comes again.
            deliver: ({ payload }) => {
              taking = taking
                .then(() => (process.isDead ? undefined : handlers.plan(payload)))
                .catch(() => {
                  if (session !== undefined) broker.close(session, 'a plan was not taken');
                });
            },
            ended: why => {
              if (process.isDead) return;
              live = undefined;
              handlers.disconnected(why);
              resolve({ reached: true, accepted: true, lastedMs: time.now() - beganMs });
            },
          });
      if (session === undefined) return resolve({ reached: false, accepted: false, lastedMs: 0 });
      broker.subscribe(session, topic(device, 'plan'));
      void broker.publish(session, topic(device, 'presence'), presence(true), { retain: true });
      live = session;
      handlers.connected();
    });
  };

  return {
    open: handlers => {
      void (async () => {
        let attempt = FIRST_ATTEMPT;
        while (!process.isDead) {
          const end = await connectOnce(handlers);
          const next = nextAttempt(attempt, end, { urls: 1, limits: LIMITS, roll: chance.next() });
          attempt = next.attempt;
          await time.sleep(next.pauseMs);
        }
      })();
    },
    send: async (channel, message) =>
      live !== undefined && broker.publish(live, topic(device, channel), message, { retain: channel === 'report' }),
    close: async () => {},
  };
}

const CONTROLLER = 'controller';

/** The controller's port: connects again a while after a connection was lost. */
export function simBrokerPort(broker: SimBroker, time: VirtualTime, process: Process): Broker {
  let session: Session | undefined;
  const unreachable = () => new PortError('broker-unreachable', 'the broker');
  const connected = (): Session => {
    if (session?.isOpen !== true) throw unreachable();
    return session;
  };
  return {
    url: 'mqtt://broker',
    open: handlers => {
      const connect = (): void => {
        if (process.isDead) return;
        session = broker.connect({
          client: CONTROLLER,
          will: undefined,
          deliver: message => {
            if (!process.isDead) handlers.onMessage(message, () => {});
          },
          ended: () => {
            if (process.isDead) return;
            handlers.onDisconnected(unreachable());
            time.after(2_000, connect);
          },
        });
        if (session === undefined) time.after(5_000, connect);
        else handlers.onConnected();
      };
      time.after(50, connect);
    },
    publish: async (name, payload, { retain }) => {
      if (!(await broker.publish(connected(), name, payload, { retain }))) throw unreachable();
    },
    subscribe: async filter => broker.subscribe(connected(), filter),
    unsubscribe: async filter => broker.unsubscribe(connected(), filter),
    close: async () => {
      if (session !== undefined) broker.close(session, 'goodbye', { goodbye: true });
    },
  };
}

export const CONTROLLER_CLIENT = CONTROLLER;
