// Signature files beside documents, and the chain of trust roots.

import { describe, expect, test } from 'vitest';
import { acceptTrustRoot, addSignatures, type DsseEnvelope, type ResolvedTrustRoot } from '../src/index.ts';
import { validateFiles } from '../src/validate-files.ts';
import { example, examplesWith } from './examples.ts';
import { newKey, signDocument, type TestKey } from './keys.ts';

const KEYS = {
  root: newKey('k-root-1'),
  vendor: newKey('k-vendor-1'),
  operator: newKey('k-operator-1'),
  controller: newKey('k-controller-1'),
  crew: newKey('k-ground-crew-1'),
};
const RELEASE = 'releases/iq9075-2026.11.0.yaml';
const RELEASE_SIGNATURE = 'releases/iq9075-2026.11.0.dsse.json';
const APPROVAL = 'field/approval-2026.11.0.yaml';

/** The example's TrustRoot with keys whose private halves we hold. */
function trustRoot(change: (text: string) => string = text => text): string {
  const placed = Object.values(KEYS).reduce(
    (text, key) =>
      text.replace(new RegExp(`(${key.keyId}: .*public: ")[^"]+`), (_all, head: string) => head + key.public),
    example('trust/root.yaml'),
  );
  return change(placed);
}

const ROOT = trustRoot();
const json = (envelope: DsseEnvelope): string => JSON.stringify(envelope);
const release = example(RELEASE);
const both = signDocument(release, 'Release', [KEYS.vendor, KEYS.operator]);

function issuesAt(file: string, changes: Readonly<Record<string, string>>, requireSignatures = false): string[] {
  const { issues } = validateFiles(examplesWith({ 'trust/root.yaml': ROOT, ...changes }), { requireSignatures });
  return issues.filter(issue => issue.file === file).map(({ severity, code }) => `${severity} ${code}`);
}

describe('when a release has a signature file', () => {
  test.each<[string, DsseEnvelope, string[]]>([
    ['by vendor and operator', both, []],
    ['by the vendor only', signDocument(release, 'Release', [KEYS.vendor]), ['error signature-under-threshold']],
    ['by nobody', signDocument(release, 'Release', []), ['error signature-under-threshold']],
    [
      'over another release',
      signDocument(example('releases/lab-1.0.0.yaml'), 'Release', [KEYS.vendor, KEYS.operator]),
      ['error signature-for-other-content'],
    ],
    [
      'of another kind',
      signDocument(release, 'Approval', [KEYS.vendor, KEYS.operator]),
      ['error signature-for-other-content'],
    ],
    ['by the controller', addSignatures(both, [KEYS.controller]), ['error signature-foreign']],
    ['by an unknown key', addSignatures(both, [newKey('k-mallory')]), ['error signature-foreign']],
    [
      'by another key of that name',
      signDocument(release, 'Release', [KEYS.vendor, newKey('k-operator-1')]),
      ['error signature-wrong'],
    ],
    [
      'by the controller alone',
      signDocument(release, 'Release', [KEYS.controller]),
      ['error signature-foreign', 'error signature-under-threshold'],
    ],
  ])('%s', (_name, envelope, expected) => {
    expect(issuesAt(RELEASE_SIGNATURE, { [RELEASE_SIGNATURE]: json(envelope) })).toEqual(expected);
    expect(issuesAt(RELEASE, { [RELEASE_SIGNATURE]: json(envelope) })).toEqual([]);
  });

  test.each([
    ['not JSON', 'hello'],
    ['no envelope', '{}'],
    ['larger than any envelope', `"${'x'.repeat(300_000)}"`],
  ])('that is %s', (_name, text) => {
    expect(issuesAt(RELEASE_SIGNATURE, { [RELEASE_SIGNATURE]: text })).toEqual(['error signature-malformed']);
  });

  test('and the document is edited, then the signature is for something else', () => {
    const edited = release.replace('0.0.1.2', '0.0.1.3');
    expect(issuesAt(RELEASE_SIGNATURE, { [RELEASE]: edited, [RELEASE_SIGNATURE]: json(both) })).toEqual([
      'error signature-for-other-content',
    ]);
  });

  test('and only comments and layout are edited, then it still holds', () => {
    const edited = `# reviewed\n${release.replace('transaction: coupled', '"transaction":   "coupled"')}`;
    expect(issuesAt(RELEASE_SIGNATURE, { [RELEASE]: edited, [RELEASE_SIGNATURE]: json(both) })).toEqual([]);
  });

  test('and a second document beside it, then it is not clear whose it is', () => {
    const two = `${release}\n---\n${release.replace('name: iq9075-2026.11.0', 'name: other')}`;
    expect(issuesAt(RELEASE_SIGNATURE, { [RELEASE]: two, [RELEASE_SIGNATURE]: json(both) })).toEqual([
      'error signature-ambiguous',
      'error signature-ambiguous',
    ]);
  });

  test('without a document, then it is orphaned', () => {
    expect(issuesAt('releases/gone.dsse.json', { 'releases/gone.dsse.json': json(both) })).toEqual([
      'warning signature-orphaned',
    ]);
  });

  test('then the desired state says that it is verified, and carries it', () => {
    const { desired } = validateFiles(examplesWith({ 'trust/root.yaml': ROOT, [RELEASE_SIGNATURE]: json(both) }));
    const verified = desired?.releases.filter(one => one.verified);
    expect(verified?.map(({ name, envelope }) => ({ name, envelope }))).toEqual([
      { name: 'iq9075-2026.11.0', envelope: both },
    ]);
  });
});

