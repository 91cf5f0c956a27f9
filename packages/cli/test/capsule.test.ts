// `seatrial capsule`, run as it is typed, in a directory of its own: each step of the guide, and everything it must refuse.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ran, runCli } from './support/run-cli.ts';

const VECTORS = join(import.meta.dirname, '../../capsule-plan/test/vectors');
let place = '';

const capsule = async (...words: readonly string[]): Promise<Ran> =>
  await runCli(['capsule', ...words], { cwd: place });
const at = (...parts: readonly string[]): string => join(place, ...parts);
const bytesOf = (name: string): Buffer => readFileSync(at(name));
const vector = (name: string): Buffer => readFileSync(join(VECTORS, name));
const openssl = (...words: readonly string[]): string =>
  execFileSync('openssl', words, { cwd: place, encoding: 'latin1', stdio: 'pipe' });

/** Fails the test with what the command said. */
async function done(...words: readonly string[]): Promise<Ran> {
  const ran = await capsule(...words);
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' });
  return ran;
}

const errorOf = (ran: Ran): string | undefined => /error ([A-Z_]+|usage):/.exec(ran.err)?.[1];

/** How a command ended, and which files it left that were not there before. */
async function attempt(...words: readonly string[]) {
  const before = new Set(readdirSync(place));
  const ran = await capsule(...words);
  return { code: ran.code, error: errorOf(ran), left: readdirSync(place).filter(name => !before.has(name)) };
}

/** Refused with this code, and not a file more than before. */
const refusal = (error: string) => ({ code: 2, error, left: [] });

const DOCUMENT = `apiVersion: seatrial.dev/v1alpha1
kind: CapsuleBuild
metadata: { name: test }
spec:
  target: QCS9100
  storage: UFS
  version: 0.0.1.3
  lowestSupported: 0.0.1.0
  images:
    - file: images/xbl.elf
    - { file: images/uefi.elf, operation: ignore }
    - file: images/tz.mbn
  signing:
    certificate: certs/QcFMPCert.pem
    chain: [certs/QcFMPSub.pub.pem]
    trustAnchors: [certs/QcFMPRoot.pub.pem]
    signingTime: "2026-03-01T00:00:00Z"
  output: built.cap
`;

const write = (name: string, text: string | Uint8Array): string => {
  writeFileSync(at(name), text);
  return name;
};
const document = (name: string, from: string, to: string): string => write(name, DOCUMENT.replace(from, to));

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'seatrial-capsule-'));
  cpSync(join(VECTORS, 'images/d1-qcs9100-ufs-4img'), at('images'), { recursive: true });
  for (const name of ['certs', 'certs-evil', 'certs-expired'])
    cpSync(join(VECTORS, name), at(name), { recursive: true });
  write('build.yaml', DOCUMENT);
  await done('version-create', '0.0.1.2', '--lowest', '0.0.0.0');
  await done('build', 'build.yaml');
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

