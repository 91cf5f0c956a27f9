// What a changed copy of the example is told.

import type { Issue } from '../src/index.ts';
import { type ValidateOptions, validateFiles } from '../src/validate-files.ts';
import { examplesWith } from './examples.ts';

const text = ({ file, line, column, code }: Issue): string => `${file}:${line}:${column} ${code}`;

/** Issues other than those of the untouched example, which only lacks signatures. */
export function issuesWith(changes: Readonly<Record<string, string>>, options: ValidateOptions = {}): string[] {
  const { issues } = validateFiles(examplesWith(changes), options);
  return issues.filter(({ code }) => code !== 'signature-missing').map(text);
}
