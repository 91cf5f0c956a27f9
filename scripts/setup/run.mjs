// Runs one program for the scripts in this directory and says what it runs.

import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const HOME = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The checkout's own Node and tools come first. */
export const ENVIRONMENT = {
  ...process.env,
  PATH: [join(HOME, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
  ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
  DO_NOT_TRACK: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
};

/**
 * True when the program ended with exit code 0. Its output goes to the terminal.
 * @param {string} program
 * @param {readonly string[]} args
 */
export function run(program, args) {
  console.log(`setup: ${[program, ...args].join(' ')}`);
  return spawnSync(program, args, { cwd: HOME, stdio: 'inherit', env: ENVIRONMENT }).status === 0;
}

/**
 * As `run`, without a word: for questions.
 * @param {string} program
 * @param {readonly string[]} args
 */
export const succeeds = (program, args) =>
  spawnSync(program, args, { cwd: HOME, stdio: 'ignore', env: ENVIRONMENT }).status === 0;

/**
 * What the program said if it failed, or nothing.
 * @param {string} program
 * @param {readonly string[]} args
 */
export function runQuietly(program, args) {
  console.log(`setup: ${[program, ...args].join(' ')}`);
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: HOME, encoding: 'utf8', env: ENVIRONMENT });
  return status === 0 ? undefined : `${stdout}${stderr}`;
}
