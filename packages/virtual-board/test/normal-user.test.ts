// A board needs no privileges: the same again as nobody, where the suite itself runs as root.

import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const script = new URL('support/board-of-a-user.ts', import.meta.url).pathname;
const AS_NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];
const canRead = spawnSync('setpriv', [...AS_NOBODY, 'cat', script]).status === 0;

test.runIf(canRead)('when nobody runs it, then a board updates its OS and knows a read-only ESP', () => {
  const { stdout, stderr } = spawnSync('setpriv', [...AS_NOBODY, process.execPath, script], { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: '{"updated":true,"refused":true}', stderr: '' });
});
