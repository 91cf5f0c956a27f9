// The review for a terminal: what the comment says, without markup.

import type { FleetReview, Review } from '../review.ts';
import { basisLine, COLUMNS, classHeading, rowCells, stageLines, stepLines, warningWords } from './words.ts';

/** Ends with a line break. Nothing in it steers a terminal. */
export function reviewText(review: Review): string {
  const { verdict, fleets, warnings } = review;
  const blocks = [
    [verdict.line],
    fleets.length === 0 ? [] : tableLines([[...COLUMNS], ...fleets.map(rowCells)]),
    warnings.flatMap(warningLines),
    issueLines(review),
    ...fleets.map(fleetLines),
    [basisLine(review)],
  ];
  return blocks
    .filter(lines => lines.length > 0)
    .map(lines => lines.map(line => `${safeLine(line)}\n`).join(''))
    .join('\n');
}

/** One for one, so that columns stay under one another. */
const safeLine = (line: string): string => line.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');

const warningLines = (warning: Review['warnings'][number]): readonly string[] => {
  const { effect, title, text, where } = warningWords(warning);
  return [`${effect}: ${title}`, `  ${text}`, `  ${where.join(' · ')}`];
};

/** Errors of the head; warnings of it stand among the annotations of a check only. */
function issueLines({ verdict, annotations }: Review): readonly string[] {
  if (verdict.kind !== 'invalid') return [];
  return annotations
    .filter(({ level }) => level === 'failure')
    .map(({ path, startLine, title, message }) => `${path}:${startLine} ${title}: ${message}`);
}

const fleetLines = (fleet: FleetReview): readonly string[] => {
  const lines = [
    ...stageLines(fleet).map(line => `  ${line}`),
    ...fleet.classes.flatMap(each => [`  ${classHeading(each)}`, ...stepLines(each).map(line => `  ${line}`)]),
  ];
  return lines.length === 0 ? [] : [`Fleet ${fleet.fleet}`, ...lines];
};

/** Cells under one another. */
function tableLines(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = COLUMNS.map((_title, at) => Math.max(...rows.map(row => row[at]?.length ?? 0)));
  return rows.map(row =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}
