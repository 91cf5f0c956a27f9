// Where and when a benchmark ran: figures without it say nothing. Reads /proc through Node, and asks git for the commit.

import { execFileSync } from 'node:child_process';
import { arch, cpus, loadavg, release, totalmem } from 'node:os';
import { HOUSE } from './house.ts';

export interface MachineFacts {
  readonly date: string;
  /** Of the repository; `+` where files differ from it. */
  readonly commit: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  /** Mean number of runnable processes in the minute before and in the minute after, ours included in the latter. */
  readonly loadBefore: number;
  readonly loadAfter: number;
}

/** Called before a run; what it returns is called after it. */
export function noteMachine(): () => MachineFacts {
  const loadBefore = oneMinuteLoad();
  return () => ({
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    node: process.version,
    cpu: cpus()[0]?.model.replace(/\s+/g, ' ').trim() ?? arch(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    loadBefore,
    loadAfter: oneMinuteLoad(),
  });
}

const oneMinuteLoad = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100;

function commit(): string {
  try {
    const head = git('rev-parse', '--short=12', 'HEAD');
    return git('status', '--porcelain', '--untracked-files=no') === '' ? head : `${head}+`;
  } catch {
    return 'unknown';
  }
}

const git = (...args: string[]): string => execFileSync('git', args, { cwd: HOUSE, encoding: 'utf8' }).trim();
