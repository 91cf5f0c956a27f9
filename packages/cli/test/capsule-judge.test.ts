// `seatrial capsule inspect` and `verify`: verdicts, exit codes, and what a board would answer.

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { at, capsule, document, done, errorOf, placeOf, usePlace, vector, write } from './support/capsule-place.ts';

usePlace();

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

  test.each(['nonsense', '-5', '', '1e3', '4294967296', '0x1ffffffff'])(
    'when a floor reads "%s", then it can not be judged, and never passes for 0',
    async floor => {
      mkdirSync(at('strange'), { recursive: true });
      const members = { fw_class: '78462415-6133-431c-9fae-48f2bafd5c71', fw_version: '65538', capsule_flags: '0x0' };
      for (const [member, text] of Object.entries({ ...members, lowest_supported_fw_version: floor }))
        write(join('strange', member), `${text}\n`);
      const ran = await capsule('verify', 'built.cap', '--trust', 'certs/QcFMPRoot.cer', '--esrt', 'strange');
      expect([ran.code, errorOf(ran)]).toEqual([2, 'INPUT_UNREADABLE']);
    },
  );

  test('when a capsule depends on other firmware of the board, then the entries beside its own are asked', async () => {
    const other = '6F25BFD2-A165-468B-980F-AC51A0A45C52';
    const file = document('depends.yaml', '  images:', `  dependencies: "${other} >= 0.0.2.0"\n  images:`);
    await done('build', file, '--out', 'depends.cap');
    const entry = (name: string, fwClass: string, version: number): string => {
      mkdirSync(at('table', name), { recursive: true });
      const members = { fw_class: fwClass, fw_version: version, lowest_supported_fw_version: 0, capsule_flags: '0x0' };
      for (const [member, value] of Object.entries(members)) write(join('table', name, member), `${value}\n`);
      return join('table', name);
    };
    const own = entry('entry0', '78462415-6133-431c-9fae-48f2bafd5c71', 0x10000);
    const verify = async () => await capsule('verify', 'depends.cap', '--trust', 'certs/QcFMPRoot.cer', '--esrt', own);
    expect((await verify()).code).toBe(1);
    entry('entry1', other, 0x1ffff);
    expect((await verify()).code).toBe(1);
    entry('entry1', other, 0x20000);
    expect((await verify()).code).toBe(0);
  });

  test('when a capsule is signed at a time, then inspect names that time, also after 2049', async () => {
    for (const time of ['2026-03-01T12:34:56Z', '2051-03-01T12:34:56Z']) {
      await done('build', 'build.yaml', '--signing-time', time, '--out', 'timed.cap');
      expect((await done('inspect', 'timed.cap')).out).toContain(time.replace('T', ' ').replace('Z', ' UTC'));
    }
  });

  test('when a capsule accepts firmware on trial, then inspect names that firmware', async () => {
    write('accept.cap', vector('mkeficapsule/m5-accept.cap'));
    expect((await done('inspect', 'accept.cap')).out).toContain('6F25BFD2-A165-468B-980F-AC51A0A45C52');
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
    const made = spawnSync('mkeficapsule', words, { cwd: placeOf() });
    expect(made.status).toBe(0);
    await done('verify', 'uboot.cap', '--trust', 'certs/QcFMPRoot.pub.pem', '--opaque', '--index', '1');
    expect((await capsule('verify', 'uboot.cap', '--trust', 'certs-evil/QcFMPRoot.pub.pem', '--opaque')).code).toBe(1);
    expect((await done('inspect', 'uboot.cap')).out).toContain('monotonic count 7');
  });
});
