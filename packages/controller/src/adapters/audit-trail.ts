// What git remembers of a fleet, for somebody who reads it without a controller: desired state, audit branch and authorship.
//
// Runs: git (ls-remote, fetch, log, cat-file, blame, update-ref). Reads the named repository; writes a mirror of its own, in
// which the last head of the audit branch is remembered: a reader who came once notices when history was rewritten.

import { type DesiredState, type GitCommit, type Issue, millis } from '@seatrial/spec';
import type { AuditHistory } from '../ports/audit-log.ts';
import type { CommitInfo } from '../ports/fleet-repository.ts';
import { gitAuditLog } from './git-audit-log.ts';
import { openMirror, orElse } from './git-command.ts';
import { broken, commitOf, gitRepository } from './git-repository.ts';
import { specValidator } from './spec-validator.ts';

export interface AuditTrailOptions {
  /** A path or a URL, as `git clone` takes it. */
  readonly repository: string;
  /** The directory of the mirror; made when it does not exist. */
  readonly mirror: string;
  readonly branch: string;
  readonly auditBranch: string;
  /** Where in the repository the fleet's YAML lies; empty for all of it. */
  readonly directory: string;
  readonly timeoutMs: number;
}

/** Every method throws the PortErrors of git and of the audit branch. */
export interface AuditTrail {
  /**
   * The whole log. Throws `audit-rewritten` when it no longer holds what was read before, unless `acceptRewritten` says that
   * somebody knows of it.
   */
  history(options?: { readonly acceptRewritten?: boolean }): Promise<AuditHistory>;
  /** The fleet at the head of the branch. */
  fleet(): Promise<FleetAtCommit>;
  describe(commit: GitCommit): Promise<CommitInfo>;
  /** The commit that wrote this line of a file, whose path counts from the fleet's directory. Lines count from 1. */
  origin(commit: GitCommit, file: string, line: number): Promise<Origin>;
}

export interface FleetAtCommit {
  readonly commit: GitCommit;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly issues: readonly Issue[];
  /** Absent when any issue is an error. */
  readonly desired: DesiredState | undefined;
}

export interface Origin extends CommitInfo {
  readonly commit: GitCommit;
}

const SEEN = 'refs/seatrial/audit-seen';
/** Enough for a hundred thousand boards that fail once each; git log is read into memory. */
const MOST_DECISIONS = 200_000;

export async function openAuditTrail(options: AuditTrailOptions): Promise<AuditTrail> {
  const git = await openMirror(options);
  const log = gitAuditLog(git, { branch: options.auditBranch, mostDecisions: MOST_DECISIONS });
  const repository = gitRepository(git, options);
  const seen = async (): Promise<GitCommit | undefined> => {
    const known = await git.ask(['rev-parse', '--verify', '--quiet', SEEN]);
    return known === 0 ? commitOf((await git.run(['rev-parse', '--verify', SEEN])).toString()) : undefined;
  };
  return {
    async history({ acceptRewritten = false } = {}) {
      const before = acceptRewritten ? undefined : await seen();
      if (before !== undefined) await log.read(before);
      const history = await log.read();
      if (history.head !== undefined) await orElse(git.run(['update-ref', SEEN, history.head]), broken(git));
      return history;
    },
    async fleet() {
      const commit = await repository.fetch();
      const list = await repository.list(commit);
      const blobs = new Map<string, Uint8Array>();
      const validated = await specValidator().validate(commit, list, async ids => {
        for (const [blob, bytes] of await repository.read(ids)) blobs.set(blob, bytes);
        return blobs;
      });
      const files = list.flatMap(({ path, blob }) => {
        const bytes = blobs.get(blob);
        return bytes === undefined ? [] : [[path, bytes] as const];
      });
      return { commit, files: new Map(files), ...validated };
    },
    describe: commit => repository.describe(commit),
    async origin(commit, file, line) {
      const path = options.directory === '' ? file : `${options.directory}/${file}`;
      const blame = ['blame', '--porcelain', '-L', `${line},${line}`, commit, '--', path];
      return originOf((await orElse(git.run(blame), broken(git))).toString());
    },
  };
}

/** `<commit> <line> <line> <count>`, then `key value` lines [git-blame(1), the porcelain format]. */
function originOf(porcelain: string): Origin {
  const value = (key: string): string => new RegExp(`^${key} (.*)$`, 'm').exec(porcelain)?.[1] ?? '';
  return {
    commit: commitOf(porcelain.slice(0, porcelain.search(/\s/))),
    author: `${value('author')} ${value('author-mail')}`,
    atMs: millis(Number(value('committer-time')) * 1000), // seconds since 1970
    subject: value('summary'),
  };
}
