// The agent as it runs: whatever happens becomes an event of the lifecycle machine, and what the machine names is done
// here. Passes decide about the board, the machine about the agent; nothing here decides.

import { describeStep } from '@seatrial/capsule-plan';
import type { AgentConfig } from '../domain/config.ts';
import type { LifecycleEvent, Pauses } from '../domain/lifecycle.ts';
import { passEvent } from '../domain/pass-event.ts';
import type { PassNews } from '../domain/pass-result.ts';
import { afterFailure, afterLook, afterLookWithoutPlan, afterNews, standingBefore } from '../domain/standing.ts';
import type { ControllerLink } from '../ports/controller-link.ts';
import type { Ports } from '../ports/ports.ts';
import { type LifecycleShell, lifecycleShell } from './lifecycle-shell.ts';
import { onePass } from './one-pass.ts';
import type { PlanIntake } from './plan-intake.ts';
import type { Look } from './reconcile-once.ts';
import { type Reporter, reporter } from './reporter.ts';
import { RunningPass } from './running-pass.ts';

export interface DaemonOptions {
  readonly config: AgentConfig;
  readonly agentVersion: string;
  readonly ports: Ports;
  readonly link: ControllerLink;
  readonly intake: PlanIntake;
}

/** Runs until the signal aborts, then ends its pass and says goodbye. */
export async function runDaemon(options: DaemonOptions, signal: AbortSignal): Promise<void> {
  const daemon = new Daemon(options);
  await daemon.start();
  await aborted(signal);
  await daemon.stop();
}

class Daemon {
  readonly #options: DaemonOptions;
  readonly #reporter: Reporter;
  #shell: LifecycleShell | undefined;
  #standing = standingBefore('idle', []);
  #pass: { readonly running: RunningPass; readonly over: Promise<void> } | undefined;
  #alarm: { readonly dueAtMs: number; readonly controller: AbortController } | undefined;
  #stopping = false;

  constructor(options: DaemonOptions) {
    const { config } = options;
    this.#options = options;
    this.#reporter = reporter({ ...options, device: config.device, progressMs: config.intervals.progress });
  }

  async start(): Promise<void> {
    const { ports, link, config } = this.#options;
    this.#shell = await lifecycleShell({
      ports,
      pauses: pausesOf(config),
      conditions: () => this.#standing.conditions,
      effects: {
        runPass: () => this.#runPass(),
        tellNews: () => this.#tell({ due: false }),
        tellAgain: () => this.#tell({ due: true }),
        interruptBackground: () => this.#pass?.running.supersede(),
        reportUnexpected: ({ event, from }) => ports.log.write('warning', `unexpected in ${from}: ${event.type}`),
      },
    });
    this.#standing = standingBefore(this.#shell.before.phase, this.#shell.before.conditions);
    link.open({
      plan: message => this.#takePlan(message),
      connected: () => {
        ports.log.write('info', 'connected');
        this.#happened({ type: 'linkUp', nowMs: ports.timer.monotonic() });
      },
      disconnected: why => ports.log.write('info', `not connected: ${why}`),
    });
    this.#happened({ type: 'started', nowMs: ports.timer.monotonic() });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#alarm?.controller.abort(REPLACED);
    this.#pass?.running.end();
    await this.#pass?.over;
    await this.#options.link.close();
  }

  #happened(event: LifecycleEvent): void {
    void this.#shell?.send(event).then(() => this.#setAlarm());
  }

  /** One timer for everything, set anew when the machine wants a tick at another time. */
  #setAlarm(): void {
    const { timer } = this.#options.ports;
    const dueAtMs = this.#shell?.dueAtMs() ?? Number.POSITIVE_INFINITY;
    if (this.#stopping || this.#alarm?.dueAtMs === dueAtMs) return;
    this.#alarm?.controller.abort(REPLACED);
    const alarm = { dueAtMs, controller: new AbortController() };
    this.#alarm = alarm;
    void timer.sleep(dueAtMs - timer.monotonic(), alarm.controller.signal).then(() => {
      if (this.#alarm !== alarm || this.#stopping) return;
      this.#alarm = undefined;
      this.#happened({ type: 'tick', nowMs: timer.monotonic() });
    });
  }

  #runPass(): void {
    if (this.#stopping) return;
    const running = new RunningPass();
    this.#pass = { running, over: this.#passTo(running) };
  }

  async #passTo(running: RunningPass): Promise<void> {
    const { ports, config, intake } = this.#options;
    const { timer, log } = ports;
    const result = await onePass({
      ports,
      config,
      plan: intake.current(),
      signal: running.signal,
      onLook: look => {
        running.hasLooked = true;
        this.#looked(look);
      },
      onNews: news => this.#heard(news, running),
    });
    if (result.kind === 'retry' || result.kind === 'terminal') {
      this.#standing = afterFailure(this.#standing, result.error, timer.now());
      log.write('warning', `${result.error.code}: ${result.error.message}`);
      if (!running.hasLooked) this.#tellEvent(this.#reporter.trouble(result.error));
    }
    this.#happened(passEvent(result, timer.monotonic(), timer.roll()));
  }

  #looked(look: Look | Omit<Look, 'inference'>): void {
    this.#standing = 'inference' in look ? afterLook(this.#standing, look) : afterLookWithoutPlan(this.#standing, look);
    this.#happened({ type: `looked.${this.#standing.phase}`, nowMs: this.#options.ports.timer.monotonic() });
  }

  #heard(news: PassNews, running: RunningPass): void {
    const { log } = this.#options.ports;
    this.#standing = afterNews(this.#standing, news);
    running.hear(news);
    if (news.kind === 'started') log.write('info', describeStep(news.step));
    this.#tellEvent(this.#reporter.event(news));
  }

  #tellEvent(sending: Promise<void>): void {
    const { log } = this.#options.ports;
    sending.catch((error: unknown) => log.write('warning', `no event was sent: ${String(error)}`));
  }

  async #takePlan(message: Uint8Array): Promise<void> {
    const { intake, ports } = this.#options;
    const offer = await intake.offer(message);
    const nowMs = ports.timer.monotonic();
    if (offer.kind === 'accepted') this.#happened({ type: 'planAccepted', nowMs });
    if (offer.kind === 'refused') this.#happened({ type: 'planRefused', nowMs });
  }

  #tell(when: { readonly due: boolean }): void {
    const { seen, ...standing } = this.#standing;
    const { intake } = this.#options;
    if (seen === undefined) return;
    void this.#reporter.report({ ...standing, ...seen, plan: intake.current(), refused: intake.refused() }, when);
  }
}

/** Said when an alarm is put off: without a reason every one of them would be an error with a stack. */
const REPLACED = 'replaced';

const pausesOf = ({ intervals }: AgentConfig): Pauses => ({
  pollMs: intervals.poll,
  heartbeatMs: intervals.heartbeat,
  retryFirstMs: intervals.retryFirst,
  retryLongestMs: intervals.retryLongest,
  rebootGraceMs: intervals.rebootGrace,
});

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
