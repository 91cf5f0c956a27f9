import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  at,
  attempt,
  bytesOf,
  capsule,
  DOCUMENT,
  document,
  done,
  refusal,
  usePlace,
  vector,
  write,
} from './support/capsule-place.ts';

usePlace();

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
  test('when a config.json is given beside it, then neither is chosen', async () => {
    expect(await attempt('build', 'build.yaml', '--config', 'config.json', '--out', 'never.cap')).toEqual(
      refusal('usage'),
    );
  });

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
    ['7', 7n],
    ['"0xffffffffffffffff"', 0xffff_ffff_ffff_ffffn],
    ['"18446744073709551615"', 0xffff_ffff_ffff_ffffn],
  ])('when its monotonic count is %s, then the capsule carries all 64 bits of it', async (text, count) => {
    const file = document('count.yaml', '  images:', `  monotonicCount: ${text}\n  images:`);
    await done('build', file, '--out', 'count.cap');
    const { capsule: built } = JSON.parse((await done('inspect', 'count.cap', '-o', 'json')).out) as {
      capsule: { payloads: readonly { authentication: { monotonicCount: string } }[] };
    };
    expect(built.payloads[0]?.authentication.monotonicCount).toBe(`0x${count.toString(16)}`);
  });

  test.each(['18446744073709551615', '"0x10000000000000000"', '-1', '1.5', 'many'])(
    'when its monotonic count is %s, then it has a mistake',
    async text => {
      const file = document('count.yaml', '  images:', `  monotonicCount: ${text}\n  images:`);
      expect((await attempt('build', file, '--out', 'never.cap')).code).toBe(1);
    },
  );

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

describe('a config.json', () => {
  test('when each payload names its own signer and digest, then each is signed so', async () => {
    await done('fv-xml', '--target', 'QCS9100', '--storage', 'UFS', '--update', 'tz.mbn', '--out', 'two.xml');
    await done('fv-create', 'two.xml', 'SYSFW_VERSION.bin', 'images', '--out', 'two.fv');
    const payload = (certs: string, more: object) => ({
      ...{ Guid: '78462415-6133-431C-9FAE-48F2BAFD5C71', FwVersion: '0x10002', LowestSupportedVersion: '0x0' },
      ...{ MonotonicCount: '0x2', HardwareInstance: '0x0', UpdateImageIndex: '0x1', Payload: 'two.fv' },
      OpenSslSignerPrivateCertFile: `${certs}/QcFMPCert.pem`,
      OpenSslOtherPublicCertFile: `${certs}/QcFMPSub.pub.pem`,
      OpenSslTrustedPublicCertFile: `${certs}/QcFMPRoot.pub.pem`,
      ...more,
    });
    const config = {
      Payloads: [payload('certs', {}), payload('certs-evil', { HashAlgorithm: 'sha384', UpdateImageIndex: '0x2' })],
    };
    await done('build', '--config', write('two.json', JSON.stringify(config)), '--out', 'two.cap');
    const both = ['--trust', 'certs/QcFMPRoot.cer', '--trust', 'certs-evil/QcFMPRoot.pub.pem'];
    await done('verify', 'two.cap', ...both);
    expect((await capsule('verify', 'two.cap', '--trust', 'certs/QcFMPRoot.cer')).code).toBe(1);
    const { capsule: built } = JSON.parse((await done('inspect', 'two.cap', '-o', 'json')).out) as {
      capsule: { payloads: readonly { authentication: { signers: readonly { digest: string }[] } }[] };
    };
    expect(built.payloads.map(({ authentication }) => authentication.signers[0]?.digest)).toEqual(['sha256', 'sha384']);
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

  test('when the output is a pipe or a device, then it stays one', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    expect(await attempt('version-create', '0.0.1.2', '--lowest', '0.0.0.0', '--out', 'pipe')).toEqual(
      refusal('OUTPUT_FAILED'),
    );
    expect(lstatSync(at('pipe')).isFIFO()).toBe(true);
  });
});
