// A real OSTree repository and a real sysroot made from it, for tests that must not believe in a fake.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OstreeCommit, parseOstreeCommit } from '@seatrial/spec';
import { beforeAll } from 'vitest';
import { removeDirectory } from './directories.ts';
import { boot, need } from './values.ts';

export const REF = 'lab/x86_64';
export const REMOTE = 'lab';
export const STATEROOT = 'lab';

const ostree = (...words: readonly string[]): string =>
  execFileSync('ostree', words, { encoding: 'utf8', stdio: 'pipe' }).trim();

export interface Repository {
  readonly path: string;
  /** A new commit of a tiny system; `payloadBytes` of it are new. */
  readonly commit: (version: string, payloadBytes?: number) => OstreeCommit;
}

function makeRepository(base: string): Repository {
  const path = join(base, 'repository');
  ostree('init', `--repo=${path}`, '--mode=archive');
  return {
    path,
    commit: (version, payloadBytes = 64) => {
      const tree = join(base, `tree-${version}`);
      for (const directory of ['usr/lib/modules/6.1.0', 'usr/etc', 'usr/bin']) {
        mkdirSync(join(tree, directory), { recursive: true });
      }
      writeFileSync(join(tree, 'usr/lib/modules/6.1.0/vmlinuz'), 'kernel');
      writeFileSync(join(tree, 'usr/lib/modules/6.1.0/initramfs.img'), 'initramfs');
      writeFileSync(join(tree, 'usr/etc/version'), version);
      writeFileSync(
        join(tree, 'usr/lib/os-release'),
        `ID=lab\nNAME=Lab\nVERSION_ID=${version}\nPRETTY_NAME="Lab ${version}"\n`,
      );
      writeFileSync(join(tree, 'usr/bin/payload'), Buffer.alloc(payloadBytes, version));
      const words = [
        `--repo=${path}`,
        '-b',
        REF,
        `--tree=dir=${tree}`,
        '-s',
        version,
        '--owner-uid=0',
        '--owner-gid=0',
      ];
      return need(parseOstreeCommit(ostree('commit', ...words)));
    },
  };
}

/** A board's root that runs the given commit: a sysroot, a boot directory, and what the kernel shows of this boot. */
function makeSysroot(root: string, repository: Repository, running: OstreeCommit): void {
  mkdirSync(root, { recursive: true });
  ostree('admin', 'init-fs', '--modern', root);
  ostree('admin', `--sysroot=${root}`, 'os-init', STATEROOT);
  const repo = `--repo=${root}/ostree/repo`;
  ostree(repo, 'config', 'set', 'sysroot.bootloader', 'none');
  ostree(repo, 'config', 'set', 'core.min-free-space-percent', '0');
  ostree('remote', repo, 'add', '--no-gpg-verify', REMOTE, `file://${repository.path}`);
  ostree('pull', repo, REMOTE, `${REF}@${running}`);
  ostree('admin', `--sysroot=${root}`, 'deploy', `--os=${STATEROOT}`, '--karg=root=LABEL=lab', running);
  powerOn(root, 1, running);
}

/** A repository and a sysroot that runs its first commit, to be copied by every test of a file. */
export interface Laboratory {
  readonly repository: Repository;
  readonly first: OstreeCommit;
  /** Two commits after the first; the earlier one has bytes of some size. */
  readonly later: readonly OstreeCommit[];
  /** A board's root of its own, at this path. */
  readonly copyTo: (root: string) => void;
}

/** Made once per file, for making one takes a dozen commands; gone after the last test. */
export function laboratory(): () => Laboratory {
  let made: Laboratory | undefined;
  beforeAll(() => {
    const base = mkdtempSync(join(tmpdir(), 'seatrial-laboratory-'));
    const repository = makeRepository(base);
    const first = repository.commit('1');
    const template = join(base, 'root');
    makeSysroot(template, repository, first);
    const later = [repository.commit('2', 50_000), repository.commit('3')];
    made = { repository, first, later, copyTo: root => void execFileSync('cp', ['-a', template, root]) };
    return () => removeDirectory(base);
  }, 60_000);
  return () => need(made);
}

/** The command line and the boot id of a boot into the deployment of this commit; what was volatile is gone. */
export function powerOn(root: string, number: number, running: OstreeCommit): void {
  rmSync(join(root, 'run'), { recursive: true, force: true });
  mkdirSync(join(root, 'proc/sys/kernel/random'), { recursive: true });
  writeFileSync(join(root, 'proc/sys/kernel/random/boot_id'), `${boot(number)}\n`);
  writeFileSync(join(root, 'proc/cmdline'), `root=LABEL=lab rw ostree=${bootLinkOf(root, running)}\n`);
}

const entriesIn = (root: string): string => join(root, 'boot/loader/entries');

export const entryNames = (root: string): readonly string[] => readdirSync(entriesIn(root)).toSorted();

function bootLinkOf(root: string, commit: OstreeCommit): string {
  const links = readdirSync(entriesIn(root)).flatMap(
    name => /ostree=(\S+)/.exec(readFileSync(join(entriesIn(root), name), 'utf8'))?.[1] ?? [],
  );
  return need(links.find(link => realpathSync(join(root, link)).includes(commit)));
}
