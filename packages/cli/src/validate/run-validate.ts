// Validates a directory and prints what was found.

import { policyOf } from '@seatrial/controller/review';
import { compareIssues, type DirectoryValidation, hasErrors, type Issue } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import type { ValidateOptions } from '../commands/validate.ts';
import type { ExitCode } from '../exit-code.ts';
import { printJson } from '../output/format.ts';
import { renderValidation } from './render-validation.ts';
import { validateWithProgress } from './validate-with-progress.ts';

export async function runValidate(cli: Cli, directory: string, options: ValidateOptions): Promise<ExitCode> {
  const { requireSignatures } = options;
  const validation = withPolicy(await validateWithProgress(cli, directory, { requireSignatures }));
  if (options.output === 'json') printJson(cli, { issues: validation.issues.map(toJson) });
  else cli.out.write(renderValidation(cli.out, validation));
  return hasErrors(validation.issues) ? 1 : 0;
}

/** The review policy is no document of the fleet, but whoever asks wants to know of its mistakes as well. */
function withPolicy(validation: DirectoryValidation): DirectoryValidation {
  const { issues } = policyOf(validation);
  if (issues.length === 0) return validation;
  return { ...validation, issues: [...validation.issues, ...issues].sort(compareIssues), desired: undefined };
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
