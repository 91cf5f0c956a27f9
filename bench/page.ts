// Findings as text: the same tables for the terminal and for docs/benchmarks.md.

import type { Listing } from './benchmark.ts';
import type { Comparison } from './measure.ts';
import type { BenchmarkResult } from './result.ts';
import { type Spread, spreadsOf } from './spread.ts';

/** The whole page, ending with a line break. */
export const renderPage = (results: readonly BenchmarkResult[]): string =>
  `${[INTRODUCTION, ...results.map(renderSection)].join('\n\n')}\n`;

const INTRODUCTION = `<!-- Made by \`npm run bench\` from bench/results/*.json. -->

# Benchmarks

\`npm run bench\` repeats them all and writes this page, \`npm run bench NAME …\` those that are named, \`--quick\` only shows that they work.

The figures come from a machine whose few cores were shared with other work, so absolute times move from run to run.
Therefore the subjects of a table take turns, round by round, in one run; every × is the median over the rounds of a subject divided by the baseline **in the same round**, and CPU time counts for more than the wall clock.
Each cell says \`median (least to most)\`. The samples lie in \`bench/results/\`.`;

function renderSection(result: BenchmarkResult): string {
  const { title, about, command, notes = [] } = result;
  const parts = [
    `## ${title}`,
    about.trim(),
    renderTables(result),
    ...(notes.length === 0 ? [] : [notes.map(note => `- ${note}`).join('\n')]),
    `\`${command}\` · ${renderMachine(result)}`,
  ];
  return parts.join('\n\n');
}

/** The tables of a result, each under its title. */
export const renderTables = ({
  comparisons,
  listings = [],
}: Pick<BenchmarkResult, 'comparisons' | 'listings'>): string =>
  [
    ...comparisons.map(each => `**${each.title}**\n\n${renderComparison(each)}`),
    ...listings.map(each => `**${each.title}**\n\n${renderListing(each)}`),
  ].join('\n\n');

const renderMachine = ({ machine }: BenchmarkResult): string => {
  const { cpu, cores, memoryGiB, node, commit, date, loadBefore, loadAfter } = machine;
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB · Node ${node} · load ${loadBefore} before, ${loadAfter} after · commit ${commit} · ${date}`;
};

function renderComparison(comparison: Comparison): string {
  const { metrics, rows, baseline } = comparison;
  const header = ['', ...metrics.flatMap(({ label }) => [label, '×'])];
  const body = rows.map(row => {
    const spreads = spreadsOf(row, comparison);
    const cells = metrics.flatMap(({ key }) => [spreadText(spreads[key]), ratioText(spreads[key]?.ratio)]);
    return [row.subject === baseline ? `${row.subject} (baseline)` : row.subject, ...cells];
  });
  return renderTable(header, body);
}

const renderListing = ({ columns, rows }: Listing): string =>
  renderTable(
    columns,
    rows.map(row => row.map(cell => (typeof cell === 'number' ? numberText(cell) : cell))),
  );

/** A Markdown table whose columns line up, which reads well in a terminal too. The first column is text. */
export function renderTable(header: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) => Math.max(3, name.length, ...body.map(row => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(cells[column] ?? '', width, column)).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => `${'-'.repeat(width + 1)}${column === 0 ? '-' : ':'}`).join('|')}|`;
  return [line(header), rule, ...body.map(line)].join('\n');
}

const pad = (text: string, width: number, column: number): string =>
  column === 0 ? text.padEnd(width) : text.padStart(width);

function spreadText(spread: Spread | undefined): string {
  if (spread === undefined) return '';
  const [median, min, max] = [spread.median, spread.min, spread.max].map(numberText);
  return min === max ? `${median}` : `${median} (${min} to ${max})`;
}

const ratioText = (ratio: number | undefined): string => (ratio === undefined ? '' : ratio.toFixed(2));

/** Three significant digits are more than a shared machine can promise. */
export function numberText(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
