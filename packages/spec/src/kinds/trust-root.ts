// TrustRoot: the keys, and how many of which must sign what.

import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { documentOf, list, mapping } from './document.ts';
import { keyId, name, publicKey, timestamp } from './text.ts';

/** The roles that every TrustRoot has; others may be added for approvals. */
export const BUILT_IN_ROLES = ['root', 'vendor', 'operator', 'controller'] as const;

const Key = z.strictObject({ type: z.enum(['ed25519']), public: publicKey });

const Role = z.strictObject({
  threshold: z.int().min(1).max(LIMITS.keys),
  keys: list(keyId, LIMITS.keys).min(1),
});

export const TrustRoot = documentOf(
  'TrustRoot',
  z.strictObject({
    version: z.int().min(1).max(2_147_483_647),
    expires: timestamp,
    keys: mapping(keyId, Key, LIMITS.keys),
    roles: mapping(name, Role, LIMITS.roles),
  }),
);
/** Version n+1 is signed by the root role of n and by its own. */
export type TrustRoot = z.output<typeof TrustRoot>;
