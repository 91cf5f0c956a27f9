// Brings one capsule into the board's own store, in the background of whatever the board does.
//
// Cut anywhere: what has arrived stays as a part file, and the next download goes on behind it. Only a whole and verified
// artefact ever has the name under which it is looked for. What no plan asks for any more makes room first.

import type { Executor } from './executor.ts';

export const fetchCapsule: Executor<'fetch-capsule'> = async ({ capsule }, { ports, target, onProgress, signal }) => {
  await ports.artifacts.keepOnly((target.payload.firmware?.capsules ?? []).map(({ sha256 }) => sha256));
  await ports.artifacts.fetch(capsule, { maxRate: target.policy.download.maxRate, onProgress, signal });
  return undefined;
};
