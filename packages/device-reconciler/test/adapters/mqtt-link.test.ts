// The link to the controller over real brokers: MQTT 5 and 3.1.1, TLS, lost connections, and messages that must not be lost.

import { decodePresence, topic } from '@seatrial/capsule-plan';
import { describe, expect, onTestFinished, test } from 'vitest';
import { boardRoot } from '../../src/adapters/board-root.ts';
import { mqttLink } from '../../src/adapters/mqtt-link.ts';
import { systemTimer } from '../../src/adapters/system-timer.ts';
import type { AgentConfig } from '../../src/domain/config.ts';
import type { ControllerLink } from '../../src/ports/controller-link.ts';
import { aedes, certificates, HAS_MOSQUITTO, mosquitto, type Observer, observer, until } from '../world/brokers.ts';
import { FakeLog } from '../world/fake-surroundings.ts';
import { DEVICE } from '../world/values.ts';

const PLAN = topic(DEVICE, 'plan');
const REPORT = topic(DEVICE, 'report');
const EVENT = topic(DEVICE, 'event');
const PRESENCE = topic(DEVICE, 'presence');
const bytes = (text: string) => new TextEncoder().encode(text);

interface Linked {
  readonly link: ControllerLink;
  readonly plans: string[];
  readonly log: FakeLog;
  connections: number;
}

/** `take` may fail, as a full disk would make it. */
function linked(
  urls: string | string[],
  {
    tls,
    take = async () => undefined,
  }: { tls?: NonNullable<AgentConfig['broker']>['tls']; take?: () => Promise<void> } = {},
): Linked {
  const log = new FakeLog();
  const plans: string[] = [];
  const link = mqttLink({
    device: DEVICE,
    agentVersion: '0.0.0-test',
    broker: { urls: [urls].flat(), keepAlive: 5_000, ...(tls === undefined ? {} : { tls }) } as NonNullable<
      AgentConfig['broker']
    >,
    root: boardRoot('/'),
    retry: { firstMs: 10, longestMs: 100 },
    timer: systemTimer(),
    log,
  });
  const subject: Linked = { link, plans, log, connections: 0 };
  link.open({
    plan: async message => {
      await take();
      plans.push(new TextDecoder().decode(message));
    },
    connected: () => {
      subject.connections += 1;
    },
    disconnected: () => undefined,
  });
  onTestFinished(() => link.close());
  return subject;
}

const presenceIn = ({ heard }: Observer) =>
  heard
    .filter(one => one.topic === PRESENCE)
    .flatMap(({ text }) => {
      const presence = decodePresence(bytes(text));
      return presence.ok ? [presence.value.online] : [];
    });

