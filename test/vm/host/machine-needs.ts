// What this machine must have to build and run a board, and how it gets it.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fromHouse } from '../image/stage.ts';
import { run } from '../run-program.ts';

/** Each Debian package, and the program or file by which its presence is known. */
const NEEDS: Readonly<Record<string, string>> = {
  'qemu-system-x86': 'qemu-system-x86_64',
  'qemu-utils': 'qemu-img',
  ovmf: '/usr/share/OVMF/OVMF_CODE_4M.fd',
  'gnu-efi': '/usr/include/efi/efi.h',
  gcc: 'gcc',
  'libc6-dev': '/usr/include/stdio.h',
  binutils: 'objcopy',
  mmdebstrap: 'mmdebstrap',
  'debian-archive-keyring': '/usr/share/keyrings/debian-archive-keyring.gpg',
  mtools: 'mcopy',
  dosfstools: 'mkfs.vfat',
  e2fsprogs: 'mkfs.ext4',
  fdisk: 'sfdisk',
  cpio: 'cpio',
  zstd: 'zstd',
  'netcat-openbsd': 'nc',
  ostree: 'ostree',
  mosquitto: 'mosquitto',
};

/** Installs what is missing. Returns why no board can be run here, or undefined where it can. */
export async function obstacle(tell: (what: string) => void): Promise<string | undefined> {
  if (process.arch !== 'x64') return `the board is x86-64, this machine ${process.arch}`;
  if (process.getuid?.() !== 0) return 'the image is built as root (chroot, files of other owners)';
  const missing = missingPackages();
  if (missing.length > 0 && isPresent('apt-get')) {
    tell(`installing ${missing.join(' ')}`);
    await run('sh', [fromHouse('scripts/setup/install-debian-tools.sh'), ...missing], { mayFail: true });
  }
  const still = missingPackages();
  return still.length === 0 ? undefined : `missing, and apt could not install: ${still.join(' ')}`;
}

const missingPackages = (): readonly string[] =>
  Object.entries(NEEDS).flatMap(([name, sign]) => (isPresent(sign) ? [] : [name]));

/** Looks where daemons live as well. */
function isPresent(sign: string): boolean {
  if (sign.startsWith('/')) return existsSync(sign);
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.some(folder => folder !== '' && existsSync(join(folder, sign)));
}
