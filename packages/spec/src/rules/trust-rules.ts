// The TrustRoot against itself and the clock.

import { type Corpus, type LocatedKind, type Objection, objection, objectionToDocument } from '../corpus.ts';
import { BUILT_IN_ROLES } from '../kinds/trust-root.ts';
import type { Millis } from '../units.ts';

export interface TrustOptions {
  /** What time it is; without it nothing is said about expiry. */
  readonly nowMs?: Millis | undefined;
  /** Missing signatures, and a missing TrustRoot, become errors. */
  readonly requireSignatures?: boolean | undefined;
}

export function trustRules(corpus: Corpus, options: TrustOptions): Objection[] {
  return [
    ...rootMissing(corpus, options),
    ...corpus.all.TrustRoot.flatMap(root => [
      ...expired(root, options),
      ...rolesMissing(root),
      ...unknownKeys(root),
      ...thresholds(root),
      ...sharedKeys(root),
    ]),
  ];
}

function rootMissing({ all, brokenKinds }: Corpus, { requireSignatures }: TrustOptions): Objection[] {
  const [release] = all.Release;
  if (release === undefined || all.TrustRoot.length > 0 || brokenKinds.has('TrustRoot')) return [];
  const message = 'there are releases, but no TrustRoot says whose signatures count';
  const severity = requireSignatures === true ? 'error' : 'warning';
  return [objectionToDocument(release, { code: 'trust-root-missing', message, severity })];
}

type Root = LocatedKind<'TrustRoot'>;

function expired(root: Root, { nowMs }: TrustOptions): Objection[] {
  const { expires } = root.document.spec;
  if (nowMs === undefined || nowMs < expires) return [];
  const message = `expired at ${new Date(expires).toISOString()}`;
  return [objection(root, ['spec', 'expires'], { code: 'trust-root-expired', message })];
}

const rolesMissing = (root: Root): Objection[] =>
  BUILT_IN_ROLES.filter(role => !Object.hasOwn(root.document.spec.roles, role)).map(role =>
    objection(root, ['spec', 'roles'], { code: 'role-missing', message: `there is no role ${role}` }),
  );

const unknownKeys = (root: Root): Objection[] =>
  Object.entries(root.document.spec.roles).flatMap(([role, { keys }]) =>
    keys.flatMap((key, position) =>
      Object.hasOwn(root.document.spec.keys, key)
        ? []
        : [
            objection(root, ['spec', 'roles', role, 'keys', position], {
              code: 'role-unknown-key',
              message: `there is no key ${key}`,
            }),
          ],
    ),
  );

const thresholds = (root: Root): Objection[] =>
  Object.entries(root.document.spec.roles).flatMap(([role, { threshold, keys }]) => {
    const different = new Set(keys).size;
    if (threshold <= different) return [];
    const message = `${threshold} signatures are demanded of ${different} keys`;
    return [objection(root, ['spec', 'roles', role, 'threshold'], { code: 'role-threshold-too-high', message })];
  });

function sharedKeys(root: Root): Objection[] {
  const owners = new Map<string, string>();
  return Object.entries(root.document.spec.keys).flatMap(([key, { public: material }]) => {
    const owner = owners.get(material);
    if (owner === undefined) {
      owners.set(material, key);
      return [];
    }
    const message = `this is also the public key of ${owner}`;
    return [objection(root, ['spec', 'keys', key, 'public'], { code: 'duplicate-public-key', message })];
  });
}
