// The tracer and the model of a disk that loses what was not flushed, held against real calls of real programs.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { buildTracer, type CutDepth, readTrace, traced, whyNotTraced } from './tracer.ts';
import { demandLive, inflict, UnsyncedDisk } from './unsynced.ts';

buildTracer();
const directory = mkdtempSync(join(tmpdir(), 'seatrial-tracer-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Told {
  readonly at?: number;
  readonly depth?: CutDepth;
}

/** A board's root with an old journal, and what the shell has done there under the tracer. */
function live(script: string, { at = 0, depth = 'whole' }: Told = {}) {
  const root = mkdtempSync(join(directory, 'root-'));
  const state = join(root, 'var/lib/seatrial');
  mkdirSync(state, { recursive: true });
  writeFileSync(join(state, 'journal.json'), 'old');
  const disk = new UnsyncedDisk(root);
  const log = `${root}.log`;
  const [program = '', ...args] = traced(['sh', '-ec', script], { root, log, at, depth });
  const { status } = spawnSync(program, args, { cwd: state });
  return { root, state, disk, status, ...readTrace(log) };
}

const WRITE = 'printf new >.journal.tmp; ';
const RENAME = 'mv .journal.tmp journal.json; ';
const FLUSH_FILE = 'sync .journal.tmp; ';
const FLUSH_NAMES = 'sync .; ';

describe.skipIf(whyNotTraced() !== undefined)('when a file is replaced', () => {
  test('then every call is seen in order, with what it wrote', () => {
    const { calls, status, wasCut } = live(WRITE + FLUSH_FILE + RENAME + FLUSH_NAMES);
    expect([status, wasCut]).toEqual([0, false]);
    // mv tries first not to replace anything.
    expect(calls.map(({ failed }) => failed)).toEqual([false, false, false, true, false, false]);
    expect(calls.map(({ kind }) => kind)).toEqual(['create', 'write', 'sync', 'rename', 'rename', 'sync']);
    expect(Buffer.from(calls[1]?.data ?? []).toString()).toBe('new');
  });

  test.each([
    [1, 'whole', ['journal.json']],
    [2, 'whole', ['.journal.tmp', 'journal.json']],
    [4, 'whole', ['.journal.tmp', 'journal.json']],
    [5, 'whole', ['.journal.tmp', 'journal.json']],
    [6, 'whole', ['journal.json']],
  ] as const)('then a cut at call %i (%s) leaves just what was done before it', (at, depth, names) => {
    const { state, calls, status, wasCut } = live(WRITE + FLUSH_FILE + RENAME + FLUSH_NAMES, { at, depth });
    expect([status, wasCut, calls.length]).toEqual([137, true, at]);
    expect(readdirSync(state).toSorted()).toEqual(names);
  });

  test('then half of a write is the first half of its bytes', () => {
    const { state } = live('printf 12345678 >.journal.tmp', { at: 2, depth: 'half' });
    expect(readFileSync(join(state, '.journal.tmp'), 'utf8')).toBe('1234');
  });

  /** What a power cut at the end may leave under the journal's name; undefined where the name is gone. */
  const journals = (script: string): ReadonlySet<string | undefined> => {
    const { root, disk, calls } = live(script);
    for (const call of calls) disk.take(call);
    demandLive(root, disk.live());
    const left = disk.losses().map(loss => {
      const copy = `${root}-copy`;
      execFileSync('cp', ['-a', root, copy]);
      inflict(copy, disk.live(), loss);
      const journal = join(copy, 'var/lib/seatrial/journal.json');
      const text = existsSync(journal) ? readFileSync(journal, 'utf8') : undefined;
      rmSync(copy, { recursive: true });
      return text;
    });
    return new Set(left);
  };

  test('then flushed bytes and a flushed name are safe: nothing can be lost', () => {
    expect(journals(WRITE + FLUSH_FILE + RENAME + FLUSH_NAMES)).toEqual(new Set());
  });

  test('then a name that was not flushed may still be the old file', () => {
    expect(journals(WRITE + FLUSH_FILE + RENAME)).toContain('old');
    expect(journals(WRITE + FLUSH_FILE + RENAME)).not.toContain('');
  });

  test('then bytes that were not flushed may be missing or zeros behind a name that was', () => {
    const left = journals(WRITE + RENAME + FLUSH_NAMES);
    expect(left).toContain('');
    expect(left).toContain('\0\0\0');
  });
});
