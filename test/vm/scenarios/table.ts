// Every scenario, in the order in which a full run plays them.

import { firmwareFirst, firmwareOnly, osOnly, together } from './good.ts';
import type { Scenario } from './scenario.ts';

export const SCENARIOS: readonly Scenario[] = [together, osOnly, firmwareOnly, firmwareFirst];

/** What the gate plays: one that goes well, one that goes back. */
export const GATE: readonly string[] = ['firmware-and-os', 'os-unhealthy'];
