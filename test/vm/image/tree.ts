// The root file system in OSTree's shape: the base, the product's Debian package, the board's own files, kernel and initramfs.
// Needs root: chroot, and files of other owners.

import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { run } from '../run-program.ts';
import { BOARD_FILES, type BoardFile, ENABLED_UNITS, MODULES, maskedUnits } from './board-files.ts';
import { makeInitramfs } from './initramfs.ts';
import { type Built, builtStage } from './stage.ts';

const SHIM = join(import.meta.dirname, 'ostree-vfat.c');
const RECIPES = ['tree.ts', 'initramfs.ts', 'board-files.ts', 'ostree-vfat.c'];

/** Nothing of these is needed to boot, and every megabyte is hashed, packed and read again. */
const TRIMMED = [
  ...['boot/*', 'usr/share/{doc,man,info,locale,i18n,bash-completion,zsh,lintian,perl5,doc-base,bug,initramfs-tools}'],
  ...['usr/lib/udev/hwdb.d', 'usr/lib/udev/hwdb.bin', 'usr/lib/klibc', 'usr/lib/x86_64-linux-gnu/gconv'],
  ...['usr/include', 'var/lib/apt', 'var/cache', 'vmlinuz*', 'initrd*'],
];
const EMPTY_FOLDERS = ['dev', 'proc', 'sys', 'run', 'sysroot', 'tmp', 'mnt', 'var'];
const LINKS = { home: 'var/home', root: 'var/roothome', srv: 'var/srv', opt: 'var/opt', media: 'run/media' };

export interface TreeOptions {
  readonly base: Built;
  /** The product's package, and what it was made of. */
  readonly deb: { readonly path: string; readonly sources: string };
}

/** `root/` and the initramfs's own tree, `initramfs/`, in its directory. */
export const systemTree = ({ base, deb }: TreeOptions, tell: (what: string) => void): Promise<Built> =>
  builtStage(
    {
      name: 'tree',
      inputs: [base.key, deb.sources, ...RECIPES.map(name => readFileSync(join(import.meta.dirname, name), 'utf8'))],
      build: async directory => {
        const root = join(directory, 'root');
        mkdirSync(root);
        await run('tar', ['-C', root, '-xf', join(base.directory, 'base.tar')]);
        await installPackage(root, deb.path);
        await trimModules(root);
        await putKernel(root, join(directory, 'initramfs'));
        await run('bash', ['-c', `cd '${root}' && rm -rf ${TRIMMED.join(' ')}`]);
        renameSync(join(root, 'usr/bin/ostree'), join(root, 'usr/bin/ostree.stock'));
        writeFiles(root, BOARD_FILES);
        const shim = join(root, 'usr/lib/test-board/ostree-vfat.so');
        await run('gcc', ['-O2', '-Wall', '-Werror', '-shared', '-fPIC', '-o', shim, SHIM, '-ldl']);
        await enableUnits(root);
        intoOstreeShape(root);
      },
    },
    tell,
  );

/** As a user of the board's Debian would: `dpkg -i`. */
async function installPackage(root: string, deb: string): Promise<void> {
  copyFileSync(deb, join(root, 'agent.deb'));
  await run('chroot', [root, 'dpkg', '-i', '/agent.deb']);
  rmSync(join(root, 'agent.deb'));
}

const kernelRelease = (root: string): string => {
  const [release] = readdirSync(join(root, 'usr/lib/modules'));
  if (release === undefined) throw new Error('the tree has no kernel');
  return release;
};

async function trimModules(root: string): Promise<void> {
  const modules = join(root, 'usr/lib/modules', kernelRelease(root));
  const wanted = new Set(MODULES);
  for (const file of globSync('kernel/**/*.ko*', { cwd: modules })) {
    if (!wanted.has(basename(file).replace(/\.ko.*$/, ''))) rmSync(join(modules, file));
  }
  await run('chroot', [root, 'depmod', kernelRelease(root)]);
}

async function putKernel(root: string, initramfs: string): Promise<void> {
  const release = kernelRelease(root);
  const modules = join(root, 'usr/lib/modules', release);
  renameSync(join(root, `boot/vmlinuz-${release}`), join(modules, 'vmlinuz'));
  await makeInitramfs({ root, directory: initramfs, file: join(modules, 'initramfs.img') });
}

async function enableUnits(root: string): Promise<void> {
  await run('chroot', [root, 'systemctl', 'enable', ...ENABLED_UNITS]);
  await run('chroot', [root, 'systemctl', 'set-default', 'multi-user.target']);
  await run('chroot', [root, 'systemctl', 'mask', ...maskedUnits()]);
  // No password: a test's console asks for none.
  const shadow = join(root, 'etc/shadow');
  writeFileSync(shadow, readFileSync(shadow, 'utf8').replace(/^root:[^:]*:/m, 'root::'));
}

function intoOstreeShape(root: string): void {
  for (const name of [...EMPTY_FOLDERS, ...Object.keys(LINKS)])
    rmSync(join(root, name), { recursive: true, force: true });
  for (const name of EMPTY_FOLDERS) mkdirSync(join(root, name), { mode: name === 'tmp' ? 0o1777 : 0o755 });
  for (const [name, target] of Object.entries(LINKS)) symlinkSync(target, join(root, name));
  symlinkSync('sysroot/ostree', join(root, 'ostree'));
  if (!existsSync(join(root, 'boot'))) mkdirSync(join(root, 'boot'));
  renameSync(join(root, 'etc'), join(root, 'usr/etc'));
}

/** Files by their paths below a root. */
export function writeFiles(root: string, files: Readonly<Record<string, BoardFile>>): void {
  for (const [path, { content, mode = 0o644 }] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    chmodSync(join(root, path), mode);
  }
}
