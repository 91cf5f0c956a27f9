// The initramfs: busybox, ostree-prepare-root and a script. Debian's cloud kernel has NVMe and ext4 built in, so no module is
// needed this early.

import { chmodSync, copyFileSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from '../run-program.ts';
import { ROOT_DEVICE } from './board-files.ts';

const APPLETS = ['sh', 'mount', 'sleep', 'switch_root', 'cat', 'echo', 'mkdir'];
const LIBRARIES = 'usr/lib/x86_64-linux-gnu';

/** Runs as the kernel's init. `early` is a line of shell that comes before the root is looked for. */
const initScript = (early: string): string => `#!/bin/busybox sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs -o mode=0755 tmpfs /run
${early}
tries=0
until [ -b ${ROOT_DEVICE} ] || [ $tries -ge 100 ]; do
  sleep 0.1
  tries=$((tries + 1))
done
mount -t ext4 -o rw ${ROOT_DEVICE} /sysroot || exit 1
/usr/lib/ostree/ostree-prepare-root /sysroot || exit 1
for folder in proc sys dev run; do mount --move /$folder /sysroot/$folder; done
exec switch_root /sysroot /sbin/init
`;

export interface InitramfsOptions {
  /** The root file system that programs and libraries are taken from. */
  readonly root: string;
  /** Is made, and kept: other initramfs are made of it. */
  readonly directory: string;
  readonly file: string;
}

export async function makeInitramfs({ root, directory, file }: InitramfsOptions): Promise<void> {
  for (const folder of [
    'bin',
    'proc',
    'sys',
    'dev',
    'run',
    'sysroot',
    'tmp',
    'usr/lib/ostree',
    'usr/lib64',
    LIBRARIES,
  ]) {
    mkdirSync(join(directory, folder), { recursive: true });
  }
  symlinkSync('usr/lib', join(directory, 'lib'));
  symlinkSync('usr/lib64', join(directory, 'lib64'));
  const take = (from: string, to: string) => copyFileSync(realpathSync(join(root, from)), join(directory, to));
  take('usr/bin/busybox', 'bin/busybox');
  for (const applet of APPLETS) symlinkSync('busybox', join(directory, 'bin', applet));
  take('usr/lib/ostree/ostree-prepare-root', 'usr/lib/ostree/ostree-prepare-root');
  const loader = 'usr/lib64/ld-linux-x86-64.so.2';
  take(`${LIBRARIES}/ld-linux-x86-64.so.2`, loader);
  const needed = await run('chroot', [
    root,
    '/lib64/ld-linux-x86-64.so.2',
    '--list',
    '/usr/lib/ostree/ostree-prepare-root',
  ]);
  for (const [, library = ''] of needed.matchAll(/=> (\/\S+)/g)) {
    take(join(LIBRARIES, basename(library)), join(LIBRARIES, basename(library)));
  }
  await packInitramfs({ directory, file, early: ':' });
}

export interface PackOptions {
  readonly directory: string;
  readonly file: string;
  readonly early: string;
}

/** Writes the script into the tree and packs it. */
export async function packInitramfs({ directory, file, early }: PackOptions): Promise<void> {
  const init = join(directory, 'init');
  writeFileSync(init, initScript(early));
  chmodSync(init, 0o755);
  chmodSync(join(directory, 'bin/busybox'), 0o755);
  await run('bash', ['-c', `set -o pipefail; find . | sort | cpio --quiet -o -H newc -R 0:0 | zstd -q -9 >'${file}'`], {
    cwd: directory,
  });
}
