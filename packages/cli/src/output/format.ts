// The option -o: text for people, json for scripts.

import { Option } from 'commander';
import type { Cli } from '../cli.ts';

export type Format = 'text' | 'json';

/** `-o text|json`, or with further formats of one command. */
export const formatOption = (...more: readonly string[]): Option =>
  new Option('-o, --output <format>', 'how to print the result').choices(['text', ...more, 'json']).default('text');

/** One JSON value and a line break on standard output; bigints as `0x…`, as everywhere on the wire. */
export function printJson({ out }: Pick<Cli, 'out'>, value: unknown): void {
  const text = JSON.stringify(
    value,
    (_key, member: unknown) => (typeof member === 'bigint' ? `0x${member.toString(16)}` : member),
    2,
  );
  out.write(`${text}\n`);
}
