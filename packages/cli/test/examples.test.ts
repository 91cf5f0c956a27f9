import { type Command, CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram, lessonOf } from '../src/index.ts';
import { withDescendants } from '../src/program.ts';
import { silentCli } from './support/run-cli.ts';

const LINES = withDescendants(createProgram(silentCli())).flatMap(
  command => lessonOf(command)?.examples.flatMap(({ line }) => callsOf(line)) ?? [],
);

/** The words of every call of the command in a line of shell. */
function callsOf(line: string): readonly (readonly string[])[] {
  const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(&&|\|\||[|;<>])|([^\s|;<>]+)/g)].map(
    ([, a, b, sign, c]) => sign ?? a ?? b ?? c ?? '',
  );
  const calls: string[][] = [[]];
  for (const word of words) {
    if (/^(?:&&|\|\||[|;<>])$/.test(word)) calls.push([]);
    else calls.at(-1)?.push(word);
  }
  return calls.filter(([program]) => program === 'seatrial').map(([, ...rest]) => rest);
}

/** Parses as the real program does, and does nothing. */
async function parse(words: readonly string[]): Promise<string | undefined> {
  const program = createProgram(silentCli());
  for (const command of withDescendants(program)) disarm(command);
  try {
    await program.parseAsync(words, { from: 'user' });
    return undefined;
  } catch (error) {
    return error instanceof CommanderError && error.exitCode === 0 ? undefined : String(error);
  }
}

const disarm = (command: Command): Command => (command.parent === null ? command : command.action(() => undefined));

describe('when an example of the help is typed', () => {
  test('then there are examples to type', () => {
    expect(LINES.length).toBeGreaterThan(30);
  });

  test.each(LINES.map(words => [words.join(' '), words] as const))('then %s is understood', async (_line, words) => {
    expect(await parse(words)).toBeUndefined();
  });
});
