// Validates a directory and prints what was found.

import { type DirectoryValidation, hasErrors, type Issue, renderIssue, validateDirectory } from '@seatrial/spec';
import type { Cli, Output } from '../cli.ts';
import type { ValidateOptions } from '../commands/validate.ts';
import type { ExitCode } from '../exit-code.ts';
import { printJson } from '../output/format.ts';
import { paint } from '../output/paint.ts';
import { resolveDirectory } from './resolve-directory.ts';

export async function runValidate(cli: Cli, directory: string, options: ValidateOptions): Promise<ExitCode> {
  const validation = await validateDirectory(resolveDirectory(cli, directory), {
    nowMs: cli.clock.now(),
    requireSignatures: options.requireSignatures,
  });
  if (options.output === 'json') printJson(cli, { issues: validation.issues.map(toJson) });
  else cli.out.write(renderValidation(cli.out, validation));
  return hasErrors(validation.issues) ? 1 : 0;
}

/** The members that scripts may rely on. */
export const toJson = ({ code, severity, file, line, column, message }: Issue) => ({
  code,
  severity,
  file,
  line,
  column,
  message,
});

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

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
