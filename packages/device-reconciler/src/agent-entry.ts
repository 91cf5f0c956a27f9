// The entry of the bundle that runs on boards.

import { CommanderError } from 'commander';
import { agentCommand } from './command.ts';
import { PortError } from './errors.ts';

const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.once('SIGINT', () => stop.abort());

async function main(): Promise<void> {
  const command = agentCommand({
    out: process.stdout,
    err: process.stderr,
    stop: stop.signal,
    finish: code => {
      process.exitCode = code;
    },
  });
  command.name('seatrial-agent').exitOverride();
  await command.parseAsync(process.argv.slice(2), { from: 'user' });
}

main()
  .catch((error: unknown) => {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    process.exitCode = 2;
    if (error instanceof CommanderError) return;
    const text = error instanceof PortError ? `${error.code}: ${error.message}\n  ${error.remedy}` : String(error);
    process.stderr.write(`error ${text}\n`);
  })
  // Nothing that is still open may keep a stopped agent alive.
  .finally(() => process.exit());
