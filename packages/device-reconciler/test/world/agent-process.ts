// The agent as a process of its own, over a board in a directory with a real OSTree sysroot.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeEfiVariable, encodeOsIndications, PERSISTENT_ATTRIBUTES } from '@seatrial/capsule-plan';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from './directories.ts';
import type { Laboratory, Repository } from './real-sysroot.ts';
import { type Controller, DEVICE, EFI_GLOBAL } from './values.ts';

const PACKAGE = join(import.meta.dirname, '../..');
export const SOURCE = join(PACKAGE, 'src/agent-entry.ts');
export const BUNDLE = join(PACKAGE, 'dist/bundle/agent.js');

export const buildBundle = (): void => {
  execFileSync(process.execPath, [join(PACKAGE, 'build.mjs')], { stdio: 'ignore' });
};

const versionOf = (node: string): string =>
  existsSync(node) ? execFileSync(node, ['--version'], { encoding: 'utf8' }) : '';
/** The oldest Node that the bundle is made for, where this machine has it. */
export const NODE_20 = ['/usr/bin/node', '/usr/local/bin/node'].find(node => versionOf(node).startsWith('v20.'));

export interface DirectoryBoard {
  readonly base: string;
  readonly root: string;
  readonly repository: Repository;
  readonly config: string;
  /** Rewrites the configuration. */
  configure(settings: object): void;
}

/** Runs a first commit; systemctl says that everything is active, and remembers what it was asked for. */
export function directoryBoard({ repository, copyTo }: Laboratory, controller: Controller): DirectoryBoard {
  const base = temporaryDirectory();
  const root = join(base, 'root');
  copyTo(root);
  for (const directory of ['sys/firmware/efi/efivars', 'var/lib/seatrial', 'etc/seatrial']) {
    mkdirSync(join(root, directory), { recursive: true });
  }
  writeFileSync(join(root, 'var/lib/seatrial/root.json'), controller.trustRoot);
  const supported = `sys/firmware/efi/efivars/OsIndicationsSupported-${EFI_GLOBAL.toLowerCase()}`;
  writeFileSync(
    join(root, supported),
    encodeEfiVariable({ attributes: PERSISTENT_ATTRIBUTES, value: encodeOsIndications(4n) }),
  );
  const systemctl = join(base, 'systemctl');
  writeFileSync(systemctl, `#!/bin/sh\necho "$@" >> ${base}/asked\n[ "$1" = is-active ] && echo active\nexit 0\n`);
  chmodSync(systemctl, 0o755);
  const config = join(root, 'etc/seatrial/agent.yaml');
  const configure = (settings: object) => {
    const common = { device: DEVICE, root, commands: { systemctl: [systemctl] } };
    writeFileSync(config, JSON.stringify({ ...common, ...settings }));
  };
  configure({});
  return { base, root, repository, config, configure };
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A process that is expected to end by itself. */
export async function run(program: string, words: readonly string[]): Promise<Ended> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  const [code] = await once(child, 'close');
  return { code, out: out(), err: err() };
}

export interface Daemon {
  readonly child: ChildProcess;
  readonly err: () => string;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export function daemon(program: string, words: readonly string[]): Daemon {
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const err = collect(child.stderr);
  const ended = once(child, 'exit');
  const signal = (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) process.kill(-child.pid, name);
  };
  onTestFinished(() => signal('SIGKILL'));
  return {
    child,
    err,
    stop: async () => {
      signal('SIGTERM');
      await ended;
      return child.exitCode;
    },
  };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
