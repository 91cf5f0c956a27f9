// Tells the demonstration as it happens: chapters, what an engineer does, what boards do, and what was checked.

import { styleText } from 'node:util';

export interface Narrator {
  chapter(title: string): void;
  /** What an engineer does, as the command that does it. */
  command(line: string): void;
  say(text: string): void;
  /** Something that a board did or that was done to it. */
  board(id: string, text: string): void;
  check(text: string, outcome: { readonly holds: boolean }): void;
}

/** One line for each thing; `write` gets lines without their end. */
export function narrate(write: (line: string) => void, { colors }: { readonly colors: boolean }): Narrator {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    colors ? styleText(style, text, { validateStream: false }) : text;
  let chapters = 0;
  return {
    chapter: title => {
      chapters += 1;
      write('');
      write(paint('bold', `${chapters}. ${title}`));
    },
    command: line => write(paint('cyan', `   $ ${line}`)),
    say: text => write(`   ${text}`),
    board: (id, text) => write(`   ${paint('dim', id.padEnd(8))} ${text}`),
    check: (text, { holds }) => write(`   ${holds ? paint('green', '✓') : paint('red', '✗')} ${text}`),
  };
}

export const silentNarrator: Narrator = {
  chapter: () => undefined,
  command: () => undefined,
  say: () => undefined,
  board: () => undefined,
  check: () => undefined,
};
