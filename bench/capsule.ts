// How long building, signing and verifying a 64 MiB capsule takes, against hashing the same bytes once, openssl and
// mkeficapsule, and how much memory each needs.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@seatrial/cli';
import { systemClock } from '@seatrial/spec';
import { type Benchmark, type Findings, roundsOf, type Setting } from './benchmark.ts';
import { HOUSE } from './house.ts';
import { type Comparison, type Metric, measure, type Sample, type Subject } from './measure.ts';

const MIB = 1024 * 1024;

export const capsule: Benchmark = {
  name: 'capsule',
  title: 'Capsules of 64 MiB',
  about:
    'A signed capsule can not be made or judged without hashing its payload, so SHA-256 over the same bytes in memory is the ' +
    'limit. Our commands run in one warm process beside it, files on the same disk, output synced. `openssl smime` makes the ' +
    'signature alone; `mkeficapsule` makes a whole capsule. Whole processes are compared apart, with their peak memory; an ' +
    'empty Node process stands beside them, since no JavaScript program can need less.',
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
    metrics: PROCESS_METRICS,
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
const PROCESS_METRICS: readonly Metric[] = [
  { key: 'wallMs', label: 'wall clock, ms', better: 'less' },
  { key: 'peakRssMiB', label: 'peak RSS, MiB', better: 'less' },
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
const HASH_COMMAND = 'openssl dgst -sha256';

function insideSubjects(place: string): readonly Subject[] {
  const image = readFileSync(join(place, IMAGE));
  const command = (name: string, words: readonly string[]): Subject => ({
    name,
    round: () => timed(() => seatrial(place, words)),
  });
  return [
    { name: LIMIT, round: () => timed(() => hashOnce(image)) },
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

function processSubjects(place: string): readonly Subject[] {
  const subject = (name: string, command: readonly string[]): Subject => ({
    name,
    round: () => runProcess(place, command),
  });
  const ours = (words: readonly string[]): readonly string[] => [
    process.execPath,
    join(HOUSE, 'packages/cli/bin/seatrial.js'),
    'capsule',
    ...words,
  ];
  return [
    subject(HASH_COMMAND, ['openssl', 'dgst', '-sha256', IMAGE]),
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

async function runProcess(place: string, [program = '', ...words]: readonly string[]): Promise<Sample> {
  const started = performance.now();
  const child = spawn(program, words, { cwd: place, stdio: 'ignore' });
  const peak = watchPeak(child);
  const code = await new Promise<unknown>(resolve => {
    child.on('exit', resolve);
    child.on('error', resolve);
  });
  const wallMs = performance.now() - started;
  if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${String(code)}`);
  return { wallMs, peakRssMiB: peak() / 1024 };
}

/** The largest VmHWM seen while the process ran, in KiB; the kernel keeps it, so that only the last look must be late. */
function watchPeak(child: ChildProcess): () => number {
  let peakKib = 0;
  const look = (): void => {
    try {
      const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1')) ?? [];
      peakKib = Math.max(peakKib, Number(kib ?? 0));
    } catch {
      // It has ended between two looks.
    }
  };
  const timer = setInterval(look, 1);
  return () => {
    clearInterval(timer);
    return peakKib;
  };
}
