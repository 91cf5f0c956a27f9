// Compiles the board's firmware, with this board's class, factory state and trust anchor in it. Needs gcc and gnu-efi.

import { copyFileSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeTrialBoot, NEW_TRIAL_BOOT } from '@seatrial/capsule-plan';
import type { FirmwareVersion, Guid } from '@seatrial/spec';
import { run } from '../run-program.ts';
import { type Built, builtStage } from './stage.ts';

const SOURCES = join(import.meta.dirname, '../firmware');
const VERIFIER = ['capsule', 'pkcs7', 'rsa', 'sha256'];

export interface FirmwareBuild {
  readonly fwClass: Guid;
  readonly version: FirmwareVersion;
  readonly lowestSupported: FirmwareVersion;
  /** DER. */
  readonly trustAnchor: Uint8Array;
}

/** `board-firmware.efi`, `resident.efi`, and `verify-on-host`, the same verifier for this machine. */
export const firmwareStage = (build: FirmwareBuild, tell: (what: string) => void): Promise<Built> => {
  const config = boardConfig(build);
  const sources = globSync('*.{c,h}', { cwd: SOURCES }).toSorted();
  const inputs = [
    config,
    readFileSync(import.meta.filename, 'utf8'),
    ...sources.map(name => readFileSync(join(SOURCES, name), 'utf8')),
  ];
  return builtStage(
    {
      name: 'firmware',
      inputs,
      build: async directory => {
        for (const name of sources) copyFileSync(join(SOURCES, name), join(directory, name));
        writeFileSync(join(directory, 'board-config.h'), config);
        await compileEfi(directory, { name: 'board-firmware', parts: VERIFIER, kind: 'efi-app-x86_64', subsystem: 10 });
        await compileEfi(directory, { name: 'resident', parts: [], kind: 'efi-rtdrv-x86_64', subsystem: 12 });
        const parts = ['verify-on-host', ...VERIFIER].map(name => join(directory, `${name}.c`));
        await run('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', join(directory, 'verify-on-host'), ...parts]);
      },
    },
    tell,
  );
};

const COMPILE = [
  ...['-I/usr/include/efi', '-I/usr/include/efi/x86_64', '-DGNU_EFI_USE_MS_ABI', '-maccumulate-outgoing-args', '-fpic'],
  ...['-ffreestanding', '-fno-stack-protector', '-fno-strict-aliasing', '-fshort-wchar', '-mno-red-zone', '-Os'],
  ...['-Wall', '-Werror', '-Wno-pointer-sign'],
];
const LINK = [
  '-nostdlib',
  '-znocombreloc',
  '-T',
  '/usr/lib/elf_x86_64_efi.lds',
  '-shared',
  '-Bsymbolic',
  '/usr/lib/crt0-efi-x86_64.o',
];
const KEPT_SECTIONS = [
  '.text',
  '.sdata',
  '.data',
  '.dynamic',
  '.dynsym',
  '.rel',
  '.rela',
  '.rel.*',
  '.rela.*',
  '.reloc',
  '.rodata',
];

interface EfiProgram {
  readonly name: string;
  readonly parts: readonly string[];
  readonly kind: string;
  readonly subsystem: number;
}

async function compileEfi(directory: string, { name, parts, kind, subsystem }: EfiProgram): Promise<void> {
  const cwd = directory;
  for (const part of [name, ...parts]) await run('gcc', [...COMPILE, '-c', `${part}.c`, '-o', `${part}.o`], { cwd });
  const objects = [name, ...parts].map(part => `${part}.o`);
  await run('ld', [...LINK, ...objects, '-o', `${name}.so`, '-L/usr/lib', '-lefi', '-lgnuefi'], { cwd });
  const sections = KEPT_SECTIONS.flatMap(section => ['-j', section]);
  await run('objcopy', [...sections, `--target=${kind}`, `--subsystem=${subsystem}`, `${name}.so`, `${name}.efi`], {
    cwd,
  });
}

/** A GUID as it lies in memory: the first three groups in little-endian order. */
export const guidBytes = (guid: Guid): Uint8Array => {
  const [a = '', b = '', c = '', ...rest] = guid.split('-');
  const reversed = [a, b, c].map(group => Buffer.from(group, 'hex').reverse());
  return Buffer.concat([...reversed, Buffer.from(rest.join(''), 'hex')]);
};

function boardConfig({ fwClass, version, lowestSupported, trustAnchor }: FirmwareBuild): string {
  const array = (bytes: Uint8Array) => `{${[...bytes].join(',')}}`;
  return `/* Written by image/firmware.ts. */
#define TEST_BOARD_GUID {0x5ea71a1f, 0xb0a2, 0x4d00, {0x8d, 0x01, 0x54, 0x45, 0x53, 0x54, 0x42, 0x44}}
#define FACTORY_VERSION ${version}u
#define FACTORY_LOWEST_SUPPORTED ${lowestSupported}u
#define FACTORY_TRIAL ${NEW_TRIAL_BOOT.raw}ull
#define FACTORY_TRIAL_WIDTH ${encodeTrialBoot(NEW_TRIAL_BOOT).length}
#define BOARD_CLASS_BYTES ${array(guidBytes(fwClass))}
__attribute__((unused)) static const unsigned char BOARD_CLASS[16] = BOARD_CLASS_BYTES;
__attribute__((unused)) static const unsigned char TRUST_ANCHOR[] = ${array(trustAnchor)};
`;
}