describe("the guide's steps", () => {
  test('when they are typed one after the other, then each file is the vendor tools’ own, byte for byte', async () => {
    expect(bytesOf('SYSFW_VERSION.bin')).toEqual(vector('sysfw/SYSFW_VERSION-0.0.1.2-low-0.0.0.0.bin'));
    const update = ['xbl.elf', 'xbl_config.elf', 'uefi.elf', 'tz.mbn'].flatMap(name => ['--update', name]);
    await done('fv-xml', '--target', 'QCS9100', '--storage', 'UFS', ...update);
    expect(bytesOf('FvUpdate.xml')).toEqual(vector('fv/d1-qcs9100-ufs-4img.FvUpdate.xml'));
    const guids = [
      'D7ECD727-C9BF-494E-BBCA-6A80DA0868F6',
      'B62106F9-DCEE-45A0-A26C-4B4224713EB5',
      '527A795D-C22C-4AAF-9D9F-A117562726A4',
      '44046C8E-05FA-4BE2-8AD0-DE23184113D8',
    ].flatMap(guid => ['--file-guid', guid]);
    await done('fv-create', 'FvUpdate.xml', 'SYSFW_VERSION.bin', 'images', ...guids);
    expect(bytesOf('firmware.fv').equals(vector('fv/d1-qcs9100-ufs-4img.firmware.fv'))).toBe(true);
    const config = vector('cap/d1-qcs9100-ufs-4img.config.json').toString('utf8').replaceAll('QcFMP', 'certs/QcFMP');
    write('config.json', config);
    const fixed = ['--signing-time', '2026-03-01T12:00:00Z'];
    await done('build', '--config', 'config.json', '--capflag', 'PersistAcrossReset', ...fixed, '--out', 'guide.cap');
    expect(bytesOf('guide.cap').equals(vector('cap/d1-qcs9100-ufs-4img.cap'))).toBe(true);
  });

  test('when a version file is shown, then in the words of the vendor tool where they are asked for', async () => {
    expect((await done('version-show', 'SYSFW_VERSION.bin', '-o', 'reference')).out).toContain(
      'VersionDataCrc32: 2492159960',
    );
    expect(JSON.parse((await done('version-show', 'SYSFW_VERSION.bin', '-o', 'json')).out)).toMatchObject({
      version: '0.0.1.2',
    });
  });

  test('when an embedded controller’s image is packed, then the volume is the vendor tool’s', async () => {
    write('ec.bin', vector('images/ec/ec.bin'));
    await done('fv-create', '--ec', 'ec.bin', '--out', 'ec.fv');
    expect(bytesOf('ec.fv')).toEqual(vector('fv/d11-ec.ec.fv'));
  });
});

describe('one document', () => {
  test('when it is built twice, then the capsules are equal and their board accepts them', async () => {
    const first = bytesOf('built.cap');
    await done('build', 'build.yaml', '--out', 'again.cap');
    expect(bytesOf('again.cap').equals(first)).toBe(true);
    await done('verify', 'built.cap', '--trust', 'certs/QcFMPRoot.inc', '--target', 'QCS9100');
  });

  test('when it has mistakes, then all are told at once with their places, and nothing is written', async () => {
    const wrong = DOCUMENT.replace('UFS', 'UFO').replace('0.0.1.3', '1.0.1.3').replace('output: built', 'outpt: wrong');
    write('wrong.yaml', wrong);
    const ran = await capsule('build', 'wrong.yaml', '-o', 'json');
    const { issues } = JSON.parse(ran.out) as { issues: readonly { code: string; line: number }[] };
    expect(ran.code).toBe(1);
    expect(issues.map(({ code }) => code).toSorted()).toEqual([
      'missing-field',
      'unknown-key',
      'wrong-value',
      'wrong-value',
    ]);
    expect(existsSync(at('wrong.cap'))).toBe(false);
  });

  test.each([
    ['a missing image', 'IMAGE_MISSING', 'images/tz.mbn', 'images/none/tz.mbn'],
    ['an image without a partition', 'PARTITION_MISSING', 'images/tz.mbn', 'images/nothing.bin'],
    ['a floor above the version', 'LOW_ABOVE_FW', 'lowestSupported: 0.0.1.0', 'lowestSupported: 0.0.1.4'],
    ['one destination twice', 'DUP_DEST', 'images/tz.mbn', 'images/../images/xbl.elf'],
    ['an unknown target', 'TARGET_UNKNOWN', 'QCS9100', 'QCS9999'],
    ['a storage without a table', 'STORAGE_UNKNOWN', 'storage: UFS', 'storage: EMMC'],
    ['a target whose table is gone', 'STORAGE_UNKNOWN', 'QCS9100', 'QCS615'],
    ['a signer that is not trusted', 'AUTH_UNTRUSTED', 'trustAnchors: [certs/', 'trustAnchors: [certs-evil/'],
    ['a dependency that can not be read', 'DEPENDENCY_TEXT', '  images:', '  dependencies: "1 >> 2"\n  images:'],
  ])('when it has %s, then it is refused before anything is written', async (name, code, from, to) => {
    const file = document(`${name.replaceAll(/\W/g, '-')}.yaml`, from, to);
    expect(await attempt('build', file, '--out', 'never.cap')).toEqual(refusal(code));
  });
});

