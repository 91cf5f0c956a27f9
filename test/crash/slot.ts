// Where one board at a time is cut and converges: a broker of its own that holds the plan, and what the board reports.

import { decodeReport, judgeReport, type Plan, type Report, topic, type VerdictKind } from '@seatrial/capsule-plan';
import { type Broker, startMosquitto } from '../e2e/support/broker.ts';
import { DEVICE } from '../e2e/support/lone-plan.ts';

const POLL_MS = 10;
const DEADLINE_MS = 60_000;

export class Slot {
  readonly directory: string;
  readonly broker: Broker;
  readonly reports: Report[] = [];

  private constructor(directory: string, broker: Broker) {
    this.directory = directory;
    this.broker = broker;
  }

  static async open(directory: string, message: Buffer): Promise<Slot> {
    const broker = await startMosquitto();
    const slot = new Slot(directory, broker);
    broker.client.on('message', (_name, payload) => {
      const report = decodeReport(payload);
      if (report.ok) slot.reports.push(report.value);
    });
    await broker.client.subscribeAsync(topic(DEVICE, 'report'), { qos: 1 });
    await broker.client.publishAsync(topic(DEVICE, 'plan'), message, { retain: true, qos: 1 });
    return slot;
  }

  close = (): Promise<void> => this.broker.stop();

  /** As if no board had ever spoken here; the plan stays. */
  async forget(): Promise<void> {
    for (const kind of ['report', 'presence'] as const) {
      await this.broker.client.publishAsync(topic(DEVICE, kind), '', { retain: true, qos: 1 });
    }
    this.reports.length = 0;
  }

  /** Settles when so many more have come. */
  async moreReports(count: number): Promise<void> {
    const enough = this.reports.length + count;
    for (const until = Date.now() + DEADLINE_MS; this.reports.length < enough; ) {
      if (Date.now() > until) throw new Error('the board has fallen silent');
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
    }
  }

  /** The newest report once it is judged so; never, once nobody waits for it any more. */
  async judged(kind: VerdictKind, plan: Plan, unwanted?: AbortSignal): Promise<Report> {
    const until = Date.now() + DEADLINE_MS;
    while (Date.now() < until) {
      const newest = this.reports.at(-1);
      if (newest !== undefined && judgeReport(newest, plan).kind === kind) return newest;
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
      if (unwanted?.aborted === true) return new Promise(() => undefined);
    }
    throw new Error(`the board was never judged ${kind}; the last it said: ${lastWords(this.reports.at(-1))}`);
  }
}

const lastWords = (report: Report | undefined): string =>
  JSON.stringify({
    phase: report?.phase,
    step: report?.step,
    conditions: report?.conditions,
    failures: report?.failures,
  });
