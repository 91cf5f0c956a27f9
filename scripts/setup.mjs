// Makes a fresh checkout work: dependencies, Debian's ostree and mosquitto, and the bundles. Needs Node 20, npm and git; quick when
// there is nothing to do.

import { buildBundles } from './setup/bundles.mjs';
import { linkCommand } from './setup/command.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { installTools } from './setup/tools.mjs';

const started = Date.now();
const problems = [installDependencies, linkCommand, installTools, buildBundles].flatMap(step => step() ?? []);
const seconds = ((Date.now() - started) / 1000).toFixed(1);
if (problems.length === 0) {
  console.log(`setup: ready in ${seconds} s; the command is node_modules/.bin/seatrial`);
} else {
  for (const problem of problems) console.error(`setup: ${problem}`);
  process.exitCode = 1;
}