describe('bad input', () => {
  const edited = (from: string, to: string): string => {
    const xml = vector('fv/d1-qcs9100-ufs-4img.FvUpdate.xml').toString('utf8');
    expect(xml).toContain(from);
    return write('edited.xml', xml.replace(from, to));
  };
  const create = ['SYSFW_VERSION.bin', 'images', '--out', 'never.fv'];

  test.each([
    ['a document type', 'XML_DOCTYPE', '<FVItems>', '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><FVItems>'],
    ['an external entity', 'XML_DOCTYPE', '<FVItems>', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><FVItems>'],
    ['an undeclared entity', 'XML_MALFORMED', 'xbl.elf', '&a;'],
    ['an open element', 'XML_MALFORMED', '</FVItems>', ''],
    ['an unknown operation', 'XML_VALUE', '<Operation>UPDATE', '<Operation>MAYBE'],
    ['a disk that the flash has not', 'DISK_TYPE', 'UFS_LUN4', 'NVME'],
    ['a GUID that is none, in an ignored entry', 'XML_VALUE', 'D69E90A5-4CAB-0071-F6DF-AB977F141A7F', 'D69E90A5'],
    ['a file name with a path', 'XML_VALUE', '<InputBinary>tz.mbn', '<InputBinary>../tz.mbn'],
    ['a missing element', 'XML_ELEMENT', '<InputPath>Images</InputPath>', ''],
    ['an image that is nowhere', 'IMAGE_MISSING', '<InputBinary>tz.mbn', '<InputBinary>tz2.mbn'],
    [
      'its backup as destination',
      'DEST_IS_BACKUP',
      'tz_b</PartitionName>\n      <PartitionTypeGUID>C832EA16-8B0D-4398-A67B-EBB30EF98E7E',
      'tz_a</PartitionName>\n      <PartitionTypeGUID>A053AA7F-40B8-4B1C-BA08-2F68AC71A4F4',
    ],
    [
      'one destination twice',
      'DUP_DEST',
      'uefi_a</PartitionName>\n      <PartitionTypeGUID>400FFDCD-22E0-47E7-9A23-F16ED9382388',
      'tz_a</PartitionName>\n      <PartitionTypeGUID>A053AA7F-40B8-4B1C-BA08-2F68AC71A4F4',
    ],
  ])(
    'when FvUpdate.xml has %s, then it is refused with a code and nothing is written',
    async (_name, code, from, to) => {
      const xml = edited(from, to);
      expect(await attempt('fv-create', xml, ...create)).toEqual(refusal(code));
    },
  );

  test('when FvUpdate.xml is a bomb of comments or nesting, then it is refused at once', async () => {
    write('comments.xml', '<!--'.repeat(200_000));
    expect(await attempt('fv-create', 'comments.xml', ...create)).toEqual(refusal('XML_MALFORMED'));
    write('nested.xml', '<a>'.repeat(100_000));
    expect(await attempt('fv-create', 'nested.xml', ...create)).toEqual(refusal('XML_MALFORMED'));
    write('large.xml', `<a>${' '.repeat(1024 * 1024)}</a>`);
    expect(await attempt('fv-create', 'large.xml', ...create)).toEqual(refusal('XML_TOO_LARGE'));
  });

  test.each([
    ['words', 'VERSION_TEXT', 'one', '0.0.0.0'],
    ['three parts', 'VERSION_TEXT', '0.1.2', '0.0.0.0'],
    ['first numbers that firmware ignores', 'VERSION_TEXT', '1.0.1.2', '0.0.0.0'],
    ['a part beyond 16 bits', 'VERSION_RANGE', '0.0.1.65536', '0.0.0.0'],
    ['a floor above it', 'LOW_ABOVE_FW', '0.0.1.2', '0.0.1.3'],
  ])('when a version is %s, then no file appears', async (_name, code, version, lowest) => {
    expect(await attempt('version-create', version, '--lowest', lowest, '--out', 'never.bin')).toEqual(refusal(code));
  });

  test('when a version file has a wrong CRC or is cut, then it is refused', async () => {
    const damaged = Buffer.from(bytesOf('SYSFW_VERSION.bin'));
    damaged.writeUInt8(1, 21);
    write('damaged.bin', damaged);
    expect(await attempt('version-show', 'damaged.bin')).toEqual(refusal('VERSION_FILE'));
    write('short.bin', damaged.subarray(0, 27));
    expect(await attempt('version-show', 'short.bin')).toEqual(refusal('VERSION_FILE'));
  });

  test('when the output directory does not exist, then the code says so', async () => {
    expect(await attempt('version-create', '0.0.1.2', '--lowest', '0.0.0.0', '--out', 'none/there.bin')).toEqual(
      refusal('OUTPUT_FAILED'),
    );
  });
});

describe('signing', () => {
  const chain = ['--chain', 'certs/QcFMPSub.pub.pem'];
  const fixed = ['--signing-time', '2026-03-01T00:00:00Z'];

  test('when a key does not belong to the certificate, then nothing is written', async () => {
    const words = ['--certificate', 'certs/QcFMPCert.crt', '--key', 'certs-evil/QcFMPCert.key', '--out', 'never.cap'];
    expect(await attempt('sign', 'built.cap', ...words)).toEqual(refusal('KEY_MISMATCH'));
  });

  test('when a certificate has expired, then the strict policy refuses to sign with it', async () => {
    const words = ['--certificate', 'certs-expired/QcFMPCert.pem', '--out', 'never.cap'];
    expect(await attempt('sign', 'built.cap', '--strict', ...fixed, ...words)).toEqual(refusal('CERT_EXPIRED'));
    await done(
      'sign',
      'built.cap',
      '--certificate',
      'certs-expired/QcFMPCert.pem',
      '--chain',
      'certs-expired/QcFMPSub.pub.pem',
      ...fixed,
      '--out',
      'expired.cap',
    );
    await done('verify', 'expired.cap', '--trust', 'certs-expired/QcFMPRoot.pub.pem');
    const strict = await capsule(
      'verify',
      'expired.cap',
      '--trust',
      'certs-expired/QcFMPRoot.pub.pem',
      '--policy',
      'strict',
      '-o',
      'json',
    );
    expect([strict.code, JSON.parse(strict.out)]).toMatchObject([1, { code: 'AUTH_EXPIRED', layer: 'auth' }]);
  });

  test('when a key is too short or of another kind, then it is refused', async () => {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:1024',
      '-nodes',
      '-keyout',
      'short.key',
      '-out',
      'short.crt',
      '-subj',
      '/CN=short',
    );
    expect(
      await attempt('sign', 'built.cap', '--certificate', 'short.crt', '--key', 'short.key', '--out', 'never.cap'),
    ).toEqual(refusal('KEY_TYPE'));
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'ec.key',
      '-out',
      'ec.crt',
      '-subj',
      '/CN=ec',
    );
    expect(
      await attempt('sign', 'built.cap', '--certificate', 'ec.crt', '--key', 'ec.key', '--out', 'never.cap'),
    ).toEqual(refusal('KEY_TYPE'));
  });

  test('when a key is encrypted, then its passphrase opens it, and a wrong or missing one has its code', async () => {
    write('right', 'correct horse\n');
    write('wrong', 'battery staple\n');
    openssl('pkcs8', '-topk8', '-in', 'certs/QcFMPCert.key', '-out', 'pkcs8.key', '-passout', 'file:right');
    openssl(
      'rsa',
      '-aes256',
      '-traditional',
      '-in',
      'certs/QcFMPCert.key',
      '-out',
      'traditional.key',
      '-passout',
      'file:right',
    );
    for (const key of ['pkcs8.key', 'traditional.key']) {
      const words = ['sign', 'built.cap', '--certificate', 'certs/QcFMPCert.crt', '--key', key, ...chain, ...fixed];
      expect(await attempt(...words, '--out', 'never.cap')).toEqual(refusal('KEY_PASSPHRASE'));
      expect(await attempt(...words, '--passphrase-file', 'wrong', '--out', 'never.cap')).toEqual(
        refusal('KEY_PASSPHRASE'),
      );
      await done(...words, '--passphrase-file', 'right', '--out', `${key}.cap`);
      expect(bytesOf(`${key}.cap`).equals(bytesOf('built.cap'))).toBe(true);
    }
  });

  test.each(['sha256', 'sha384', 'sha512'])(
    'when %s and RSA of 4096 bits sign, then openssl verifies the block too',
    async digest => {
      const home = `own-${digest}`;
      await done('certs', home, '--bits', digest === 'sha512' ? '4096' : '3072');
      const words = [
        '--certificate',
        `${home}/QcFMPCert.pem`,
        '--chain',
        `${home}/QcFMPSub.pub.pem`,
        '--trust',
        `${home}/QcFMPRoot.cer`,
      ];
      await done('sign', 'built.cap', ...words, '--digest', digest, '--out', `${digest}.cap`);
      await done('verify', `${digest}.cap`, '--trust', `${home}/QcFMPRoot.inc`, '--policy', 'strict');
      const { block, content } = signatureOf(bytesOf(`${digest}.cap`));
      write('block.der', block);
      write('content.bin', content);
      openssl(
        'smime',
        '-verify',
        '-binary',
        '-inform',
        'DER',
        '-in',
        'block.der',
        '-content',
        'content.bin',
        '-CAfile',
        `${home}/QcFMPRoot.pub.pem`,
        '-purpose',
        'any',
        '-out',
        'content.out',
      );
      expect(openssl('x509', '-in', `${home}/QcFMPSub.pub.pem`, '-noout', '-text')).toContain(
        'sha256WithRSAEncryption',
      );
      openssl(
        'verify',
        '-x509_strict',
        '-CAfile',
        `${home}/QcFMPRoot.pub.pem`,
        '-untrusted',
        `${home}/QcFMPSub.pub.pem`,
        `${home}/QcFMPCert.crt`,
      );
    },
  );

  test('when keys would be overwritten, then certs refuses', async () => {
    await done('certs', 'kept');
    expect(await attempt('certs', 'kept')).toEqual(refusal('OUTPUT_FAILED'));
  });

  test('when the key is in a token, then the capsule is the one that the key in a file gives', async () => {
    const tokens = at('tokens');
    mkdirSync(tokens, { recursive: true });
    write('softhsm2.conf', `directories.tokendir = ${tokens}\n`);
    process.env['SOFTHSM2_CONF'] = at('softhsm2.conf');
    const softhsm = (...words: readonly string[]): string =>
      execFileSync('softhsm2-util', words, { cwd: place, encoding: 'utf8' });
    softhsm('--init-token', '--free', '--label', 'fw', '--so-pin', '1234', '--pin', '5678');
    softhsm('--import', 'certs/QcFMPCert.key', '--token', 'fw', '--label', 'leaf', '--id', '01', '--pin', '5678');
    write('pin', '5678\n');
    write('wrong-pin', '8765\n');
    const token = [
      '--pkcs11',
      'pkcs11:token=fw;object=leaf;type=private',
      '--module',
      '/usr/lib/softhsm/libsofthsm2.so',
    ];
    const words = ['sign', 'built.cap', '--certificate', 'certs/QcFMPCert.crt', ...chain, ...fixed, ...token];
    await done(...words, '--pin-file', 'pin', '--out', 'token.cap');
    expect(bytesOf('token.cap').equals(bytesOf('built.cap'))).toBe(true);
    expect(await attempt(...words, '--pin-file', 'wrong-pin', '--out', 'never.cap')).toEqual(refusal('KEY_TOKEN'));
    const other = ['sign', 'built.cap', '--certificate', 'certs-evil/QcFMPCert.crt', ...token, '--pin-file', 'pin'];
    expect(await attempt(...other, '--out', 'never.cap')).toEqual(refusal('KEY_MISMATCH'));
  });
});

