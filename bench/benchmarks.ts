// Every benchmark of the house, in the order of the page.

import type { Benchmark } from './benchmark.ts';
import { validate } from './validate.ts';

export const BENCHMARKS: readonly Benchmark[] = [validate];
