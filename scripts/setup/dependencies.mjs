// Installs the npm dependencies with the one version of pnpm that package.json names, unless nothing has changed since last time.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME, run } from './run.mjs';

const STAMP = join(HOME, 'node_modules/.seatrial-setup');

/** Returns what went wrong, or nothing. */
export function installDependencies() {
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return undefined;
  const { packageManager } = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8'));
  if (!run('npx', ['-y', packageManager, 'install', '--frozen-lockfile'])) {
    return ['the dependencies could not be installed; is the npm registry reachable?'];
  }
  writeFileSync(STAMP, wanted);
  return undefined;
}

/** Over everything that decides what pnpm would install, and where it would link it. */
function fingerprint() {
  const workspaces = readdirSync(join(HOME, 'packages')).map(name => `packages/${name}`);
  const manifests = ['.', 'test', 'bench', ...workspaces].map(folder => join(folder, 'package.json'));
  const hash = createHash('sha256').update(HOME);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', ...manifests]) {
    const path = join(HOME, file);
    if (existsSync(path)) hash.update(file).update(readFileSync(path));
  }
  return hash.digest('hex');
}
