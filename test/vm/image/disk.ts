// The board's disk as it leaves the factory: an ESP that is /boot, and a root file system with one deployment on it.
// No loop device and no mount: mkfs.ext4 -d, mtools, sfdisk.

import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DeviceId, Guid } from '@seatrial/spec';
import { run } from '../run-program.ts';
import { agentConfig, HOST_ADDRESS, HTTP_PORT, KERNEL_ARGUMENTS, REMOTE, STATEROOT } from './board-files.ts';
import { boardTrust } from './keys.ts';
import { type Built, builtStage } from './stage.ts';
import { readSystems, refOf } from './systems.ts';

const MIB = 1024 * 1024;
const SECTOR_BYTES = 512;
export const ESP_OFFSET_MIB = 1;
const ESP_MIB = 256;
const ROOT_MIB = 1_600;
const SECTORS_PER_MIB = MIB / SECTOR_BYTES;

export interface DiskOptions {
  readonly tree: Built;
  readonly systems: Built;
  readonly keys: Built;
  readonly device: DeviceId;
  readonly fwClass: Guid;
}

/** `disk.img` in its directory; the firmware is not on it yet. */
export const diskStage = (options: DiskOptions, tell: (what: string) => void): Promise<Built> =>
  builtStage(
    {
      name: 'disk',
      inputs: [
        ...[options.tree.key, options.systems.key, options.keys.key, options.device, options.fwClass],
        ...[boardTrust(options.keys), readFileSync(import.meta.filename, 'utf8')],
      ],
      build: async directory => {
        const sysroot = join(directory, 'sysroot');
        await deployFactory(sysroot, options);
        provision(sysroot, options);
        await packDisk(directory, { sysroot, tree: options.tree });
        await run('chattr', ['-R', '-f', '-i', sysroot], { mayFail: true });
        rmSync(sysroot, { recursive: true });
      },
    },
    tell,
  );

