#!/usr/bin/env node
// Starts the command: from its bundle, or in a checkout from the TypeScript sources whenever they are newer than the bundle.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 22;
const home = dirname(dirname(fileURLToPath(import.meta.url)));
const bundle = join(home, 'dist/bundle/seatrial.js');
const sources = join(home, 'src/main.ts');

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  process.stderr.write(
    `seatrial needs Node ${OLDEST_NODE} or newer, this is ${process.versions.node}.\n` +
      'In a checkout, run "npm run setup" and then node_modules/.bin/seatrial: it brings its own Node.\n',
  );
  process.exitCode = 2;
} else {
  const fromBundle = !isStale();
  // Node forgives dependencies their deprecated calls; in a bundle it can not tell them from ours.
  if (fromBundle) process.noDeprecation = true;
  const { main } = await import(fromBundle ? bundle : sources);
  await main();
}

/** The bundle lists what it was made of; a published package has no sources and is never stale. */
function isStale() {
  if (!existsSync(sources)) return false;
  try {
    const built = statSync(bundle).mtimeMs;
    const inputs = readFileSync(join(home, 'dist/bundle/inputs.txt'), 'utf8').split('\n');
    return inputs.some(input => statSync(join(home, input)).mtimeMs > built);
  } catch {
    return true;
  }
}
