// Which Node a board has: the machine's own from version 20 on, else the one that runs this.

import { execFileSync } from 'node:child_process';

const SYSTEM_NODE = '/usr/bin/node';
const OLDEST = 20;

export interface BoardNode {
  readonly program: string;
  readonly version: string;
}

export function boardNode(): BoardNode {
  try {
    const version = execFileSync(SYSTEM_NODE, ['--version'], { encoding: 'utf8' }).trim();
    if (Number.parseInt(version.slice(1), 10) >= OLDEST) return { program: SYSTEM_NODE, version };
  } catch {
    // There is none.
  }
  return { program: process.execPath, version: process.version };
}
