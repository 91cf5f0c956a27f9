// `npm run bench [NAME …]`: runs benchmarks, prints their tables, keeps their results, and writes docs/benchmarks.md.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Benchmark } from './benchmark.ts';
import { BENCHMARKS } from './benchmarks.ts';
import { HOUSE, PAGE, RESULTS } from './house.ts';
import { noteMachine } from './machine.ts';
import { renderPage, renderTables } from './page.ts';
import { type BenchmarkResult, inOrderOfPage, readResults, resultOf, writeResult } from './result.ts';

const USAGE = `npm run bench [-- [NAME …] [--quick] [--rounds N] [--page]]

  --quick    only show that they work; keeps nothing
  --rounds   how often the subjects take turns
  --page     run nothing, write docs/benchmarks.md from the results that are there

${BENCHMARKS.map(({ name, title }) => `  ${name.padEnd(18)} ${title}`).join('\n')}
`;

interface Options {
  readonly quick: boolean;
  readonly rounds: number | undefined;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      page: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  const unknown = positionals.filter(name => !BENCHMARKS.some(benchmark => benchmark.name === name));
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (values.help || unknown.length > 0 || (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))) {
    process.stderr.write(`${unknown.map(name => `there is no benchmark ${name}\n`).join('')}${USAGE}`);
    return values.help ? 0 : 2;
  }
  const chosen = BENCHMARKS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  if (!values.page) await runAll(chosen, { quick: values.quick, rounds });
  if (!values.quick) writeFileSync(PAGE, renderPage(inOrderOfPage(readResults(RESULTS), BENCHMARKS)));
  return 0;
}

async function runAll(chosen: readonly Benchmark[], options: Options): Promise<void> {
  buildBundles();
  for (const benchmark of chosen) {
    const result = await runOne(benchmark, options);
    console.log(`\n## ${result.title}\n\n${renderTables(result)}\n\n${(result.notes ?? []).join('\n')}`);
    if (!options.quick) writeResult(RESULTS, result);
  }
}

async function runOne(benchmark: Benchmark, { quick, rounds }: Options): Promise<BenchmarkResult> {
  const directory = mkdtempSync(join(tmpdir(), `seatrial-bench-${benchmark.name}-`));
  const machineFacts = noteMachine();
  const tell = (progress: string): void => void process.stderr.write(`${benchmark.name} ${progress}\n`);
  try {
    const findings = await benchmark.run({ size: quick ? 'quick' : 'full', rounds, directory, tell });
    return resultOf(benchmark, findings, machineFacts());
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What is measured is what is shipped: the command and the agent as bundles. turbo skips what has not changed. */
function buildBundles(): void {
  const { status } = spawnSync('turbo', ['run', 'build', '--output-logs=errors-only'], {
    cwd: HOUSE,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PATH: `${join(HOUSE, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` },
  });
  if (status !== 0) process.stderr.write('a bundle could not be built: what needs one runs from sources, or fails\n');
}

process.exitCode = await main();
