// The state of the working tree as git sees it: a gate that leaves files behind, or a golden file that it rewrote, fails.

import { spawnSync } from 'node:child_process';

/** One line per path that differs from the commit; undefined outside of a git checkout. */
export type TreeState = readonly string[] | undefined;

export function treeState(home: string): TreeState {
  const { status, stdout } = spawnSync('git', ['status', '--porcelain=v1', '--untracked-files=all'], {
    cwd: home,
    encoding: 'utf8',
  });
  return status === 0 ? stdout.split('\n').filter(line => line !== '') : undefined;
}

/** What the gate changed; with `strict`, as in CI, whatever is not committed. Undefined when all is well. */
export function describeChanges(
  { before, after }: { readonly before: TreeState; readonly after: TreeState },
  { strict }: { readonly strict: boolean },
): string | undefined {
  if (before === undefined || after === undefined) return undefined;
  const changed = after.filter(line => strict || !before.includes(line));
  return changed.length === 0 ? undefined : ['The gate must leave the tree as it was:', ...changed].join('\n');
}