describe('when a signature is missing', () => {
  test.each([RELEASE, APPROVAL, 'trust/root.yaml'])(
    'then %s is warned about, or refused where signatures are required',
    file => {
      expect(issuesAt(file, {})).toEqual(['warning signature-missing']);
      expect(issuesAt(file, {}, true)).toEqual(['error signature-missing']);
    },
  );

  test('then kinds that nobody signs are left alone', () => {
    expect(issuesAt('field/fleet.yaml', {}, true)).toEqual([]);
  });

  test('and there is no TrustRoot, then that is said once', () => {
    const files = examplesWith();
    files.delete('trust/root.yaml');
    const said = (requireSignatures: boolean) =>
      validateFiles(files, { requireSignatures })
        .issues.filter(({ code }) => code === 'trust-root-missing')
        .map(({ severity }) => severity);
    expect(said(false)).toEqual(['warning']);
    expect(said(true)).toEqual(['error']);
  });
});

describe('when an approval is signed', () => {
  const approval = example(APPROVAL);
  const beside = 'field/approval-2026.11.0.dsse.json';
  const approvals = (changes: Readonly<Record<string, string>>) =>
    validateFiles(examplesWith({ 'trust/root.yaml': ROOT, ...changes })).desired?.approvals.map(
      ({ verified }) => verified,
    );

  test('by its role, then it counts', () => {
    const signed = { [beside]: json(signDocument(approval, 'Approval', [KEYS.crew])) };
    expect(issuesAt(beside, signed)).toEqual([]);
    expect(approvals(signed)).toEqual([true]);
  });

  test('by another role, then it is refused', () => {
    const signed = { [beside]: json(signDocument(approval, 'Approval', [KEYS.vendor])) };
    expect(issuesAt(beside, signed)).toEqual(['error signature-foreign', 'error signature-under-threshold']);
  });

  test('and nobody knows a key of its role, then it does not count', () => {
    const root = trustRoot(text => text.replace(/^ {4}ground-crew: .*\n/m, ''));
    const signed = { 'trust/root.yaml': root, [beside]: json(signDocument(approval, 'Approval', [KEYS.crew])) };
    expect(issuesAt(APPROVAL, signed)).toEqual(['warning signature-missing']);
    expect(approvals(signed)).toEqual([false]);
  });
});

describe('when one trust root follows another', () => {
  const next = newKey('k-root-2');
  const version = (n: number, key: TestKey = KEYS.root) =>
    trustRoot(text =>
      text
        .replace('version: 1', `version: ${n}`)
        .replace('root: { threshold: 1, keys: [k-root-1] }', `root: { threshold: 1, keys: [${key.keyId}] }`)
        .replace('  keys:\n', `  keys:\n    k-root-2: { type: ed25519, public: "${next.public}" }\n`),
    );
  const envelope = (text: string, ...keys: TestKey[]) => signDocument(text, 'TrustRoot', keys);
  const code = (signed: DsseEnvelope, previous?: ResolvedTrustRoot) => {
    const result = acceptTrustRoot(signed, previous);
    return result.ok ? result.value.version : result.error;
  };
  const first = acceptTrustRoot(envelope(version(1), KEYS.root));
  const previous = first.ok ? first.value : undefined;

  test.each<[string, DsseEnvelope, string | number]>([
    ['signed by both', envelope(version(2, next), KEYS.root, next), 2],
    ['with the same root key', envelope(version(2), KEYS.root), 2],
    ['signed by the new one only', envelope(version(2, next), next), 'dsse-under-threshold'],
    ['signed by the old one only', envelope(version(2, next), KEYS.root), 'dsse-under-threshold'],
    ['skipping a version', envelope(version(3), KEYS.root), 'trust-root-older'],
    ['going back', envelope(version(1, next), KEYS.root, next), 'trust-root-older'],
    ['being the same', envelope(version(1), KEYS.root), 1],
    ['being no trust root', signDocument(release, 'TrustRoot', [KEYS.root]), 'trust-root-malformed'],
    ['being nothing', { payloadType: 'a', payload: '!', signatures: [] }, 'trust-root-malformed'],
  ])('%s', (_name, signed, expected) => {
    expect(previous).toMatchObject({ version: 1, verified: true });
    expect(code(signed, previous)).toBe(expected);
  });

  test('without one before it, then its own signature decides', () => {
    expect(code(envelope(version(7), KEYS.root))).toBe(7);
    expect(code(envelope(version(7), KEYS.vendor))).toBe('dsse-under-threshold');
  });

  test('and one is unsigned in the repository, then validation only warns', () => {
    expect(issuesAt('trust/root.yaml', {})).toEqual(['warning signature-missing']);
    const signed = { 'trust/root.dsse.json': json(envelope(ROOT, KEYS.root)) };
    expect(issuesAt('trust/root.yaml', signed, true)).toEqual([]);
    expect(issuesAt('trust/root.dsse.json', { 'trust/root.dsse.json': json(envelope(ROOT, KEYS.vendor)) })).toEqual([
      'error signature-foreign',
      'error signature-under-threshold',
    ]);
  });
});