/** The PKCS#7 block of a capsule as edk2 writes it, and what it covers. */
function signatureOf(capsuleBytes: Buffer): { readonly block: Buffer; readonly content: Buffer } {
  const authentication = 32 + 16 + 48;
  const length = capsuleBytes.readUInt32LE(authentication + 8);
  const block = capsuleBytes.subarray(authentication + 32, authentication + 8 + length);
  const content = Buffer.concat([
    capsuleBytes.subarray(authentication + 8 + length),
    capsuleBytes.subarray(authentication, authentication + 8),
  ]);
  return { block, content };
}

describe('verify and inspect', () => {
  test('when a capsule is accepted, refused or can not be judged, then the exit code is 0, 1 or 2', async () => {
    write('flip.cap', vector('hostile/flip-image.cap'));
    expect((await capsule('verify', 'built.cap', '--trust', 'certs/QcFMPRoot.cer')).code).toBe(0);
    const ran = await capsule('verify', 'flip.cap', '--trust', 'certs/QcFMPRoot.cer', '-o', 'json');
    expect([ran.code, JSON.parse(ran.out)]).toMatchObject([
      1,
      { verdict: 'refused', code: 'AUTH_SIGNATURE', layer: 'auth' },
    ]);
    expect((await capsule('verify', 'none.cap', '--trust', 'certs/QcFMPRoot.cer')).code).toBe(2);
    expect((await capsule('verify', 'built.cap', '--trust', 'build.yaml')).code).toBe(2);
    expect((await capsule('verify', 'built.cap')).code).toBe(2);
  });

  test('when a signature is wrong, then inspect shows nothing behind it', async () => {
    const whole = JSON.parse((await done('inspect', 'built.cap', '-o', 'json')).out) as {
      capsule: { payloads: readonly object[] };
    };
    expect(whole.capsule.payloads[0]).toMatchObject({ fwVersion: '0.0.1.3', metadata: { revision: 3 } });
    const ran = await capsule('inspect', 'flip.cap', '-o', 'json');
    const broken = JSON.parse(ran.out) as { capsule: { payloads: readonly object[] } };
    expect(ran.code).toBe(1);
    expect(broken.capsule.payloads[0]).not.toHaveProperty('volume');
    expect(broken.capsule.payloads[0]).not.toHaveProperty('fwVersion');
  });

  test('when the ESRT of a board is given, then the answer is that of its firmware', async () => {
    const entry = (name: string, floor: number, flags = 0): string => {
      mkdirSync(at(name), { recursive: true });
      const members = {
        fw_class: '78462415-6133-431c-9fae-48f2bafd5c71',
        fw_version: 0x10002,
        lowest_supported_fw_version: floor,
        capsule_flags: flags,
      };
      for (const [member, value] of Object.entries(members)) write(join(name, member), `${value}\n`);
      return name;
    };
    const verify = async (esrt: string): Promise<unknown> => {
      const ran = await capsule('verify', 'built.cap', '--trust', 'certs/QcFMPRoot.cer', '--esrt', esrt, '-o', 'json');
      return JSON.parse(ran.out);
    };
    expect(await verify(entry('fits', 1))).toMatchObject({ verdict: 'accepted', change: 'upgrade' });
    expect(await verify(entry('floor', 0x10004))).toMatchObject({ code: 'ESRT_FLOOR', lastAttemptStatus: 3 });
    expect(await verify(entry('flags', 1, 0x8000))).toMatchObject({ code: 'ESRT_FLAGS' });
  });

  test('when Debian’s mkeficapsule makes a capsule, then it is read and its signature holds', async () => {
    write('fit.itb', vector('images/mkefi/fit.itb'));
    const words = [
      '-g',
      '6F25BFD2-A165-468B-980F-AC51A0A45C52',
      '-i',
      '1',
      '-m',
      '7',
      '-p',
      'certs/QcFMPRoot.key',
      '-c',
      'certs/QcFMPRoot.pub.pem',
      'fit.itb',
      'uboot.cap',
    ];
    const made = spawnSync('mkeficapsule', words, { cwd: place });
    expect(made.status).toBe(0);
    await done('verify', 'uboot.cap', '--trust', 'certs/QcFMPRoot.pub.pem', '--opaque', '--index', '1');
    expect((await capsule('verify', 'uboot.cap', '--trust', 'certs-evil/QcFMPRoot.pub.pem', '--opaque')).code).toBe(1);
    expect((await done('inspect', 'uboot.cap')).out).toContain('monotonic count 7');
  });
});
