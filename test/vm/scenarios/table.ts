// Every scenario, in the order in which a full run plays them.

import { exhausted, hanging, panicking, unhealthy } from './fallback.ts';
import { firmwareFirst, firmwareOnly, osOnly, together } from './good.ts';
import { badServer, brokerAway } from './network.ts';
import { type CutOptions, namedPoints, randomPoints } from './power-cuts.ts';
import { belowFloor, everyStatus, wrongCapsules } from './refusals.ts';
import { clock1970, fullVariables, holds, lostBlessing, otherBits, staleRow, zeroTries } from './resources.ts';
import type { Scenario } from './scenario.ts';

export const scenarios = (options: CutOptions): readonly Scenario[] => [
  ...[together, osOnly, firmwareOnly, firmwareFirst],
  ...[unhealthy, panicking, hanging, exhausted],
  ...[everyStatus, wrongCapsules, belowFloor],
  ...[namedPoints, randomPoints(options)],
  ...[holds, fullVariables, otherBits, staleRow, clock1970, zeroTries, lostBlessing],
  ...[brokerAway, badServer],
];

/** What the gate plays: one that goes well, one that goes back. */
export const GATE: readonly string[] = ['firmware-and-os', 'os-panics'];
