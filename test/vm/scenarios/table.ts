// Every scenario, in the order in which a full run plays them.

import { exhausted, hanging, panicking, unhealthy } from './fallback.ts';
import { firmwareFirst, firmwareOnly, osOnly, together } from './good.ts';
import { everyStatus, wrongCapsules } from './refusals.ts';
import type { Scenario } from './scenario.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...[together, osOnly, firmwareOnly, firmwareFirst],
  ...[unhealthy, panicking, hanging, exhausted],
  ...[everyStatus, wrongCapsules],
];

/** What the gate plays: one that goes well, one that goes back. */
export const GATE: readonly string[] = ['firmware-and-os', 'os-unhealthy'];
