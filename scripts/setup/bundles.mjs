// Builds the bundles of the command and of the board's agent; turbo skips what has not changed.

import { runQuietly } from './run.mjs';

/** Never in the way: without a bundle the command runs from its sources, and the gate builds again and says what is wrong. */
export function buildBundles() {
  const output = runQuietly('turbo', ['run', 'build', '--output-logs=errors-only']);
  if (output !== undefined)
    console.log(`${output}\nsetup: a bundle could not be built; the command runs from its sources`);
  return undefined;
}
