// Tables for people: columns as wide as their contents, and the last one cut where the terminal ends.

import type { Output } from '../cli.ts';
import { paint, type Tone } from './paint.ts';
import { printable, shorten, widthOf } from './printable.ts';

export interface Column<T> {
  readonly title: string;
  /** Undefined shows as a dash. */
  readonly value: (row: T) => string | undefined;
  readonly tone?: (row: T) => Tone | undefined;
}

const GAP = '   ';

/** Ends with a line break; no rows give the header alone. */
export function renderTable<T>(output: Output, columns: readonly Column<T>[], rows: readonly T[]): string {
  const cells = rows.map(row => columns.map(({ value }) => printable(value(row) ?? '-')));
  const widths = columns.map(({ title }, at) =>
    cells.reduce((width, line) => Math.max(width, widthOf(line[at] ?? '')), title.length),
  );
  const heading = layOut(
    columns.map(({ title }) => title),
    widths,
    output,
  );
  const lines = cells.map((line, index) => {
    const fitted = layOut(line, widths, output);
    const row = rows[index];
    return fitted.map((cell, at) => painted(output, row === undefined ? undefined : columns[at]?.tone?.(row), cell));
  });
  return [heading.map(title => painted(output, 'strong', title)), ...lines]
    .map(line => `${line.join(GAP).trimEnd()}\n`)
    .join('');
}

function layOut(line: readonly string[], widths: readonly number[], { columns }: Output): string[] {
  const last = line.length - 1;
  const taken = widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, 0);
  return line.map((cell, at) =>
    at === last ? shorten(cell, Math.max(12, columns - taken)) : cell + ' '.repeat((widths[at] ?? 0) - widthOf(cell)),
  );
}

const painted = (output: Output, tone: Tone | undefined, cell: string): string =>
  tone === undefined ? cell : paint(output, tone, cell);
