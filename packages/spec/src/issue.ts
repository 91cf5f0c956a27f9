// A user's mistake, where it stands, and how it is shown: collected and returned, never thrown.

import { ISSUE_TABLE, type IssueCode, type Severity } from './issue-table.ts';

export interface Issue {
  readonly code: IssueCode;
  readonly severity: Severity;
  /** Relative to the directory that was validated, with forward slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** One sentence about this very case; what such cases have in common is in ISSUE_TABLE. */
  readonly message: string;
  readonly remedy?: string;
}

/** An issue that does not know yet which file it is about: what a file's cached verdict holds. */
export type Problem = Pick<Issue, 'code' | 'line' | 'column' | 'message'>;

const MESSAGE_LENGTH = 300;

/** Fills in severity and remedy by the table. `severity` raises a warning that the caller has made binding. */
export function issueOf(file: string, problem: Problem, severity?: Severity): Issue {
  const { severity: usual, remedy } = ISSUE_TABLE[problem.code];
  return { ...problem, message: printable(problem.message), severity: severity ?? usual, file, remedy };
}

/** By file, then place, then code: the same input always reads the same. */
export const compareIssues = (a: Issue, b: Issue): number =>
  compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.code, b.code);

const compareText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

export const hasErrors = (issues: readonly Issue[]): boolean => issues.some(({ severity }) => severity === 'error');

const EXCERPT_COLUMNS = 100;

/**
 * `file:line:column severity code`, message, the line with a caret under the column, remedy. Nothing in the text can
 * steer a terminal. Without the source text the excerpt is left out.
 */
export function renderIssue(issue: Issue, sourceText?: string): string {
  const head = `${printable(issue.file)}:${issue.line}:${issue.column} ${issue.severity} ${issue.code}`;
  const lines = [head, `  ${issue.message}`, ...excerpt(issue, sourceText)];
  return [...lines, ...(issue.remedy === undefined ? [] : [`  ${issue.remedy}`])].join('\n');
}

function excerpt({ line, column }: Issue, sourceText: string | undefined): string[] {
  const text = sourceText === undefined ? undefined : lineOf(sourceText, line);
  if (text === undefined) return [];
  const start = Math.max(0, column - 1 - EXCERPT_COLUMNS / 2);
  const shown = visible(text.slice(start, start + EXCERPT_COLUMNS));
  const gutter = `${line}`;
  return [`  ${gutter} | ${shown}`, `  ${' '.repeat(gutter.length)} | ${' '.repeat(column - 1 - start)}^`];
}

function lineOf(text: string, line: number): string | undefined {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf('\n', start);
    if (end === -1) return undefined;
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
}

/** One character for one, so that the caret stays under its column. */
const visible = (text: string): string => text.replace(/\t/g, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');

const printable = (text: string): string => {
  const line = visible(text.replace(/\r?\n/g, ' '));
  return line.length > MESSAGE_LENGTH ? `${line.slice(0, MESSAGE_LENGTH - 1)}…` : line;
};
