// The last word of a command that could not do what it was asked: code, message and remedy on standard error.

import { CommanderError } from 'commander';
import type { Cli } from './cli.ts';
import { CLI_ERRORS, CliError } from './errors.ts';
import type { ExitCode } from './exit-code.ts';
import { paint } from './output/paint.ts';
import { printable } from './output/printable.ts';

/** A failure as scripts read it with `-o json`. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** Prints the failure, as JSON where the results would have been JSON. Help and version are no failures. */
export function reportFailure(cli: Cli, argv: readonly string[], error: unknown): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const failure = failureOf(error);
  cli.err.write(wantsJson(argv) ? `${JSON.stringify({ error: failure })}\n` : renderFailure(cli, failure));
  if (cli.env['SEATRIAL_DEBUG'] && error instanceof Error) cli.err.write(`${error.stack}\n${causeOf(error)}`);
  return 2;
}

function failureOf(error: unknown): Failure {
  if (error instanceof CliError) return { ...pick(error.code), message: error.message };
  if (error instanceof CommanderError) return { ...pick('usage'), message: error.message.replace(/^error: /, '') };
  if (isTold(error)) return { code: error.code, message: error.message, remedy: error.remedy };
  return { ...pick('defect'), message: error instanceof Error ? error.message : String(error) };
}

const pick = (code: keyof typeof CLI_ERRORS) => ({ code, remedy: CLI_ERRORS[code].remedy });

/** Errors of other packages that bring their own code and remedy. */
const isTold = (error: unknown): error is Error & { readonly code: string; readonly remedy: string } =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  'remedy' in error &&
  typeof error.remedy === 'string';

function renderFailure({ err }: Cli, { code, message, remedy }: Failure): string {
  return `${paint(err, 'bad', `error ${code}`)}: ${printable(message)}\n  ${printable(remedy)}\n`;
}

const causeOf = ({ cause }: Error): string => (cause instanceof Error ? `caused by ${cause.stack}\n` : '');

/** The command line may be what is wrong, so that it is not known which options it has. */
const wantsJson = (argv: readonly string[]): boolean =>
  argv.some(
    (word, at) =>
      word === '-ojson' || word === '--output=json' || (word === 'json' && /^(-o|--output)$/.test(argv[at - 1] ?? '')),
  );
