// Where things lie in this repository.

import { join } from 'node:path';

export const HOUSE = join(import.meta.dirname, '..');
export const RESULTS = join(import.meta.dirname, 'results');
export const PAGE = join(HOUSE, 'docs/benchmarks.md');

/** A program of this folder that a benchmark starts as a process of its own. */
export const subjectProgram = (name: string): string => join(import.meta.dirname, 'subjects', `${name}.ts`);
