// docs/cli.md, made of the program that parses the command line.

import { createProgram, type Lesson, lessonOf } from '@seatrial/cli';
import { millis } from '@seatrial/spec';
import { cell, code, page, table } from './markdown.ts';

type Command = ReturnType<typeof createProgram>;
type Option = Command['options'][number];

const SILENT = { write: () => undefined, isTerminal: false, colors: false, columns: 80 };

/** The whole command, with nothing around it. */
export const program = (): Command =>
  createProgram({
    out: SILENT,
    err: SILENT,
    env: {},
    cwd: '/',
    clock: { now: () => millis(0) },
    stop: new AbortController().signal,
    finish: () => undefined,
  });

export function cliPage(root: Command): string {
  const commands = visible(root);
  return page([
    '<!-- Made from the command itself: npm run docs:generate -->',
    '# The command `seatrial`',
    root.description(),
    EXIT_CODES,
    SETTINGS,
    '## Options of every command',
    optionTable(root.options),
    '## Commands',
    table(
      ['Command', 'What it does'],
      commands.map(command => [linkTo(command), cell(command.summary())]),
    ),
    ...commands.flatMap(commandBlocks),
  ]);
}

const EXIT_CODES =
  'It ends with 0 when it has done what was asked and there is nothing to complain about, with 1 when the answer is "no" or ' +
  '"something" (issues, boards that would change), and with 2 when it could not be done: standard error then has a code from ' +
  '[errors.md](errors.md), a message and a remedy, as one line of JSON `{"error":{"code","message","remedy"}}` under `-o json`. ' +
  'Results alone go to standard output.';

const SETTINGS =
  'Commands that ask a controller take its address from `--server`, else from `SEATRIAL_SERVER`, else from the settings file, else they ask this ' +
  'machine (`http://127.0.0.1:8470`); the ' +
  'token for orders from `--token-file`, `SEATRIAL_TOKEN` or the settings file. The settings file is `$SEATRIAL_CONFIG`, else ' +
  '`$XDG_CONFIG_HOME/seatrial/config.yaml`, else `~/.config/seatrial/config.yaml`, and may hold `server` and `token`.';

/** Every command that help shows, in its order; a group comes before its members. */
const visible = (command: Command): Command[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter(one => one.name() !== 'help')
    .flatMap(one => [one, ...visible(one)]);

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;

const linkTo = (command: Command): string => `[${code(pathOf(command))}](#${pathOf(command).replaceAll(' ', '-')})`;

function commandBlocks(command: Command): (string | undefined)[] {
  const lesson = lessonOf(command);
  return [
    `## ${pathOf(command)}`,
    cell(command.description()),
    fenced([`${pathOf(command)} ${command.usage()}`]),
    command.registeredArguments.length === 0
      ? undefined
      : table(
          ['Argument', 'Meaning'],
          command.registeredArguments.map(argument => [
            code(argument.name()),
            meaning(argument.description, argument.argChoices, argument.defaultValue),
          ]),
        ),
    command.options.length === 0 ? undefined : optionTable(command.options),
    ...lessonBlocks(lesson),
  ];
}

function lessonBlocks(lesson: Lesson | undefined): (string | undefined)[] {
  if (lesson === undefined) return [];
  const codes = Object.entries(lesson.exitCodes).map(([number, sense]) => `${number}: ${sense}`);
  return [
    lesson.examples.length === 0 ? undefined : fenced(lesson.examples.flatMap(({ goal, line }) => [`# ${goal}`, line])),
    codes.length === 0 ? undefined : `Exit codes: ${cell(codes.join('; '))}.`,
  ];
}

const optionTable = (options: readonly Option[]): string =>
  table(
    ['Option', 'Meaning'],
    options
      .filter(({ hidden }) => !hidden)
      .map(option => [
        code(option.flags),
        `${meaning(option.description, option.argChoices, option.negate ? undefined : option.defaultValue)}${option.mandatory ? ' Required.' : ''}`,
      ]),
  );

/** `argChoices` and `fallback` as commander has them: of any type, and undefined where there are none. */
function meaning(description: string, choices: readonly string[] | undefined, fallback: unknown): string {
  const among = choices === undefined ? [] : [`One of ${choices.map(code).join(', ')}.`];
  const isNone = fallback === undefined || fallback === false || (Array.isArray(fallback) && fallback.length === 0);
  const otherwise = isNone
    ? []
    : [`Default: ${code(typeof fallback === 'string' ? fallback : JSON.stringify(fallback))}.`];
  return [`${cell(description)}.`, ...among, ...otherwise].join(' ');
}

const fenced = (lines: readonly string[]): string => ['```sh', ...lines, '```'].join('\n');
