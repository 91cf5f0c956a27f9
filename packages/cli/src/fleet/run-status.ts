// Asks the controller how it is.

import type { StatusView } from '@seatrial/controller';
import type { Millis } from '@seatrial/spec';
import type { Cli, Output } from '../cli.ts';
import type { StatusOptions } from '../commands/status.ts';
import type { ExitCode } from '../exit-code.ts';
import { type Facts, renderFacts } from '../output/facts.ts';
import { printJson } from '../output/format.ts';
import { formatAge } from '../output/moment.ts';
import { paint } from '../output/paint.ts';
import { printable } from '../output/printable.ts';
import { answer, askController } from './ask.ts';
import { shortCommit } from './tables.ts';

export async function runStatus(cli: Cli, options: StatusOptions): Promise<ExitCode> {
  const status = await answer(askController(cli, options).status());
  if (options.output === 'json') printJson(cli, status);
  else cli.out.write(renderStatus(cli.out, status, cli.clock.now()));
  return isWell(status) ? 0 : 1;
}

const isWell = ({ ready, problems, source }: StatusView): boolean =>
  ready && problems.length === 0 && source.refused === undefined;

export function renderStatus(output: Output, status: StatusView, nowMs: Millis): string {
  const sections = {
    [status.ready ? 'The controller is ready' : 'The controller is not ready yet']: facts(status, nowMs),
  };
  const wrong = [
    ...refusal(output, status, nowMs),
    ...status.problems.map(problem => problemText(output, problem, nowMs)),
  ];
  return [renderFacts(output, sections), ...wrong].join('\n');
}

const facts = ({ source, broker, audit, boards }: StatusView, nowMs: Millis): Facts => ({
  repository: `${source.repository}, branch ${source.branch}`,
  'in force': source.inForce && commitText(source.inForce, nowMs),
  'looked at git': source.checkedAtMs === undefined ? 'not yet' : formatAge(source.checkedAtMs as Millis, nowMs), // the API's moment
  broker: `${broker.url}, ${broker.connected ? 'connected' : 'not connected'}`,
  'audit branch': `${audit.branch}${audit.head === undefined ? '' : ` at ${shortCommit(audit.head)}`}`,
  boards: `${boards.known} known, ${boards.unclaimed} that no fleet selects`,
});

type Commit = NonNullable<StatusView['source']['inForce']>;

const commitText = ({ commit, subject, author, atMs }: Commit, nowMs: Millis): string =>
  `${shortCommit(commit)} ${subject} (${author}, ${formatAge(atMs as Millis, nowMs)})`; // the API's moment

function refusal(output: Output, { source: { refused } }: StatusView, nowMs: Millis): readonly string[] {
  if (refused === undefined) return [];
  const lines = refused.issues.map(
    ({ file, line, column, severity, code, message }) =>
      `  ${printable(file)}:${line}:${column} ${severity} ${code}: ${printable(message)}`,
  );
  const head = paint(output, 'bad', `Refused: ${printable(commitText(refused, nowMs))}`);
  return [`${[head, ...lines].join('\n')}\n`];
}

function problemText(output: Output, problem: StatusView['problems'][number], nowMs: Millis): string {
  const { part, code, element, message, remedy, sinceMs } = problem;
  const head = paint(output, 'bad', `${part}: ${code}`);
  const since = formatAge(sinceMs as Millis, nowMs); // the API's moment
  return `${head} ${printable(element)} (${since})\n  ${printable(message)}\n  ${printable(remedy)}\n`;
}
