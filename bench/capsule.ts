// How long building, signing and verifying a 64 MiB capsule takes, against hashing the same bytes once, openssl and
// mkeficapsule, and how much memory each needs.

import { createHash, randomFillSync } from 'node:crypto';
import {
  closeSync,
  cpSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { run } from '@seatrial/cli';
import { systemClock } from '@seatrial/spec';
import { type Benchmark, type Findings, roundsOf, type Setting } from './benchmark.ts';
import { HOUSE } from './house.ts';
import { type Comparison, type Metric, measure, type Sample, type Subject } from './measure.ts';
import { PROCESS_METRICS, runProgram } from './whole-process.ts';

const MIB = 1024 * 1024;

export const capsule: Benchmark = {
  name: 'capsule',
  title: 'Capsules of 64 MiB',
  about:
    'A signed capsule can not be made or judged without hashing its payload, so SHA-256 over the same bytes in memory is the ' +
    'limit. What makes a capsule must write it too: the shortest program that reads, hashes, writes and syncs the same bytes ' +
    'stands beside the limit, and is what `sign` and `build` can be held to. `build` reads its images twice, since the checksum ' +
    'of a file in a firmware volume stands before it and is signed with it. Our commands run in one warm process beside both, ' +
    'files on the same disk, output synced. `openssl smime` makes the signature alone; `mkeficapsule` makes a whole capsule ' +
    'and does not sync it. Whole processes are compared apart, as they are shipped, with their peak memory and the part of it ' +
    'that is their own; an empty Node process stands beside them, since no JavaScript program can need less.',
  run: runCapsules,
};

async function runCapsules(setting: Setting): Promise<Findings> {
  const { directory, tell, size } = setting;
  const sizeMib = size === 'full' ? 64 : 2;
  await prepare(directory, sizeMib);
  const rounds = roundsOf(setting, 9);
  const inside = await measure({
    title: `In one process, ${sizeMib} MiB`,
    metrics: INSIDE_METRICS,
    baseline: LIMIT,
    subjects: insideSubjects(directory),
    rounds,
    warmUps: 2,
    tell,
  });
  const whole = await measure({
    title: `Whole processes, ${sizeMib} MiB`,
    metrics: [...PROCESS_METRICS, { key: 'peakPrivateMiB', label: 'of it private, MiB', better: 'less' }],
    baseline: HASH_COMMAND,
    subjects: processSubjects(directory),
    rounds: Math.min(rounds, 5),
    tell,
  });
  return { comparisons: [inside, whole] satisfies readonly Comparison[] };
}

const INSIDE_METRICS: readonly Metric[] = [
  { key: 'cpuMs', label: 'CPU, ms', better: 'less' },
  { key: 'wallMs', label: 'wall clock, ms', better: 'less' },
];

const DOCUMENT = `apiVersion: seatrial.dev/v1alpha1
kind: CapsuleBuild
metadata: { name: bench }
spec:
  target: QCS9100
  storage: UFS
  version: 0.0.1.2
  lowestSupported: 0.0.0.0
  images: [{ file: img/xbl.elf }]
  signing: { certificate: certs/QcFMPCert.pem, chain: [certs/QcFMPSub.pub.pem], trustAnchors: [certs/QcFMPRoot.pub.pem] }
  output: built.cap
`;
const IMAGE = join('img', 'xbl.elf');

async function prepare(place: string, sizeMib: number): Promise<void> {
  mkdirSync(join(place, 'img'));
  writeFileSync(join(place, IMAGE), randomFillSync(Buffer.alloc(sizeMib * MIB)));
  writeFileSync(join(place, 'build.yaml'), DOCUMENT);
  await seatrial(place, ['certs', 'certs']);
  await seatrial(place, ['version-create', '0.0.1.2', '--lowest', '0.0.0.0']);
  await seatrial(place, ['fv-xml', '--target', 'QCS9100', '--storage', 'UFS', '--update', 'xbl.elf']);
  await seatrial(place, ['fv-create', 'FvUpdate.xml', 'SYSFW_VERSION.bin', 'img']);
  await seatrial(place, ['build', 'build.yaml']);
}

/** The command, in this process. */
async function seatrial(place: string, words: readonly string[]): Promise<void> {
  const said: string[] = [];
  const stream = { write: (text: string) => void said.push(text), isTerminal: false, colors: false, columns: 80 };
  const code = await run(['capsule', ...words], {
    out: stream,
    err: stream,
    env: {},
    cwd: place,
    clock: systemClock,
    stop: new AbortController().signal,
  });
  if (code !== 0) throw new Error(`${words.join(' ')}: ${said.join('')}`);
}

const BUILD = ['build', 'build.yaml'] as const;
const SIGN = [
  ...['sign', 'firmware.fv', '--version-file', 'SYSFW_VERSION.bin', '--target', 'QCS9100', '--out', 'signed.cap'],
  ...['--certificate', 'certs/QcFMPCert.pem', '--chain', 'certs/QcFMPSub.pub.pem'],
] as const;
const VERIFY = ['verify', 'built.cap', '--trust', 'certs/QcFMPRoot.cer'] as const;
const LIMIT = 'SHA-256 of the bytes';
const WRITING_LIMIT = 'read, hash, write and sync them';
const HASH_COMMAND = 'openssl dgst -sha256';

function insideSubjects(place: string): readonly Subject[] {
  const image = readFileSync(join(place, IMAGE));
  const command = (name: string, words: readonly string[]): Subject => ({
    name,
    round: () => timed(() => seatrial(place, words)),
  });
  return [
    { name: LIMIT, round: () => timed(() => hashOnce(image)) },
    { name: WRITING_LIMIT, round: () => timed(() => hashAndWrite(place)) },
    command('fv-create: volume from images', ['fv-create', 'FvUpdate.xml', 'SYSFW_VERSION.bin', 'img']),
    command('sign: capsule from a volume', SIGN),
    command('build: signed capsule from images', BUILD),
    command('verify: all layers', VERIFY),
  ];
}

async function timed(work: () => Promise<void> | void): Promise<Sample> {
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  await work();
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { cpuMs: (user + system) / 1000, wallMs };
}

function hashOnce(image: Uint8Array): void {
  const hash = createHash('sha256');
  for (let at = 0; at < image.length; at += MIB / 2) hash.update(image.subarray(at, at + MIB / 2));
  hash.digest();
}

/** Nothing that makes a capsule out of a file can do less. */
function hashAndWrite(place: string): void {
  const [from, to] = [openSync(join(place, IMAGE), 'r'), openSync(join(place, 'copy.bin'), 'w')];
  const buffer = Buffer.allocUnsafeSlow(MIB);
  const hash = createHash('sha256');
  for (let count = readSync(from, buffer); count > 0; count = readSync(from, buffer)) {
    hash.update(buffer.subarray(0, count));
    writeSync(to, buffer, 0, count);
  }
  hash.digest();
  fsyncSync(to);
  closeSync(from);
  closeSync(to);
}

/** The command as it is installed: its starter and its bundle, without the sources beside them. */
function shipped(place: string): string {
  const command = join(HOUSE, 'packages/cli');
  for (const part of ['package.json', 'bin', 'dist/bundle'])
    cpSync(join(command, part), join(place, 'command', part), { recursive: true });
  return join(place, 'command/bin/seatrial.js');
}

function processSubjects(place: string): readonly Subject[] {
  const subject = (name: string, command: readonly string[]): Subject => ({
    name,
    round: () => runProgram(command, { workingDirectory: place }),
  });
  const command = shipped(place);
  const ours = (words: readonly string[]): readonly string[] => [process.execPath, command, 'capsule', ...words];
  return [
    subject(HASH_COMMAND, ['openssl', 'dgst', '-sha256', IMAGE]),
    subject('dd, synced (copy only)', ['dd', `if=${IMAGE}`, 'of=copy.bin', 'bs=1M', 'conv=fsync', 'status=none']),
    subject('node, doing nothing', [process.execPath, '-e', '0']),
    subject('seatrial capsule build', ours(BUILD)),
    subject('seatrial capsule sign', ours(SIGN)),
    subject('seatrial capsule verify', ours(VERIFY)),
    subject('openssl smime -sign (signature only)', [
      ...['openssl', 'smime', '-sign', '-binary', '-outform', 'DER', '-md', 'sha256', '-signer', 'certs/QcFMPCert.pem'],
      ...['-certfile', 'certs/QcFMPSub.pub.pem', '-in', 'firmware.fv', '-out', 'openssl.der'],
    ]),
    subject('mkeficapsule (signed)', [
      ...['mkeficapsule', '-g', '78462415-6133-431C-9FAE-48F2BAFD5C71', '-i', '1', '-m', '2'],
      ...['-p', 'certs/QcFMPCert.key', '-c', 'certs/QcFMPCert.crt', 'firmware.fv', 'uboot.cap'],
    ]),
  ];
}