/** The board's own ostree, run on this machine: the one here names entries otherwise. */
const ostreeOf = (tree: Built) => {
  const root = join(tree.directory, 'root');
  const loader = join(root, 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2');
  const first = ['--library-path', join(root, 'usr/lib/x86_64-linux-gnu'), join(root, 'usr/bin/ostree.stock')];
  return (...words: readonly string[]) => run(loader, [...first, ...words]);
};

async function deployFactory(sysroot: string, { tree, systems }: DiskOptions): Promise<void> {
  const ostree = ostreeOf(tree);
  const repo = `--repo=${join(sysroot, 'ostree/repo')}`;
  const admin = (...words: readonly string[]) => ostree('admin', `--sysroot=${sysroot}`, ...words);
  mkdirSync(sysroot);
  await ostree('admin', 'init-fs', '--modern', sysroot);
  await ostree(repo, 'config', 'set', 'sysroot.bootloader', 'none');
  await ostree(repo, 'config', 'set', 'core.fsync', 'false');
  await ostree(repo, 'config', 'set', 'sysroot.boot-counting-tries', '3');
  await admin('os-init', STATEROOT);
  await ostree(repo, 'remote', 'add', '--no-gpg-verify', REMOTE, `http://${HOST_ADDRESS}:${HTTP_PORT}/ostree`);
  await ostree(repo, 'pull-local', `--remote=${REMOTE}`, readSystems(systems).repository, refOf('factory'));
  const kernelArguments = KERNEL_ARGUMENTS.map(argument => `--karg=${argument}`);
  await admin('deploy', `--os=${STATEROOT}`, ...kernelArguments, `${REMOTE}:${refOf('factory')}`);
  await ostree(repo, 'config', 'unset', 'core.fsync');
}

/** What docs/install-on-a-board.md has a user do for each board: configuration and trust root. */
function provision(sysroot: string, { keys, device, fwClass }: DiskOptions): void {
  const stateroot = join(sysroot, 'ostree/deploy', STATEROOT);
  const [deployment] = readdirSync(join(stateroot, 'deploy')).filter(name => !name.endsWith('.origin'));
  const etc = join(stateroot, 'deploy', deployment ?? '', 'etc/seatrial');
  const state = join(stateroot, 'var/lib/seatrial');
  mkdirSync(etc, { recursive: true });
  mkdirSync(state, { recursive: true });
  chmodSync(state, 0o700);
  writeFileSync(join(etc, 'agent.yaml'), agentConfig(device, fwClass));
  writeFileSync(join(state, 'root.json'), boardTrust(keys));
}

async function packDisk(
  directory: string,
  { sysroot, tree }: { readonly sysroot: string; readonly tree: Built },
): Promise<void> {
  const at = (name: string) => join(directory, name);
  layOutEsp(at('esp'), { sysroot, tree });
  await run('truncate', ['-s', `${ESP_MIB}M`, at('esp.img')]);
  await run('mkfs.vfat', ['-F', '32', '-n', 'ESP', at('esp.img')]);
  await run('sh', ['-c', `cd '${at('esp')}' && mcopy -s -i '${at('esp.img')}' ./* ::`]);
  await run('truncate', ['-s', `${ROOT_MIB}M`, at('root.img')]);
  await run('mkfs.ext4', ['-q', '-L', 'root', '-E', 'lazy_itable_init=1', '-d', sysroot, at('root.img')]);
  await run('truncate', ['-s', `${ESP_OFFSET_MIB + ESP_MIB + ROOT_MIB + 1}M`, at('disk.img')]);
  const [espStart, rootStart] = [ESP_OFFSET_MIB, ESP_OFFSET_MIB + ESP_MIB].map(start => start * SECTORS_PER_MIB);
  await run('sfdisk', ['-q', at('disk.img')], {
    input: `label: gpt
start=${espStart}, size=${ESP_MIB * SECTORS_PER_MIB}, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name=ESP
start=${rootStart}, size=${ROOT_MIB * SECTORS_PER_MIB}, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, name=root
`,
  });
  for (const [image, start] of [
    ['esp.img', ESP_OFFSET_MIB],
    ['root.img', ESP_OFFSET_MIB + ESP_MIB],
  ] as const) {
    await run('dd', [
      `if=${at(image)}`,
      `of=${at('disk.img')}`,
      'bs=1M',
      `seek=${start}`,
      'conv=notrunc,sparse',
      'status=none',
    ]);
    rmSync(at(image));
  }
  rmSync(at('esp'), { recursive: true });
}

/** /boot as Qualcomm's libostree lays it out: `loader` is a directory that says which version it stands for. */
function layOutEsp(esp: string, { sysroot, tree }: { readonly sysroot: string; readonly tree: Built }): void {
  const boot = join(sysroot, 'boot');
  const version = readlinkSync(join(boot, 'loader'));
  for (const folder of ['EFI/BOOT', 'EFI/systemd', 'EFI/test-board', 'loader/entries'])
    mkdirSync(join(esp, folder), { recursive: true });
  copyFileSync(
    join(tree.directory, 'root/usr/lib/systemd/boot/efi/systemd-bootx64.efi'),
    join(esp, 'EFI/systemd/systemd-bootx64.efi'),
  );
  cpSync(join(boot, 'ostree'), join(esp, 'ostree'), { recursive: true });
  for (const entry of readdirSync(join(boot, version, 'entries'))) {
    // The factory's system is known to be good: it is not counted.
    copyFileSync(
      join(boot, version, 'entries', entry),
      join(esp, 'loader/entries', entry.replace(/\+\d+(?:-\d+)?\.conf$/, '.conf')),
    );
  }
  writeFileSync(join(esp, 'loader/loader.conf'), 'timeout 0\nconsole-mode keep\n');
  writeFileSync(join(esp, 'loader/ostree_bootversion'), version);
  rmSync(boot, { recursive: true });
  mkdirSync(boot);
}
