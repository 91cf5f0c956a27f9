// The entry of the bundle that runs on boards. Reads its own few words: a library for it would stay in the daemon's memory.

import { parseArgs } from 'node:util';
import {
  type AgentSurroundings,
  DEFAULT_CONFIG,
  OUTPUTS,
  runAgent,
  SUBCOMMANDS,
  type SubcommandName,
} from './agent-actions.ts';
import { PortError } from './errors.ts';
import { AGENT_VERSION } from './version.ts';

const USAGE = `seatrial-agent ${AGENT_VERSION}: the board-resident reconciler

  seatrial-agent [--config FILE]                      run until told to stop
${Object.entries(SUBCOMMANDS)
  .map(([name, { description }]) => `  seatrial-agent ${name.padEnd(7)}[--config FILE] [-o text|json]  ${description}`)
  .join('\n')}

  --config FILE   the configuration, YAML or JSON (default ${DEFAULT_CONFIG})
  --plan FILE     with once: a signed plan, in place of the one that the board has

Exit codes: 0 done, converged · 1 done, and the board is not converged · 2 could not be done.
`;

const OPTIONS = {
  config: { type: 'string', default: DEFAULT_CONFIG },
  output: { type: 'string', short: 'o', default: 'text' },
  plan: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.once('SIGINT', () => stop.abort());

const surroundings: AgentSurroundings = {
  out: process.stdout,
  err: process.stderr,
  stop: stop.signal,
  finish: code => {
    process.exitCode = code;
  },
};

const isSubcommand = (word: string): word is SubcommandName => Object.hasOwn(SUBCOMMANDS, word);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const [name, ...rest] = positionals;
  const output = OUTPUTS.find(format => format === values.output);
  if (values.help === true) return void process.stdout.write(USAGE);
  if (rest.length > 0 || output === undefined) throw new Error(USAGE);
  const options = { config: values.config, output, plan: values.plan };
  if (name === undefined) return runAgent(options, surroundings);
  if (!isSubcommand(name)) throw new Error(USAGE);
  return SUBCOMMANDS[name].action(options, surroundings);
}

function tell(error: unknown): void {
  process.exitCode = 2;
  const text = error instanceof PortError ? `${error.code}: ${error.message}\n  ${error.remedy}` : String(error);
  process.stderr.write(`error ${text}\n`);
}

main()
  .catch(tell)
  // Nothing that is still open may keep a stopped agent alive.
  .finally(() => process.exit());
