// Brings one commit into the board's OSTree repository, in the background of whatever the board does.
//
// Cut anywhere: OSTree keeps the objects that arrived and marks the commit as partial, and the next pull goes on.

import type { Executor } from './executor.ts';

export const pullCommit: Executor<'pull-commit'> = async ({ source }, { ports, target, onProgress, signal }) => {
  await ports.ostree.pull(source, { maxRate: target.policy.download.maxRate, onProgress, signal });
  return undefined;
};
