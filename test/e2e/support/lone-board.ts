// One virtual board with the real agent, driven by nothing but signed plans on a real broker.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeReport, type Plan, type PlanTarget, type Report, topic } from '@seatrial/capsule-plan';
import type { VirtualBoard } from '@seatrial/virtual-board';
import { type Broker, startMosquitto } from './broker.ts';
import { agentYaml, DEVICE, type Halves, Workshop } from './lone-plan.ts';

export { v } from './lone-plan.ts';

const AGENT = fileURLToPath(new URL('../../../packages/device-reconciler/src/agent-entry.ts', import.meta.url));
const INTERVALS =
  'poll: 500ms, heartbeat: 20s, progress: 500ms, retryFirst: 100ms, retryLongest: 1s, stall: 5s, healthRetry: 200ms, rebootGrace: 20s';

export class LoneBoard {
  readonly broker: Broker;
  readonly board: VirtualBoard;
  readonly reports: Report[] = [];
  readonly #directory: string;
  readonly #workshop: Workshop;
  #generation = 0;

  private constructor(parts: { broker: Broker; board: VirtualBoard; directory: string; workshop: Workshop }) {
    this.broker = parts.broker;
    this.board = parts.board;
    this.#directory = parts.directory;
    this.#workshop = parts.workshop;
  }

  static async start(): Promise<LoneBoard> {
    const directory = mkdtempSync(join(tmpdir(), 'seatrial-e2e-'));
    const broker = await startMosquitto();
    const workshop = await Workshop.open(join(directory, 'artifacts'));
    const board = await workshop.makeBoard({
      directory: join(directory, 'board'),
      agent: { command: paths => [process.execPath, AGENT, '--config', paths.agentConfig] },
      agentConfig: paths => agentYaml(paths, { brokerUrl: broker.url, intervals: INTERVALS }),
    });
    const lone = new LoneBoard({ broker, board, directory, workshop });
    await lone.#listen();
    await board.powerOn();
    return lone;
  }

  async stop(): Promise<void> {
    await this.board.stop();
    await this.board.remove();
    await this.#workshop.close();
    await this.broker.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Makes what the halves describe and publishes a plan for it. */
  async plan(halves: Halves, changes: Partial<Plan> = {}): Promise<PlanTarget> {
    this.#generation += 1;
    const plan = { ...(await this.#workshop.plan(halves, this.#generation)), ...changes };
    const message = this.#workshop.sign(plan);
    await this.broker.client.publishAsync(topic(DEVICE, 'plan'), message, { retain: true, qos: 1 });
    return plan;
  }

  /** The newest report once it satisfies `enough`; fails after `deadlineMs`. */
  async reported(enough: (report: Report) => boolean, deadlineMs = 90_000): Promise<Report> {
    const until = Date.now() + deadlineMs;
    while (Date.now() < until) {
      const newest = this.reports.at(-1);
      if (newest !== undefined && enough(newest)) return newest;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    const { phase, step, conditions } = this.reports.at(-1) ?? {};
    throw new Error(`no such report in time; the last: ${JSON.stringify({ phase, step, conditions })}`);
  }

  async #listen(): Promise<void> {
    this.broker.client.on('message', (name, payload) => {
      const report = name.endsWith('/report') ? decodeReport(payload) : undefined;
      if (report?.ok === true) this.reports.push(report.value);
    });
    await this.broker.client.subscribeAsync(topic(DEVICE, 'report'), { qos: 1 });
  }
}
