// The tracer that ends an agent at an exact system call: built once from tracer/cut.c, and what it writes down read back.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InvariantError } from '@seatrial/spec';

const SOURCE = join(import.meta.dirname, 'tracer/cut.c');
const DIST = join(import.meta.dirname, '../dist');
/** Named after its source: another one never takes its place while it runs. */
const BINARY = join(DIST, `cut-${createHash('sha256').update(readFileSync(SOURCE)).digest('hex').slice(0, 12)}`);

export const CALL_KINDS = ['write', 'sync', 'rename', 'unlink', 'create', 'link'] as const;
export type CallKind = (typeof CALL_KINDS)[number];

/** One system call on the board's files. Paths are absolute; `offset` is -1 where a call has none. */
export interface TracedCall {
  readonly kind: CallKind;
  readonly call: string;
  readonly inode: number;
  readonly path: string;
  readonly path2: string;
  readonly offset: number;
  /** The bytes that a write brought. */
  readonly data: Uint8Array;
  /** The kernel refused it; a call that was cut off has not failed, nor has it happened. */
  readonly failed: boolean;
}

/** `whole`: nothing of the call happens. `half`: of a write the first half. */
export type CutDepth = 'whole' | 'half';

export interface Cut {
  readonly root: string;
  readonly log: string;
  /** Counted from 1; 0 never cuts. */
  readonly at: number;
  readonly depth: CutDepth;
}

/** Needs a C compiler; the setup installs one. */
export function buildTracer(): void {
  if (existsSync(BINARY)) return;
  mkdirSync(DIST, { recursive: true });
  const beside = `${BINARY}.${process.pid}`;
  execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', beside, SOURCE]);
  renameSync(beside, BINARY);
}

/** Why nothing can be traced here; undefined where it can. Containers without ptrace are the one known reason. */
export function whyNotTraced(): string | undefined {
  const log = `${BINARY}.${process.pid}.log`;
  try {
    execFileSync(BINARY, [DIST, log, '0', 'whole', 'true'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `this machine does not let a process trace another: ${String(error)}`;
  } finally {
    for (const path of [log, `${log}.data`]) rmSync(path, { force: true });
  }
}

/** The command under the tracer. */
export const traced = (command: readonly string[], { root, log, at, depth }: Cut): readonly string[] => [
  BINARY,
  root,
  log,
  String(at),
  depth,
  ...command,
];

export interface Trace {
  readonly calls: readonly TracedCall[];
  readonly wasCut: boolean;
}

/** What the tracer has written down so far. */
export function readTrace(log: string): Trace {
  if (!existsSync(log)) return { calls: [], wasCut: false };
  const data = readFileSync(`${log}.data`);
  const lines = readFileSync(log, 'utf8')
    .split('\n')
    .filter(line => line !== '');
  return {
    calls: lines.filter(line => line !== 'cut').map(line => parseLine(line, data)),
    wasCut: lines.includes('cut'),
  };
}

/** Without reading the rest. */
export const wasCut = (log: string): boolean => existsSync(log) && readFileSync(log, 'latin1').endsWith('\ncut\n');

function parseLine(line: string, data: Uint8Array): TracedCall {
  const [kindText, call = '', inode, path = '', path2 = '', offset, length, at, failed] = line.split('\t');
  const kind = CALL_KINDS.find(one => one === kindText);
  if (kind === undefined) throw new InvariantError(`the tracer wrote ${line}`);
  const begin = Math.max(0, Number(at));
  return {
    kind,
    call,
    inode: Number(inode),
    path,
    path2,
    offset: Number(offset),
    data: data.subarray(begin, begin + Number(length)),
    failed: failed === '1',
  };
}
