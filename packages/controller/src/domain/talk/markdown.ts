// Text of boards and of people into Markdown, so that it is shown and does nothing: no link, no mention, no heading, no HTML.

/** Everything that could end a line or turn the direction of text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu;

/**
 * As code: GitHub links nothing inside of it. What is longer than `most` is cut; what would end the code is replaced, and so
 * is what would end a cell of a table.
 */
export function codeSpan(text: string, most = 200): string {
  const line = text.replace(UNPRINTABLE, ' ').replaceAll('`', "'").replaceAll('|', '¦').trim();
  const letters = Array.from(line);
  const shown = letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : line;
  return `\`${shown === '' ? ' ' : shown}\``;
}

/** Opened by whoever wants to read it. `summary` must be harmless. */
export const fold = (summary: string, lines: readonly string[]): readonly string[] => [
  `<details><summary>${summary}</summary>`,
  '',
  ...lines,
  '',
  '</details>',
];

/** Between pull requests and prose: `1 board`, `2 boards`. */
export const boardCount = (count: number): string => `${count} ${count === 1 ? 'board' : 'boards'}`;
