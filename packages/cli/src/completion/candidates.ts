// What may stand where the cursor is: subcommands, options and their choices, read off the program itself.

import type { Command, Option } from 'commander';

/** `words` are those after the name of the command; the last is the one that is being typed. Files are left to the shell. */
export function candidates(program: Command, words: readonly string[]): readonly string[] {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { command, position } = walk(program, before);
  const awaiting = optionOf(command, before.at(-1));
  return possibilities(command, position, awaiting, typed).filter(word => word.startsWith(typed));
}

/** The deepest subcommand that the words name, and how many arguments it has been given. */
function walk(program: Command, words: readonly string[]): { readonly command: Command; readonly position: number } {
  let command = program;
  let position = 0;
  words.forEach((word, at) => {
    if (word.startsWith('-') || optionOf(command, words[at - 1]) !== undefined) return;
    const next = position === 0 ? visibleCommands(command).find(one => one.name() === word) : undefined;
    if (next === undefined) position += 1;
    else command = next;
  });
  return { command, position };
}

function possibilities(
  command: Command,
  position: number,
  awaiting: Option | undefined,
  typed: string,
): readonly string[] {
  if (awaiting !== undefined) return awaiting.argChoices ?? [];
  if (typed.startsWith('-')) return [...optionsOf(command).flatMap(({ long, short }) => long ?? short ?? []), '--help'];
  const choices = command.registeredArguments[position]?.argChoices ?? [];
  return [...(position === 0 ? visibleCommands(command).map(one => one.name()) : []), ...choices];
}

/** The option that waits for a value after this word. */
const optionOf = (command: Command, word: string | undefined): Option | undefined =>
  word === undefined || !word.startsWith('-')
    ? undefined
    : optionsOf(command).find(
        option => (option.long === word || option.short === word) && (option.required || option.optional),
      );

const optionsOf = (command: Command): readonly Option[] =>
  [command, ...ancestorsOf(command)].flatMap(one => one.options).filter(({ hidden }) => !hidden);

const ancestorsOf = ({ parent }: Command): Command[] => (parent === null ? [] : [parent, ...ancestorsOf(parent)]);

const visibleCommands = (command: Command): readonly Command[] => command.createHelp().visibleCommands(command);
