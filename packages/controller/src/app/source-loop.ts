// Git into the ledger: every new commit is validated; a good one is put in force, a bad one is refused and told.

import type { DesiredState, GitCommit, Issue, Millis } from '@seatrial/spec';
import { type Assigned, type AssignOptions, assign, unjudged } from '../domain/assign.ts';
import { idOf } from '../domain/boards.ts';
import { PortError } from '../errors.ts';
import type { CommitInfo, FleetRepository } from '../ports/fleet-repository.ts';
import type { Validator } from '../ports/validator.ts';
import type { Desk } from './desk.ts';
import type { Draft } from './draft.ts';
import type { LoopOutcome } from './loop.ts';
import { lookQuietly } from './note-change.ts';
import { rejudge } from './rejudge.ts';

export interface SourceOptions {
  readonly desk: Desk;
  readonly repository: FleetRepository;
  readonly validator: Validator;
  readonly pollMs: number;
  readonly requireSignatures: boolean;
  /** How long a board may be silent before it counts as unreachable. */
  readonly unreachableAfterMs: number;
  /** Called when another commit is in force. */
  readonly onDesired: (desired: DesiredState) => void;
}

/** What people are shown of the repository. */
export interface SourceStatus {
  readonly inForce?: SeenCommit;
  /** The newest commit, where it was refused. */
  readonly refused?: SeenCommit & { readonly issues: readonly Issue[] };
  readonly checkedAtMs?: Millis;
}

export interface SeenCommit extends CommitInfo {
  readonly commit: GitCommit;
}

const ISSUES_TOLD = 5;
/** How far back a good commit is looked for when the newest is bad and none is remembered. */
const MOST_ANCESTORS = 50;

export class Source {
  status: SourceStatus = {};
  #seen: GitCommit | undefined;
  /** What was assigned and whose boards are not judged yet. */
  #assigned: Assigned | undefined;
  readonly #options: SourceOptions;

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  /** One look at the branch. */
  async look(): Promise<LoopOutcome> {
    const { desk, repository, pollMs } = this.#options;
    await this.#settle();
    const remembered = desk.meta.goodCommit;
    if (this.status.inForce === undefined && remembered !== undefined) await this.#restore(remembered);
    const head = await repository.fetch();
    this.status = { ...this.status, checkedAtMs: desk.clock.now() };
    if (head !== this.#seen) await this.#take(head);
    this.#seen = head;
    return { kind: 'again', afterMs: pollMs };
  }

  /** What was in force is so again, even while the repository does not answer. */
  async #restore(commit: GitCommit): Promise<void> {
    const { desired } = await this.#validate(commit).catch(passOverMissing);
    if (desired !== undefined) await this.#putInForce(commit, desired);
  }

  async #take(head: GitCommit): Promise<void> {
    const { refused: _refused, ...status } = this.status;
    this.status = status;
    if (head === status.inForce?.commit) return;
    const { desired, issues } = await this.#validate(head);
    if (desired === undefined) await this.#refuse(head, issues);
    else await this.#putInForce(head, desired);
  }

  async #refuse(head: GitCommit, issues: readonly Issue[]): Promise<void> {
    const { desk, repository } = this.#options;
    const info = await repository.describe(head);
    this.status = { ...this.status, refused: { commit: head, ...info, issues } };
    if (desk.meta.refusedCommit !== head) {
      await desk.decide(draft => {
        const kept = this.status.inForce?.commit;
        const errors = issues.filter(({ severity }) => severity === 'error');
        const first = errors.slice(0, ISSUES_TOLD).map(issueLine);
        draft.decide({ kind: 'commit-rejected', gitCommit: head, issues: errors.length, first, ...(kept && { kept }) });
        draft.meta = { ...draft.meta, refusedCommit: head };
      });
    }
    if (this.status.inForce === undefined) await this.#goBackToAGoodOne(head);
  }

  async #goBackToAGoodOne(head: GitCommit): Promise<void> {
    for (const ancestor of await this.#options.repository.ancestors(head, MOST_ANCESTORS)) {
      const { desired } = await this.#validate(ancestor);
      if (desired !== undefined) return this.#putInForce(ancestor, desired);
    }
  }

  async #putInForce(commit: GitCommit, desired: DesiredState): Promise<void> {
    const { desk, repository, requireSignatures, unreachableAfterMs, onDesired } = this.#options;
    const info = await repository.describe(commit);
    const before = this.status.inForce?.commit ?? desk.meta.goodCommit;
    const relation = before === undefined ? 'same' : await repository.relation(before, commit);
    const assigned = await desk.decide(draft => {
      if (before !== undefined && (relation === 'rewritten' || relation === 'unknown')) {
        draft.decide({ kind: 'history-rewritten', from: before, to: commit });
      }
      if (before !== commit) {
        draft.tell({
          kind: 'commit-accepted',
          message: `${commit.slice(0, 12)} is in force: ${info.subject}`,
          by: info.author,
        });
      }
      draft.meta = { ...draft.meta, goodCommit: commit };
      const unheardUntilMs = (draft.nowMs + unreachableAfterMs) as Millis; // a moment plus a length of time
      return assignAll(desk, draft, desired, { gitCommit: commit, requireSignatures, unheardUntilMs });
    });
    this.status = { ...this.status, inForce: { commit, ...info } };
    onDesired(desired);
    this.#assigned = assigned;
    await this.#settle();
  }

  /** Judges the boards of fleets that changed; a store that fails in the middle of it is asked again by the next look. */
  async #settle(): Promise<void> {
    if (this.#assigned === undefined) return;
    await settle(this.#options.desk, this.#assigned);
    this.#assigned = undefined;
  }

  async #validate(commit: GitCommit) {
    const { repository, validator } = this.#options;
    return validator.validate(commit, await repository.list(commit), blobs => repository.read(blobs));
  }
}

/** A mirror that was deleted does not have the remembered commit any more; the branch is asked next. */
function passOverMissing(error: unknown): { desired: undefined; issues: readonly Issue[] } {
  if (error instanceof PortError && error.code === 'git-failed') return { desired: undefined, issues: [] };
  throw error;
}

const issueLine = ({ file, line, column, code, message }: Issue): string =>
  `${file}:${line}:${column} ${code} ${message}`;

/** The new commit into the columns. Fleets that changed wait until their boards have been judged for it. */
function assignAll(desk: Desk, draft: Draft, desired: DesiredState, options: AssignOptions): Assigned {
  const { ledger } = desk;
  const assigned = assign(ledger, desired, options);
  for (const row of assigned.touched) lookQuietly(ledger, draft, row);
  for (const fleet of assigned.changed) desk.unsettled.add(fleet);
  for (const fleet of assigned.gone) draft.lookAfter(fleet, 'all');
  return assigned;
}

async function settle(desk: Desk, { changed, touched }: Assigned): Promise<void> {
  const devices = unjudged(desk.ledger, touched).map(row => idOf(desk.ledger.boards, row));
  await rejudge(desk, devices);
  await desk.decide(draft => {
    for (const fleet of changed) {
      desk.unsettled.delete(fleet);
      draft.lookAfter(fleet, 'all');
    }
  });
}