describe.skipIf(!HAS_MOSQUITTO)('when the broker is mosquitto (needs mosquitto)', () => {
  test('then the board takes its own retained plan, and no other', async () => {
    const broker = await mosquitto();
    const other = await observer(broker.url);
    await other.publish(PLAN, 'mine', { retain: true });
    await other.publish('seatrial/v1/bench-2/plan', 'not mine', { retain: true });
    const board = linked(broker.url);
    await until('a plan comes', () => board.plans[0]);
    await other.publish('seatrial/v1/bench-2/plan', 'not mine either');
    await other.publish(PLAN, 'mine again');
    await until('the second plan comes', () => board.plans[1]);
    expect(board.plans).toEqual(['mine', 'mine again']);
  });

  test('then reports are retained and events are not', async () => {
    const broker = await mosquitto();
    const board = linked(broker.url);
    await until('connected', () => board.connections > 0 || undefined);
    expect(await board.link.send('report', bytes('a report'))).toBe(true);
    expect(await board.link.send('event', bytes('an event'))).toBe(true);
    const late = await observer(broker.url);
    await until('the retained report comes', () => late.heard.find(({ topic: on }) => on === REPORT));
    expect(late.heard.map(({ topic: on }) => on)).not.toContain(EVENT);
  });

  test('then a connection that lasts does not gather what each message left behind', async () => {
    const warnings: Error[] = [];
    const hear = (warning: Error) => void warnings.push(warning);
    process.on('warning', hear);
    onTestFinished(() => void process.off('warning', hear));
    const broker = await mosquitto();
    const board = linked(broker.url);
    await until('connected', () => board.connections > 0 || undefined);
    for (let count = 0; count < 30; count += 1) expect(await board.link.send('event', bytes('an event'))).toBe(true);
    expect(warnings).toEqual([]);
  });

  test('then its presence is known, and its goodbye is no accident', async () => {
    const broker = await mosquitto();
    const other = await observer(broker.url);
    const board = linked(broker.url);
    await until('online', () => presenceIn(other).at(-1));
    await board.link.close();
    await until('offline', () => presenceIn(other).at(-1) === false || undefined);
    expect(await board.link.send('event', bytes('too late'))).toBe(false);
  });

  test('then a plan that could not be kept comes again', async () => {
    const broker = await mosquitto();
    const other = await observer(broker.url);
    await other.publish(PLAN, 'precious', { retain: true });
    let refusals = 2;
    const board = linked(broker.url, {
      take: async () => {
        refusals -= 1;
        if (refusals >= 0) throw new Error('the disk is full');
      },
    });
    await until('it was kept', () => board.plans[0]);
    expect(board.plans).toEqual(['precious']);
    expect(board.connections).toBeGreaterThanOrEqual(2);
  });

  test('then a broker that dies and comes back is found again', async () => {
    const broker = await mosquitto();
    const board = linked(broker.url);
    await until('connected', () => board.connections > 0 || undefined);
    await broker.stop();
    expect(await board.link.send('report', bytes('lost'))).toBe(false);
    const again = await mosquitto({ port: broker.port });
    await until('connected again', () => board.connections > 1 || undefined);
    const other = await observer(again.url);
    await board.link.send('report', bytes('not lost'));
    await until('the report comes', () => other.heard.find(({ text }) => text === 'not lost'));
  });

  test('then of several addresses one that answers is enough', async () => {
    const broker = await mosquitto();
    const board = linked(['mqtt://127.0.0.1:1', broker.url]);
    await until('connected', () => board.connections > 0 || undefined);
    expect(await board.link.send('report', bytes('a report'))).toBe(true);
  });

  test('then a board that is kicked by its own double comes back with pauses', async () => {
    const broker = await mosquitto();
    const board = linked(broker.url);
    await until('connected', () => board.connections > 0 || undefined);
    await observer(broker.url, { clientId: DEVICE, reconnectPeriod: 0 });
    await until('connected again', () => board.connections > 1 || undefined);
    expect(await board.link.send('report', bytes('a report'))).toBe(true);
  });

  test('then it shows its certificate, and is let in by nothing less', async () => {
    const pem = certificates(DEVICE);
    const more = [
      `cafile ${pem.ca}`,
      `certfile ${pem.serverCert}`,
      `keyfile ${pem.serverKey}`,
      'require_certificate true',
      'use_identity_as_username true',
    ];
    const broker = await mosquitto({ more });
    const board = linked(broker.url, { tls: { ca: pem.ca, cert: pem.cert, key: pem.key } });
    const stranger = linked(broker.url, { tls: { ca: pem.ca } });
    const doubtful = linked(broker.url, { tls: { cert: pem.cert, key: pem.key } });
    await until('connected', () => board.connections > 0 || undefined);
    expect([stranger.connections, doubtful.connections]).toEqual([0, 0]);
  });
});

describe('when the broker knows MQTT 3.1.1 alone', () => {
  test('then the board speaks that', async () => {
    const broker = await aedes();
    const board = linked(broker.url);
    await until('connected', () => board.connections > 0 || undefined);
    const other = await observer(broker.url);
    await other.publish(PLAN, 'mine', { retain: true });
    await until('a plan comes', () => board.plans[0]);
    expect(await board.link.send('report', bytes('a report'))).toBe(true);
    await until('the report comes', () => other.heard.find(({ topic: on }) => on === REPORT));
  });
});
