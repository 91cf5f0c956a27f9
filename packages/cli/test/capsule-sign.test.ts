// `seatrial capsule sign` and `certs`: keys of every kind, and openssl as a second opinion.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  at,
  attempt,
  bytesOf,
  capsule,
  done,
  openssl,
  placeOf,
  refusal,
  usePlace,
  write,
} from './support/capsule-place.ts';
import { runCli } from './support/run-cli.ts';
import { onTerminal } from './support/terminal.ts';

usePlace();

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
        `${home}/QcFMPSub.crt`,
        `${home}/QcFMPCert.crt`,
      );
    },
  );

  test.each([
    ['the passphrase', 'open sesame\r', 0, undefined],
    ['another one', 'open barley\r', 2, 'KEY_PASSPHRASE'],
    ['the end of input', '\x04', 2, 'KEY_PASSPHRASE'],
    ['Ctrl-C', '\x03', 2, 'INTERRUPTED'],
  ])(
    'when a terminal answers the question for a passphrase with %s, then that decides',
    async (_name, keys, code, error) => {
      openssl('pkcs8', '-topk8', '-in', 'certs/QcFMPCert.key', '-passout', 'pass:open sesame', '-out', 'asked.key');
      const words = [
        'sign',
        'built.cap',
        '--certificate',
        'certs/QcFMPCert.crt',
        '--key',
        'asked.key',
        '--out',
        'asked.cap',
      ];
      const ended = await onTerminal(['capsule', ...words], { after: 'Passphrase', type: keys });
      expect([ended.code, /error (?:\S*m)?([A-Z_]+)/.exec(ended.shown)?.[1]]).toEqual([code, error]);
      expect(ended.shown).not.toContain(keys.trim());
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
      execFileSync('softhsm2-util', words, { cwd: placeOf(), encoding: 'utf8' });
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

describe('stopping', () => {
  test('when the user asks for an end, then the command ends and leaves nothing', async () => {
    const before = readdirSync(placeOf());
    const words = ['capsule', 'build', 'build.yaml', '--out', 'never.cap'];
    const ran = await runCli(words, { cwd: placeOf(), stop: AbortSignal.abort() });
    expect([ran.code, /error ([A-Z]+)/.exec(ran.err)?.[1]]).toEqual([2, 'INTERRUPTED']);
    expect(readdirSync(placeOf())).toEqual(before);
  });
});
