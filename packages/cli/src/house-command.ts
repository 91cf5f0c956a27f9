// A command with help that teaches: what it is for, examples, and how it ends.

import { Command } from 'commander';
import type { ExitCode } from './exit-code.ts';

export interface Example {
  /** What one wants to know or do. */
  readonly goal: string;
  /** The line to type. */
  readonly line: string;
}

export interface Lesson {
  /** A few words, for the list of commands. */
  readonly summary: string;
  /** One to a few sentences. */
  readonly description: string;
  readonly examples: readonly Example[];
  /** What each exit code means here. */
  readonly exitCodes: Readonly<Partial<Record<ExitCode, string>>>;
}

const LESSONS = new WeakMap<Command, Lesson>();

/** docs/cli.md is made of these. */
export const lessonOf = (command: Command): Lesson | undefined => LESSONS.get(command);

/** Options, arguments and action are added by the caller. */
export function houseCommand(name: string, lesson: Lesson): Command {
  const command = new Command(name)
    .summary(lesson.summary)
    .description(lesson.description)
    .addHelpText('after', () => renderLesson(lesson));
  LESSONS.set(command, lesson);
  return command;
}

function renderLesson({ examples, exitCodes }: Lesson): string {
  const shown = examples.flatMap(({ goal, line }) => [`  # ${goal}`, `  ${line}`]);
  const codes = Object.entries(exitCodes).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return [...section('Examples:', shown), ...section('Exit codes:', codes)].join('\n');
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];
