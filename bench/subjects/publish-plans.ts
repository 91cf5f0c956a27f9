// Publishes plans the controller's way and prints what it took: `prepared|outbox PORT FILE WINDOW COUNT DIRECTORY`.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Broker,
  Desk,
  emptyLedger,
  mqttBroker,
  openSqliteStore,
  type PlanRecord,
  Publisher,
  planContent,
  sendWindowed,
} from '@seatrial/controller/parts';
import { InvariantError, millis, systemClock } from '@seatrial/spec';
import { newSigner, planOfVehicle, target } from '../fleet/signed-plans.ts';

const [work = '', port = '', file = '', windowText = '', countText = '', directory = ''] = process.argv.slice(2);
const window = Number(windowText);
const count = Number(countText);

const connect = (): Promise<Broker> => {
  const broker = mqttBroker({
    url: `mqtt://127.0.0.1:${port}`,
    clientId: 'bench',
    maxMessageBytes: 65_536,
    connectTimeoutMs: 10_000,
  });
  return new Promise((resolve, reject) =>
    broker.open({
      onMessage: (_message, taken) => taken(),
      onConnected: () => resolve(broker),
      onDisconnected: reject,
    }),
  );
};

interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
}

function readMessages(): readonly Message[] {
  const bytes = readFileSync(file);
  const messages: Message[] = [];
  for (let at = 0; at < bytes.length; ) {
    const topicEnd = bytes.indexOf(10, at);
    const lengthEnd = bytes.indexOf(10, topicEnd + 1);
    const start = lengthEnd + 1;
    const end = start + Number(bytes.toString('latin1', topicEnd + 1, lengthEnd));
    messages.push({ topic: bytes.toString('latin1', at, topicEnd), payload: bytes.subarray(start, end) });
    at = end;
  }
  return messages;
}

async function prepared(broker: Broker): Promise<() => Promise<unknown>> {
  const items = readMessages();
  return () =>
    sendWindowed({ items, window, send: ({ topic, payload }) => broker.publish(topic, payload, { retain: true }) });
}

async function outbox(broker: Broker): Promise<() => Promise<unknown>> {
  const store = openSqliteStore(join(directory, 'controller.db'));
  const content = planContent(target());
  await store.commit({
    contents: [content],
    plans: Array.from({ length: count }, (_, n) => recordOf(n, content.hash)),
  });
  const desk = new Desk({
    clock: systemClock,
    store,
    ledger: emptyLedger(),
    meta: await store.meta(),
    planLifetimeMs: millis(86_400_000),
    onProblem: () => undefined,
  });
  const signer = newSigner();
  let published = 0;
  const publisher = new Publisher({
    desk,
    broker,
    signer: () => signer,
    window,
    onPublished: more => {
      published += more;
    },
  });
  return async () => {
    while ((await publisher.drain()).kind === 'again');
    if (published !== count) throw new InvariantError(`${published} of ${count} were published`);
  };
}

function recordOf(n: number, content: PlanRecord['content']): PlanRecord {
  const { device, generation, fleet, release, gitCommit, payloadHash, attempt, issuedAtMs, expiresAtMs } =
    planOfVehicle(n);
  const { policyHash } = target();
  return {
    device,
    generation,
    fleet,
    release,
    gitCommit,
    payloadHash,
    attempt,
    policyHash,
    content,
    issuedAtMs,
    expiresAtMs,
  };
}

const WORKS: Readonly<Record<string, (broker: Broker) => Promise<() => Promise<unknown>>>> = { prepared, outbox };

const broker = await connect();
const publishAll = await WORKS[work]?.(broker);
const before = process.cpuUsage();
const startedMs = performance.now();
await publishAll?.();
const wallMs = performance.now() - startedMs;
const { user, system } = process.cpuUsage(before);
await broker.close();
process.stdout.write(JSON.stringify({ wallMs, cpuMs: (user + system) / 1_000 }));
process.exit(0);
