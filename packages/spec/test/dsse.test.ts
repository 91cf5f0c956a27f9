// Envelopes: what verifies, and every way in which one must not.

import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addSignatures,
  type DsseEnvelope,
  parseEnvelope,
  preAuthenticationEncoding,
  publicKeyOf,
  type SigningRole,
  signEnvelope,
  verifyEnvelope,
} from '../src/index.ts';
import { keyId, newKey, type TestKey } from './keys.ts';

const TYPE = 'application/vnd.seatrial.test+json';
const PAYLOAD = Buffer.from('{"a":1}');
const [alice, bob, carol, mallory] = ['alice', 'bob', 'carol', 'mallory'].map(newKey) as [
  TestKey,
  TestKey,
  TestKey,
  TestKey,
];

const role = (name: string, threshold: number, ...keys: TestKey[]): SigningRole => ({
  role: name,
  threshold,
  keys: new Map(keys.map(key => [key.keyId, key.public])),
});
const verdict = (envelope: DsseEnvelope, ...roles: SigningRole[]): string => {
  const result = verifyEnvelope(envelope, TYPE, roles);
  return result.ok ? 'verified' : result.error.code;
};

test('when the norm gives an example, then the encoding is the same', () => {
  const encoded = preAuthenticationEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));
  expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});

test('when lengths are counted, then they are bytes', () => {
  expect(Buffer.from(preAuthenticationEncoding('é', Buffer.from('ü'))).toString()).toBe('DSSEv1 2 é 2 ü');
});

