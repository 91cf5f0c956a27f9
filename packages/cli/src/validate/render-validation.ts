// What validation found, for people: every issue with its line and a caret, and the size of it all.

import { type DirectoryValidation, type Issue, renderIssue } from '@seatrial/spec';
import type { Output } from '../cli.ts';
import { paint } from '../output/paint.ts';
import { plural } from '../output/plural.ts';

export function renderValidation(output: Output, { issues, files, desired }: DirectoryValidation): string {
  const decode = textOf(files);
  const shown = issues.map(issue => `${renderIssue(issue, decode(issue.file))}\n\n`);
  return `${shown.join('')}${summary(output, issues, files.size, desired)}\n`;
}

/** Decodes each file once, however many issues it has. */
function textOf(files: DirectoryValidation['files']): (file: string) => string | undefined {
  const texts = new Map<string, string>();
  return file => {
    const bytes = files.get(file);
    const text = texts.get(file) ?? (bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8'));
    if (text !== undefined) texts.set(file, text);
    return text;
  };
}

function summary(
  output: Output,
  issues: readonly Issue[],
  fileCount: number,
  desired: DirectoryValidation['desired'],
): string {
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  const warnings = issues.length - errors;
  const counts = `${plural(errors, 'error')}, ${plural(warnings, 'warning')} in ${plural(fileCount, 'file')}`;
  if (desired === undefined) return paint(output, 'bad', counts);
  const { fleets, targets, releases } = desired;
  const size = `${plural(fleets.length, 'fleet')}, ${plural(releases.length, 'release')}, ${plural(targets.length, 'board')} planned for`;
  return `${paint(output, warnings > 0 ? 'warning' : 'good', counts)}: ${size}`;
}
