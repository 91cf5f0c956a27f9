// A board made of paper: it takes plans over MQTT, believes only what the controller's key has signed, and reports at once
// what a test has decided would come of them.

import {
  type Channel,
  encodePresence,
  encodeReport,
  openPlan,
  type Plan,
  type PlanRefusal,
  topic,
} from '@seatrial/capsule-plan';
import { type Generation, millis, type PublicKey, parseKeyId } from '@seatrial/spec';
import mqtt, { type MqttClient } from 'mqtt';
import { deviceId, need, type Runs, type ToldBoard, toldBoard } from './told-board.ts';

/** What comes of a plan. */
export type Behaviour = 'obeys' | 'fails' | 'ignores';

export interface PaperBoardOptions {
  readonly device: string;
  readonly brokerUrl: string;
  readonly controllerKey: PublicKey;
  readonly runs: Runs;
  readonly behaviour?: Behaviour;
  readonly sequence?: number;
}

export class PaperBoard {
  readonly device: string;
  readonly plans: Plan[] = [];
  readonly refused: PlanRefusal[] = [];
  runs: Runs;
  behaviour: Behaviour;
  #sequence: number;
  #seen: Generation | undefined;
  readonly #client: MqttClient;
  readonly #options: PaperBoardOptions;

  constructor(options: PaperBoardOptions) {
    this.#options = options;
    this.device = options.device;
    this.runs = options.runs;
    this.behaviour = options.behaviour ?? 'obeys';
    this.#sequence = options.sequence ?? 0;
    const id = deviceId(options.device);
    const presence = (online: boolean) =>
      Buffer.from(encodePresence({ schema: 1, device: id, online, agentVersion: '0.1.0' }));
    this.#client = mqtt.connect(options.brokerUrl, {
      clientId: options.device,
      protocolVersion: 4,
      reconnectPeriod: 100,
      will: { topic: topic(id, 'presence'), payload: presence(false), qos: 1, retain: true },
    });
    this.#client.on('message', (_topic, message) => this.#take(message));
    this.#client.on('connect', () => {
      this.#client.publish(topic(id, 'presence'), presence(true), { qos: 1, retain: true });
      this.#client.subscribe(topic(id, 'plan'), { qos: 1 });
      this.tell();
    });
  }

  get plan(): Plan | undefined {
    return this.plans.at(-1);
  }

  /** Reports what it runs, and whatever else the test wants to have said. */
  tell(told: Partial<ToldBoard> = {}): void {
    this.#sequence += 1;
    const plan = this.plan;
    const report = toldBoard({
      device: this.device,
      sequence: this.#sequence,
      runs: this.runs,
      ...(plan && { plan: { ...plan } }),
      ...told,
    });
    this.#client.publish(topic(deviceId(this.device), 'report'), Buffer.from(encodeReport(report)), {
      qos: 1,
      retain: true,
    });
  }

  /** Does what its newest plan says, after having ignored it. */
  obey(): void {
    this.behaviour = 'obeys';
    if (this.plan !== undefined) this.#act(this.plan);
  }

  /** Whatever bytes, on its own topic. */
  send(channel: Channel, message: Uint8Array): void {
    this.#client.publish(topic(deviceId(this.device), channel), Buffer.from(message), { qos: 1 });
  }

  /** A report that names another board, on its own topic. */
  sendAs(device: string): void {
    this.send('report', encodeReport(toldBoard({ device, sequence: 1_000, runs: this.runs })));
  }

  /** Pulls the plug: the broker sends the last will. */
  vanish(): void {
    this.#client.stream.destroy();
    this.#client.end(true);
  }

  async leave(): Promise<void> {
    await this.#client.endAsync();
  }

  #take(message: Uint8Array): void {
    const keyId = need(parseKeyId('k-controller'));
    const opened = openPlan(message, {
      device: deviceId(this.device),
      controller: { role: 'controller', threshold: 1, keys: new Map([[keyId, this.#options.controllerKey]]) },
      nowMs: millis(Date.now()),
      ...(this.#seen === undefined ? {} : { seenGeneration: this.#seen }),
    });
    if (!opened.ok) {
      this.refused.push(opened.error);
      return;
    }
    const plan = opened.value;
    this.#seen = plan.generation;
    this.plans.push(plan);
    this.#act(plan);
  }

  #act(plan: Plan): void {
    const { payloadHash, attempt, payload } = plan;
    const wanted = {
      fw: versionOf(payload.firmware?.version ?? 0),
      os: payload.os?.commit.slice(0, 1) ?? this.runs.os,
    };
    const isThere = wanted.fw === this.runs.fw && wanted.os === this.runs.os;
    if (this.behaviour === 'ignores') this.tell();
    else if (isThere) this.tell();
    else if (this.behaviour === 'fails') this.tell({ failed: { payloadHash, attempt } });
    else {
      this.runs = wanted;
      this.tell({ earned: payloadHash });
    }
  }
}

const versionOf = (version: number): string => `${version >>> 16}.${version & 0xffff}`;
