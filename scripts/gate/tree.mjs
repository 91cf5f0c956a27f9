// The state of the working tree as git sees it: a gate that leaves files behind, or a golden file that it rewrote, fails.

import { spawnSync } from 'node:child_process';
import { HOME } from '../setup/run.mjs';

/** One line per path that differs from the commit; undefined outside of a git checkout. */
export function treeState() {
  const { status, stdout } = spawnSync('git', ['status', '--porcelain=v1', '--untracked-files=all'], {
    cwd: HOME,
    encoding: 'utf8',
  });
  return status === 0 ? stdout.split('\n').filter(line => line !== '') : undefined;
}

/** What the gate changed, or in CI what is not committed at all; undefined when all is well. */
export function describeChanges(before, after) {
  if (before === undefined || after === undefined) return undefined;
  const accepted = process.env.CI ? [] : before;
  const changed = after.filter(line => !accepted.includes(line));
  return changed.length === 0 ? undefined : ['The gate must leave the tree as it was:', ...changed].join('\n');
}
