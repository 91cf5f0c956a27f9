// Signs every release of a generated repository as vendor and as operator, and puts the trust root beside them.

import { generateKeyPairSync } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  canonicalJson,
  InvariantError,
  parseKeyId,
  payloadTypeOf,
  publicKeyOf,
  type Signer,
  signEnvelope,
} from '@seatrial/spec';
import { parse } from 'yaml';

const ROLES = ['root', 'vendor', 'operator', 'controller'] as const;

/** Writes NAME.dsse.json beside each release and trust root. */
export function signReleases(directory: string): void {
  const signers = ROLES.map(makeSigner);
  const [root, vendor, operator] = signers;
  if (root === undefined || vendor === undefined || operator === undefined) throw new InvariantError('no signers');
  mkdirSync(join(directory, 'trust'), { recursive: true });
  const trustRoot = 'trust/root.yaml';
  writeFileSync(join(directory, trustRoot), trustRootText(signers));
  sign(directory, trustRoot, [root]);
  for (const path of globSync('releases/*.yaml', { cwd: directory })) sign(directory, path, [vendor, operator]);
}

interface RoleSigner extends Signer {
  readonly role: (typeof ROLES)[number];
}

function makeSigner(role: RoleSigner['role']): RoleSigner {
  const keyId = parseKeyId(role);
  if (keyId === undefined) throw new InvariantError(`${role} is no key id`);
  return { role, keyId, privateKey: generateKeyPairSync('ed25519').privateKey };
}

function sign(directory: string, path: string, signers: readonly Signer[]): void {
  const place = join(directory, path);
  const document = parse(readFileSync(place, 'utf8'));
  const payload = Buffer.from(canonicalJson(document));
  const envelope = signEnvelope(payloadTypeOf(document.kind), payload, signers);
  writeFileSync(place.replace(/\.yaml$/, '.dsse.json'), JSON.stringify(envelope));
}

const trustRootText = (signers: readonly RoleSigner[]): string => `apiVersion: seatrial.dev/v1alpha1
kind: TrustRoot
metadata:
  name: root
spec:
  version: 1
  expires: 2036-01-01T00:00:00Z
  keys:
${signers.map(({ keyId, privateKey }) => `    ${keyId}: { type: ed25519, public: ${JSON.stringify(publicKeyOf(privateKey))} }`).join('\n')}
  roles:
${signers.map(({ role, keyId }) => `    ${role}: { threshold: 1, keys: [${keyId}] }`).join('\n')}
`;
