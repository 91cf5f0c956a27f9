// Every benchmark of the house, in the order of the page.

import { agentMemory } from './agent-memory.ts';
import type { Benchmark } from './benchmark.ts';
import { capsule } from './capsule.ts';
import { convergedWrites } from './converged-writes.ts';
import { diff } from './diff.ts';
import { previewAndJudge } from './preview.ts';
import { publish } from './publish.ts';
import { review } from './review.ts';
import { simulation } from './simulation.ts';
import { validate } from './validate.ts';

export const BENCHMARKS: readonly Benchmark[] = [
  validate,
  capsule,
  previewAndJudge,
  review,
  diff,
  publish,
  simulation,
  agentMemory,
  convergedWrites,
];
