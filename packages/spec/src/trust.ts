// The roles of a TrustRoot as DSSE wants them, and the rule by which one TrustRoot follows another.

import type { ResolvedTrustRoot } from './desired-state.ts';
import { type DsseEnvelope, type DsseErrorCode, type SigningRole, verifyEnvelope } from './dsse.ts';
import { canonicalJson } from './fingerprint.ts';
import { TrustRoot } from './kinds/trust-root.ts';
import { err, ok, type Result } from './result.ts';

/** What an envelope over a document of a kind says that it holds: `application/vnd.seatrial.release+json`. */
export const payloadTypeOf = (kind: string): string => `application/vnd.seatrial.${kind.toLowerCase()}+json`;

export type TrustRoles = Pick<ResolvedTrustRoot, 'keys' | 'roles'>;

/** The keys and roles of a TrustRoot document, without the wrapping that leaves room for other types of key. */
export const trustRolesOf = ({ keys, roles }: TrustRoot['spec']): TrustRoles => ({
  keys: Object.fromEntries(Object.entries(keys).map(([keyId, key]) => [keyId, key.public])),
  roles,
});

/** The keys and threshold of a role; undefined for a role that the root does not have. */
export function signingRole({ keys, roles }: TrustRoles, role: string): SigningRole | undefined {
  const found = Object.entries(roles).find(([name]) => name === role)?.[1];
  if (found === undefined) return undefined;
  const known = found.keys.flatMap(keyId => {
    const key = Object.hasOwn(keys, keyId) ? keys[keyId] : undefined;
    return key === undefined ? [] : [[keyId, key] as const];
  });
  return { role, threshold: found.threshold, keys: new Map(known) };
}

/** `trust-root-older` also when a version is skipped: each must be seen, because each vouches only for the next. */
export type TrustErrorCode = DsseErrorCode | 'trust-root-malformed' | 'trust-root-older';

/**
 * The TrustRoot that a signed envelope carries: signed by its own root role and, where it follows another, by that
 * one's root role, with a version higher by one. The same version again must be the same root. Expiry is for the caller.
 */
export function acceptTrustRoot(
  envelope: DsseEnvelope,
  previous?: ResolvedTrustRoot,
): Result<ResolvedTrustRoot, TrustErrorCode> {
  const claimed = parseTrustRoot(envelope);
  if (claimed === undefined) return err('trust-root-malformed');
  if (previous !== undefined && !follows(claimed, previous)) return err('trust-root-older');
  const roles = [claimed, previous].flatMap(root => (root === undefined ? [] : (signingRole(root, 'root') ?? [])));
  if (roles.length === 0) return err('trust-root-malformed');
  for (const role of roles) {
    const verified = verifyEnvelope(envelope, payloadTypeOf('TrustRoot'), [role]);
    if (!verified.ok) return err(verified.error.code);
  }
  return ok({ ...claimed, envelope, verified: true });
}

const follows = (next: ResolvedTrustRoot, previous: ResolvedTrustRoot): boolean =>
  next.version === previous.version + 1 || (next.version === previous.version && sameRoot(next, previous));

const sameRoot = (a: ResolvedTrustRoot, b: ResolvedTrustRoot): boolean => contentOf(a) === contentOf(b);

const contentOf = ({ name, version, expiresMs, keys, roles }: ResolvedTrustRoot): string =>
  canonicalJson({ name, version, expiresMs, keys, roles });

/** What the payload says; worth nothing until its signatures are verified. */
function parseTrustRoot({ payload }: DsseEnvelope): ResolvedTrustRoot | undefined {
  try {
    const parsed = TrustRoot.safeParse(JSON.parse(Buffer.from(payload, 'base64').toString('utf8')));
    return parsed.success ? resolveTrustRoot(parsed.data, { verified: false }) : undefined;
  } catch {
    return undefined;
  }
}

/** The resolved form of a TrustRoot document. */
export function resolveTrustRoot(
  { metadata, spec }: TrustRoot,
  signature: Pick<ResolvedTrustRoot, 'envelope' | 'verified'>,
): ResolvedTrustRoot {
  return {
    name: metadata.name,
    version: spec.version,
    expiresMs: spec.expires,
    ...trustRolesOf(spec),
    ...signature,
  };
}
