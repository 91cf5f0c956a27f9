// Git in memory: the branch in which people write the fleet, and the audit branch, which only grows.

import type {
  AuditHistory,
  AuditLog,
  AuditRecord,
  FleetRepository,
  Rollout,
  Validator,
} from '@seatrial/controller/parts';
import { PortError } from '@seatrial/controller/parts';
import { type DesiredState, type GitCommit, InvariantError, millis, parseGitCommit } from '@seatrial/spec';
import { need } from './world.ts';

interface Commit<Content> {
  readonly id: GitCommit;
  readonly parent: GitCommit | undefined;
  readonly content: Content;
}

export const idOf = (prefix: string, number: number): GitCommit =>
  need(parseGitCommit((prefix + number.toString(16).padStart(8, '0')).padStart(40, '0')));

/** How the files of a commit are understood. */
export interface Reading<Content> {
  readonly desiredOf: (content: Content) => DesiredState;
  readonly subjectOf: (content: Content) => string;
}

/** The fleet's branch, to be pushed to, reset and rewritten. */
export class SimGit<Content> {
  readonly #commits = new Map<GitCommit, Commit<Content>>();
  #head: GitCommit;
  isReachable = true;

  readonly #reading: Reading<Content>;

  constructor(first: Content, reading: Reading<Content>) {
    this.#reading = reading;
    this.#head = this.#add(first, undefined);
  }

  get current(): Content {
    return this.#commit(this.#head).content;
  }

  push(content: Content): void {
    this.#head = this.#add(content, this.#head);
  }

  /** A commit that wants again what its parent's parent wanted. */
  revert(): void {
    const { parent } = this.#commit(this.#head);
    if (parent !== undefined) this.push(this.#commit(parent).content);
  }

  /** The newest commit is thrown away and another takes its place. */
  forcePush(content: Content): void {
    this.#head = this.#add(content, this.#commit(this.#head).parent);
  }

  readonly repository: FleetRepository = {
    fetch: async () => {
      if (!this.isReachable) throw new PortError('git-unreachable', 'the repository');
      return this.#head;
    },
    relation: async (from, to) => {
      if (from === to) return 'same';
      if (!this.#commits.has(from)) return 'unknown';
      return [...this.#history(to)].includes(from) ? 'ahead' : 'rewritten';
    },
    ancestors: async (commit, limit) => [...this.#history(commit)].slice(1, limit + 1),
    describe: async commit => ({
      author: 'Ada',
      atMs: millis(0),
      subject: this.#reading.subjectOf(this.#commit(commit).content),
    }),
    list: async () => [],
    read: async () => new Map(),
  };

  readonly validator: Validator = {
    validate: async commit => ({ issues: [], desired: this.#reading.desiredOf(this.#commit(commit).content) }),
  };

  *#history(from: GitCommit): Iterable<GitCommit> {
    for (let at: GitCommit | undefined = from; at !== undefined; at = this.#commit(at).parent) yield at;
  }

  #add(content: Content, parent: GitCommit | undefined): GitCommit {
    const id = idOf('f', this.#commits.size + 1);
    this.#commits.set(id, { id, parent, content });
    return id;
  }

  #commit(id: GitCommit): Commit<Content> {
    const commit = this.#commits.get(id);
    if (commit === undefined) throw new InvariantError(`no commit ${id}`);
    return commit;
  }
}

/** The audit branch. Pushes fail while it can not be reached, before or after they have arrived. */
export class SimAuditLog implements AuditLog {
  readonly records: AuditRecord[] = [];
  isReachable = true;

  get #head(): GitCommit | undefined {
    return this.records.length === 0 ? undefined : idOf('a', this.records.length);
  }

  async read(since?: GitCommit): Promise<AuditHistory> {
    this.#require();
    const from = since === undefined ? 0 : this.#numberOf(since);
    const rollouts = new Map<string, Rollout>();
    for (const record of this.records) {
      for (const rollout of record.rollouts) rollouts.set(`${rollout.fleet}/${rollout.number}`, rollout);
    }
    const head = this.#head;
    return {
      ...(head !== undefined && { head }),
      decisions: this.records.slice(from).map(({ decision }) => decision),
      rollouts: [...rollouts.values()],
    };
  }

  async append(head: GitCommit | undefined, records: readonly AuditRecord[]): Promise<GitCommit> {
    this.#require();
    if (head !== this.#head) throw new PortError('audit-unreachable', 'the audit branch');
    // As through files and commits: what is kept is a copy.
    this.records.push(...records.map(record => structuredClone(record)));
    return need(this.#head);
  }

  #numberOf(head: GitCommit): number {
    for (let number = this.records.length; number > 0; number -= 1) if (idOf('a', number) === head) return number;
    throw new PortError('audit-rewritten', 'the audit branch');
  }

  #require(): void {
    if (!this.isReachable) throw new PortError('audit-unreachable', 'the audit branch');
  }
}