test('when any payload is signed, then it verifies and comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), payload => {
      const result = verifyEnvelope(signEnvelope(TYPE, payload, [alice]), TYPE, [role('r', 1, alice)]);
      expect(result.ok && Buffer.from(result.value.payload).equals(payload)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

describe('when roles must sign', () => {
  const both = signEnvelope(TYPE, PAYLOAD, [alice, bob]);

  test.each<[string, DsseEnvelope, SigningRole[], string]>([
    ['each reaching its threshold', both, [role('a', 1, alice), role('b', 1, bob)], 'verified'],
    ['two of three', both, [role('a', 2, alice, bob, carol)], 'verified'],
    ['three of three', both, [role('a', 3, alice, bob, carol)], 'dsse-under-threshold'],
    [
      'one of them absent',
      signEnvelope(TYPE, PAYLOAD, [alice]),
      [role('a', 1, alice), role('b', 1, bob)],
      'dsse-under-threshold',
    ],
    ['nobody', signEnvelope(TYPE, PAYLOAD, []), [role('a', 1, alice)], 'dsse-under-threshold'],
    ['only a stranger', signEnvelope(TYPE, PAYLOAD, [mallory]), [role('a', 1, alice)], 'dsse-under-threshold'],
    [
      'the same key twice',
      signEnvelope(TYPE, PAYLOAD, [alice, alice]),
      [role('a', 2, alice, bob)],
      'dsse-under-threshold',
    ],
    ['a threshold of nothing', signEnvelope(TYPE, PAYLOAD, []), [role('a', 0, alice)], 'dsse-under-threshold'],
  ])('%s', (_name, envelope, roles, expected) => {
    expect(verdict(envelope, ...roles)).toBe(expected);
  });

  test('one key under two names has one voice', () => {
    const twin: TestKey = { ...alice, keyId: keyId('alice-2') };
    expect(verdict(signEnvelope(TYPE, PAYLOAD, [alice, twin]), role('a', 2, alice, twin))).toBe('dsse-under-threshold');
  });

  test('strangers are named', () => {
    const result = verifyEnvelope(signEnvelope(TYPE, PAYLOAD, [alice, mallory]), TYPE, [role('a', 1, alice)]);
    expect(result.ok && result.value).toMatchObject({ signers: ['alice'], strangers: ['mallory'] });
  });

  test('signatures can be collected one after the other', () => {
    const collected = addSignatures(addSignatures(signEnvelope(TYPE, PAYLOAD, [alice]), [bob]), [alice]);
    expect(collected.signatures).toHaveLength(2);
    expect(verdict(collected, role('a', 2, alice, bob))).toBe('verified');
  });
});

describe('when anything is changed after signing, then it is refused', () => {
  const signed = signEnvelope(TYPE, PAYLOAD, [alice]);
  const signature = signed.signatures[0] ?? { keyid: '', sig: '' };

  test.each<[string, DsseEnvelope, string]>([
    ['the payload', { ...signed, payload: Buffer.from('{"a":2}').toString('base64') }, 'dsse-wrong-signature'],
    ['the type', { ...signed, payloadType: 'application/json' }, 'dsse-wrong-type'],
    ['the name of the key', { ...signed, signatures: [{ ...signature, keyid: 'bob' }] }, 'dsse-wrong-signature'],
    ['the signature’s length', { ...signed, signatures: [{ ...signature, sig: 'AAAA' }] }, 'dsse-wrong-signature'],
    [
      'the signature’s alphabet',
      { ...signed, signatures: [{ ...signature, sig: `${signature.sig} ` }] },
      'dsse-wrong-signature',
    ],
    ['the payload’s alphabet', { ...signed, payload: `${signed.payload}\n` }, 'dsse-malformed'],
    [
      'one signature of two',
      { ...signed, signatures: [signature, { keyid: 'bob', sig: signature.sig }] },
      'dsse-wrong-signature',
    ],
  ])('%s', (_name, envelope, expected) => {
    expect(verdict(envelope, role('a', 1, alice, bob))).toBe(expected);
  });

  test('any single bit', () => {
    fc.assert(
      fc.property(fc.constantFrom('payload', 'sig'), fc.nat(), fc.nat(7), (part, position, bit) => {
        const flip = (base64: string) => {
          const bytes = Buffer.from(base64, 'base64');
          const at = position % bytes.length;
          bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
          return bytes.toString('base64');
        };
        const changed =
          part === 'payload'
            ? { ...signed, payload: flip(signed.payload) }
            : { ...signed, signatures: [{ ...signature, sig: flip(signature.sig) }] };
        expect(verdict(changed, role('a', 1, alice))).toBe('dsse-wrong-signature');
      }),
      { numRuns: 100 },
    );
  });

  test('a signature made over another type', () => {
    const other = signEnvelope('application/vnd.seatrial.other+json', PAYLOAD, [alice]);
    expect(verdict({ ...other, payloadType: TYPE }, role('a', 1, alice))).toBe('dsse-wrong-signature');
  });
});

describe('when text is no envelope, then it is malformed', () => {
  test.each([
    'not json',
    'null',
    '[]',
    '{}',
    '{"payloadType":"a","payload":"b"}',
    '{"payloadType":"a","payload":"b","signatures":{}}',
    '{"payloadType":"a","payload":"b","signatures":[null]}',
    '{"payloadType":"a","payload":"b","signatures":[{"keyid":1,"sig":"a"}]}',
    JSON.stringify({
      payloadType: 'a',
      payload: 'b',
      signatures: Array.from({ length: 65 }, () => ({ keyid: 'a', sig: 'a' })),
    }),
    '['.repeat(1_000_000),
  ])('%.40s', text => {
    const result = parseEnvelope(text);
    expect(result.ok ? undefined : result.error.code).toBe('dsse-malformed');
  });

  test('anything at all', () => {
    expect(() => fc.assert(fc.property(fc.json(), text => void parseEnvelope(text)))).not.toThrow();
  });

  test('when it is one, then it comes back', () => {
    const envelope = signEnvelope(TYPE, PAYLOAD, [alice]);
    expect(parseEnvelope(JSON.stringify(envelope))).toEqual({ ok: true, value: envelope });
  });
});

test('when a key is not Ed25519, then it has no public half for us', () => {
  expect(publicKeyOf(generateKeyPairSync('ed448').publicKey)).toBeUndefined();
  expect(publicKeyOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)).toBeUndefined();
});

describe('when an envelope has been verified before', () => {
  const known = signEnvelope(TYPE, PAYLOAD, [alice]);
  const [signature] = known.signatures;
  const again = (envelope: DsseEnvelope, by: TestKey): string => {
    expect(verdict(known, role('r', 1, alice))).toBe('verified');
    return verdict(envelope, role('r', 1, by));
  };

  test('then it still is', () => expect(again(known, alice)).toBe('verified'));

  test('then its signature holds over nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), payload => {
        fc.pre(Buffer.compare(payload, PAYLOAD) !== 0);
        const other = { ...known, payload: Buffer.from(payload).toString('base64') };
        expect(again(other, alice)).toBe('dsse-wrong-signature');
      }),
      { numRuns: 50 },
    );
  });

  test('then it does not hold for another key of the same name', () => {
    expect(again(known, { ...mallory, keyId: alice.keyId })).toBe('dsse-wrong-signature');
  });

  test('then another signature over the same does not hold', () => {
    const bytes = Buffer.from(signature?.sig ?? '', 'base64');
    for (const place of bytes.keys()) {
      const other = Buffer.from(bytes);
      other.writeUInt8(other.readUInt8(place) ^ 1, place);
      const forged = { ...known, signatures: [{ keyid: alice.keyId, sig: other.toString('base64') }] };
      expect(again(forged, alice)).toBe('dsse-wrong-signature');
    }
  });
});
