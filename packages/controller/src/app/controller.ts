// The controller as a whole: its loops, and who wakes whom.
//
//   git ──▶ desk ──▶ plans (outbox) ──▶ broker ──▶ boards
//            ▲ └───▶ audit branch          │
//            └────────── intake ◀──────────┘

import { type DesiredState, type Millis, parseGitCommit, type Signer } from '@seatrial/spec';
import type { StatusView } from '../domain/api.ts';
import { unclaimedRows } from '../domain/device-views.ts';
import { emptyLedger, type Ledger } from '../domain/ledger.ts';
import { errorRow, PortError } from '../errors.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Broker } from '../ports/broker.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Follower, Office } from '../ports/office.ts';
import type { Store } from '../ports/store.ts';
import type { SnapshotHeader } from '../review/index.ts';
import { Auditor } from './audit-loop.ts';
import { BrokerSession } from './broker-session.ts';
import { Desk } from './desk.ts';
import { FrontOffice } from './front-office.ts';
import { Intake } from './intake.ts';
import { type Loop, type LoopOutcome, type Problem, startLoop } from './loop.ts';
import { Problems } from './problems.ts';
import { Publisher } from './publish-loop.ts';
import { type ReaderPorts, type Readers, startReaders } from './readers.ts';
import { Readiness } from './readiness.ts';
import { recover } from './recover.ts';
import { Snapshots } from './snapshots.ts';
import { Source } from './source-loop.ts';
import { tick } from './tick-loop.ts';

export interface ControllerOptions extends ReaderPorts {
  readonly store: Store;
  readonly auditLog: AuditLog;
  readonly broker: Broker;
  readonly metrics: Metrics;
  readonly names: { readonly repository: string; readonly branch: string; readonly auditBranch: string };
  /** The key under the name that the TrustRoot in force gives it. */
  readonly signerFor: (desired: DesiredState) => { readonly signer: Signer; readonly isTrusted: boolean };
  readonly acceptHead?: string;
  readonly pollMs: number;
  readonly tickMs: number;
  readonly quietMs: number;
  readonly window: number;
  readonly unreachableAfterMs: number;
  readonly planLifetimeMs: Millis;
}

type Part = 'audit' | 'git' | 'broker' | 'plans' | 'time';

/** Reads the store, starts the loops, and returns the way to ask and to order. What is outside may come later. */
export async function startLoops(
  options: ControllerOptions,
): Promise<{ readonly office: Office; readonly ring: Readers['ring']; stop(): Promise<void> }> {
  const meta = await options.store.meta();
  const ledger = emptyLedger();
  await recover(ledger, options.store, { nowMs: options.clock.now(), unreachableAfterMs: options.unreachableAfterMs });
  const controller = new Controller(options, ledger, new Readiness({ isRebuilt: meta.goodCommit === undefined }), meta);
  await controller.acceptRewrittenHead();
  controller.begin();
  return controller;
}

class Controller {
  readonly office: Office;
  readonly #options: ControllerOptions;
  readonly #readiness: Readiness;
  readonly #problems: Problems;
  readonly #desk: Desk;
  readonly #source: Source;
  readonly #intake: Intake;
  readonly #session: BrokerSession;
  readonly #loops: Readonly<Record<Part, Loop>>;
  readonly #readers: Readers;
  readonly #followers = new Set<Follower>();
  #desired: DesiredState | undefined;
  #signer: Signer | undefined;
  #isOpened = false;
  #isConnected = false;
  #sharesReports = false;

