// One benchmark's findings on disk: bench/results/NAME.json, with the machine that they come from.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark, Findings } from './benchmark.ts';
import type { MachineFacts } from './machine.ts';
import { type Spreads, spreadsOf } from './spread.ts';

export interface BenchmarkResult extends Findings, Pick<Benchmark, 'name' | 'title' | 'about'> {
  readonly schema: 1;
  readonly machine: MachineFacts;
  /** What repeats it. */
  readonly command: string;
  /** By the titles of comparisons, then by subject and metric: for readers who do not want to compute it from the samples. */
  readonly summary: Readonly<Record<string, Readonly<Record<string, Spreads>>>>;
}

export const resultOf = (
  { name, title, about }: Pick<Benchmark, 'name' | 'title' | 'about'>,
  findings: Findings,
  machine: MachineFacts,
): BenchmarkResult => ({
  schema: 1,
  name,
  title,
  about,
  command: `npm run bench ${name}`,
  machine,
  ...findings,
  summary: Object.fromEntries(
    findings.comparisons.map(comparison => [
      comparison.title,
      Object.fromEntries(comparison.rows.map(row => [row.subject, spreadsOf(row, comparison)])),
    ]),
  ),
});

/** Replaces the result of an earlier run. */
export function writeResult(folder: string, result: BenchmarkResult): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${result.name}.json`), `${JSON.stringify(result, rounded, 2)}\n`);
}

/** By name; the files are ours, so that their shape is what was written. */
export const readResults = (folder: string): readonly BenchmarkResult[] =>
  readdirSync(folder)
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')));

/** As the benchmarks are listed; results of benchmarks that are no more come to nothing. */
export const inOrderOfPage = (
  results: readonly BenchmarkResult[],
  benchmarks: readonly Benchmark[],
): readonly BenchmarkResult[] => benchmarks.flatMap(({ name }) => results.find(result => result.name === name) ?? []);

/** A thousandth of a millisecond is noise. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
