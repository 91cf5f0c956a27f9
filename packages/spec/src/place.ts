// Offsets of a text as the lines and columns that people and editors count.

import { LineCounter } from 'yaml';

export interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

/** Finds the line once for all offsets that will be asked for. */
export function placeFinder(text: string): (offset: number) => Place {
  const counter = new LineCounter();
  counter.addNewLine(0);
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) counter.addNewLine(end + 1);
  return offset => {
    const { line, col } = counter.linePos(offset);
    return { line, column: col };
  };
}
