// The public face of the command, for tests and for the documentation that is generated from it.

export type { Cli, Output } from './cli.ts';
export { CLI_ERRORS, CliError, type CliErrorCode } from './errors.ts';
export type { ExitCode } from './exit-code.ts';
export { type Example, type Lesson, lessonOf } from './house-command.ts';
export { createProgram } from './program.ts';
export { run } from './run.ts';
