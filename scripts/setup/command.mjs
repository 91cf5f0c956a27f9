// Puts the command where npm puts those of dependencies: node_modules/.bin/seatrial, run by the checkout's own Node.
// It is no dependency of the root package, since turbo would then take every change of it for a change of everything.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME } from './run.mjs';

const SHIM = `#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
node="$here/node"
[ -x "$node" ] || node=node
exec "$node" "$here/../../packages/cli/bin/seatrial.js" "$@"
`;

/** Returns what went wrong, or nothing. */
export function linkCommand() {
  const path = join(HOME, 'node_modules/.bin/seatrial');
  if (existsSync(path) && readFileSync(path, 'utf8') === SHIM) return undefined;
  try {
    writeFileSync(path, SHIM, { mode: 0o755 });
    return undefined;
  } catch (error) {
    return [`node_modules/.bin/seatrial could not be written: ${String(error)}`];
  }
}
