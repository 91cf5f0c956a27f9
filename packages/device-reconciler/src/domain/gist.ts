// When two tellings are not worth two reports.

import type { Tellable } from './report.ts';

/** What is worth telling: the clock runs, space and battery drift, and a download's bytes are told by events. */
export function gistOf({ observed, conditions, progress: _drifts, ...tellable }: Tellable) {
  const { clock: _runs, esp, os, facts, ...seen } = observed;
  const { freeBytes: _espFree, ...espGist } = esp;
  const { bootFreeBytes: _bootFree, sysrootFreeBytes: _sysrootFree, ...osGist } = os;
  const { batteryPercent: _percent, batteryVolts: _volts, ...factsGist } = facts;
  return {
    ...tellable,
    seen,
    espGist,
    osGist,
    factsGist,
    conditions: conditions.map(({ lastTransitionTime: _moved, ...condition }) => condition),
  };
}

export type Gist = ReturnType<typeof gistOf>;

export const isSameGist = (a: Gist, b: Gist): boolean => isSame(a, b);

/** Nothing has been put in another's place: what one knows of it is known of the other. */
export const isSameTellable = (a: Tellable, b: Tellable): boolean =>
  a.observed === b.observed &&
  a.journal === b.journal &&
  a.plan === b.plan &&
  a.phase === b.phase &&
  a.conditions === b.conditions &&
  a.step === b.step &&
  a.refused === b.refused;

/** The same as JSON would be: members that are undefined count as absent. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  for (const key in a) if (!isSame(a[key], b[key])) return false;
  for (const key in b) if (b[key] !== undefined && a[key] === undefined) return false;
  return true;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
