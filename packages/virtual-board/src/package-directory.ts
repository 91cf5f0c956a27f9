// Where this package lies, also when its code runs from a bundle that lies elsewhere. Reads node_modules links only.

import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** Absolute; the package is found as any importer finds it. */
export const packageDirectory = (): string =>
  dirname(createRequire(import.meta.url).resolve('@seatrial/virtual-board/package.json'));