  constructor(options: ControllerOptions, ledger: Ledger, readiness: Readiness, meta: Desk['meta']) {
    const { clock, store, repository, validator, broker, auditLog, metrics, log, ...numbers } = options;
    this.#options = options;
    this.#readiness = readiness;
    this.#problems = new Problems(clock, (part, problem) =>
      log(problem === undefined ? `${part}: well again` : `${part}: ${problem.code}: ${problem.message}`),
    );
    const onProblem = (part: string, problem: Problem | undefined) => this.#problems.report(part, problem);
    const desk = new Desk({ clock, store, ledger, meta, onProblem, planLifetimeMs: options.planLifetimeMs });
    this.#desk = desk;
    this.#source = new Source({
      ...numbers,
      desk,
      repository,
      validator,
      onDesired: desired => this.#putInForce(desired),
    });
    this.#intake = new Intake({
      ...numbers,
      desk,
      onBoardEvent: event => {
        for (const follower of this.#followers) follower.onProgress(event);
      },
      onMessage: (channel, result) => metrics.countMessage(channel, result),
    });
    this.#session = new BrokerSession({ ...numbers, desk, broker, intake: this.#intake });
    const auditor = new Auditor(desk, auditLog);
    const publisher = new Publisher({
      ...numbers,
      desk,
      broker,
      signer: () => (this.#readiness.broker && this.#isConnected ? this.#signer : undefined),
      onPublished: count => metrics.countPublished(count),
    });
    const loop = (name: string, work: () => Promise<LoopOutcome>) =>
      startLoop({ name, work, waitingMs: options.pollMs, onProblem });
    this.#loops = {
      audit: loop('audit', () => this.#audit(auditor)),
      git: loop('git', () => this.#lookAtGit()),
      // The connection's own problems are told under `broker`.
      broker: loop('broker session', () => this.#beginSession()),
      plans: loop('plans', () => publisher.drain()),
      time: loop('time', () => tick({ ...numbers, desk })),
    };
    desk.listen({
      onPlans: () => this.#loops.plans.wake(),
      onDecisions: () => this.#loops.audit.wake(),
      onEvents: events => {
        for (const event of events) {
          log(event.message);
          for (const follower of this.#followers) follower.onEvent(event);
        }
      },
    });
    const snapshots = new Snapshots(desk, () => this.#snapshotHeader());
    this.#readers = startReaders({
      ...options,
      desk,
      snapshots,
      inForce: () => this.#desired,
      mayReview: () => this.#readiness.mayReview,
      lookAtGit: () => this.#loops.git.wake(),
      startLoop: loop,
    });
    this.office = new FrontOffice({
      desk,
      snapshots,
      metrics,
      status: () => this.#status(),
      desired: () => this.#desired,
      lookAtGit: () => this.#loops.git.wake(),
      followers: this.#followers,
    });
  }

  /** Takes webhooks in. */
  get ring(): Readers['ring'] {
    return this.#readers.ring;
  }

  begin(): void {
    this.#loops.audit.wake();
    this.#loops.time.wake();
  }

  async stop(): Promise<void> {
    const loops = [...Object.values(this.#loops), this.#readers];
    await Promise.all(loops.map(loop => loop.stop()));
    await this.#options.broker.close();
    await this.#intake.idle();
    await this.#desk.stop();
  }

  /** An engineer who has looked at a rewritten audit branch names the head to go on from; it is taken over once. */
  async acceptRewrittenHead(): Promise<void> {
    const head = parseGitCommit(this.#options.acceptHead ?? '');
    if (head === undefined || head === this.#desk.meta.acceptedHead) return;
    await this.#desk.note({ meta: { auditHead: head, acceptedHead: head } });
  }

  /* ---- What the loops do ---- */

  async #audit(auditor: Auditor): Promise<LoopOutcome> {
    try {
      const outcome = await auditor.keepUp();
      this.#found({ audit: 'agrees' });
      return outcome;
    } catch (error) {
      const isFinal = error instanceof PortError && errorRow(error.code).class === 'terminal';
      if (isFinal) this.#found({ audit: 'refused' });
      else if (this.#readiness.audit === 'unknown' && !this.#readiness.isRebuilt) this.#found({ audit: 'agrees' });
      throw error;
    }
  }

  async #lookAtGit(): Promise<LoopOutcome> {
    if (!this.#readiness.mayReadGit) return { kind: 'done' };
    try {
      return await this.#source.look();
    } finally {
      this.#found({ git: this.#source.status.inForce !== undefined });
    }
  }

  async #beginSession(): Promise<LoopOutcome> {
    if (!this.#isConnected) return { kind: 'done' };
    const { sharesReports } = await this.#session.begin();
    this.#sharesReports = sharesReports;
    this.#found({ broker: true });
    this.#loops.plans.wake();
    return { kind: 'done' };
  }

  /** Something new is known: whoever waited for it goes on. */
  #found(news: Partial<Pick<Readiness, 'audit' | 'git' | 'broker'>>): void {
    const { mayReadGit: hadRead, mayDecide: hadDecided, mayReview: hadReviewed } = this.#readiness;
    const before = { mayReadGit: hadRead, mayDecide: hadDecided, mayReview: hadReviewed };
    Object.assign(this.#readiness, news);
    const { mayReadGit, mayConnect, mayDecide, mayReview } = this.#readiness;
    if (mayReview && !before.mayReview) this.#readers.wake();
    this.#desk.mayDecide = mayDecide;
    if (mayReadGit && !before.mayReadGit) this.#loops.git.wake();
    if (mayConnect && !this.#isOpened) this.#open();
    if (mayDecide && !before.mayDecide) void this.#steerEverything();
  }

  async #steerEverything(): Promise<void> {
    const { ledger } = this.#desk;
    await this.#desk.decide(draft => {
      for (const fleet of new Set([...ledger.fleets.keys(), ...ledger.rollouts.keys()])) draft.lookAfter(fleet, 'all');
    });
  }

  #open(): void {
    this.#isOpened = true;
    this.#options.broker.open({
      onMessage: (message, taken) => {
        if (this.#session.takeOwn(message)) taken();
        else this.#intake.arrive(message, taken);
      },
      onConnected: () => {
        this.#isConnected = true;
        this.#problems.report('broker', undefined);
        this.#loops.broker.wake();
      },
      onDisconnected: ({ code, element, message }) => {
        this.#isConnected = false;
        this.#problems.report('broker', { code, element, message });
      },
    });
  }

  #putInForce(desired: DesiredState): void {
    const { signer, isTrusted } = this.#options.signerFor(desired);
    this.#desired = desired;
    this.#signer = signer;
    const element = desired.trustRoot?.name ?? 'TrustRoot';
    const { message } = new PortError('key-not-trusted', element);
    this.#problems.report('key', isTrusted ? undefined : { code: 'key-not-trusted', element, message });
    this.#loops.plans.wake();
    this.#readers.wake();
  }

  #snapshotHeader(): SnapshotHeader {
    const gitCommit = this.#source.status.inForce?.commit;
    const { clock, names } = this.#options;
    return { repository: names.repository, ...(gitCommit && { gitCommit }), takenAtMs: clock.now() };
  }

  /* ---- What is told ---- */

  #status(): StatusView {
    const { names, broker } = this.#options;
    const { inForce, refused, checkedAtMs } = this.#source.status;
    const { auditHead } = this.#desk.meta;
    const problems = this.#problems.all;
    return {
      ready: this.#readiness.mayDecide && this.#isConnected && problems.length === 0,
      source: {
        repository: names.repository,
        branch: names.branch,
        ...(inForce && { inForce }),
        ...(refused && { refused: { ...refused, issues: refused.issues.map(issue => ({ ...issue })) } }),
        ...(checkedAtMs !== undefined && { checkedAtMs }),
      },
      broker: { url: broker.url, connected: this.#isConnected, sharesReports: this.#sharesReports },
      audit: { branch: names.auditBranch, ...(auditHead && { head: auditHead }) },
      boards: { known: this.#desk.ledger.boards.count, unclaimed: unclaimedRows(this.#desk.ledger).length },
      problems,
    };
  }
}
