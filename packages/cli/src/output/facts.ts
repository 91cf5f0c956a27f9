// One thing described for people: titled sections of named facts.

import type { Output } from '../cli.ts';
import { paint } from './paint.ts';
import { printable } from './printable.ts';

/** Undefined facts are left out, as is a section without any. */
export type Facts = Readonly<Record<string, string | undefined>>;

export function renderFacts(output: Output, sections: Readonly<Record<string, Facts>>): string {
  const shown = Object.entries(sections).map(([title, facts]) => [title, known(facts)] as const);
  const names = shown.flatMap(([, facts]) => facts.map(([name]) => name.length));
  const width = names.reduce((widest, length) => Math.max(widest, length), 0);
  return shown
    .filter(([, facts]) => facts.length > 0)
    .map(([title, facts]) => renderSection(output, title, facts, width))
    .join('\n');
}

const known = (facts: Facts): readonly (readonly [string, string])[] =>
  Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));

function renderSection(
  output: Output,
  title: string,
  facts: readonly (readonly [string, string])[],
  width: number,
): string {
  const lines = facts.map(([name, value]) => `  ${name.padEnd(width)}  ${printable(value)}\n`);
  return `${paint(output, 'strong', title)}\n${lines.join('')}`;
}
