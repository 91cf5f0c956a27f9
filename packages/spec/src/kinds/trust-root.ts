// TrustRoot: the keys, and how many of which must sign what.

import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { documentOf, list, mapping } from './document.ts';
import { keyId, name, publicKey, timestamp } from './text.ts';

/** The roles that every TrustRoot has; others may be added for approvals. */
export const BUILT_IN_ROLES = ['root', 'vendor', 'operator', 'controller'] as const;

const Key = z.strictObject({
  type: z.enum(['ed25519']).describe('The signature algorithm.'),
  public: publicKey.describe('The 32 raw bytes of the public key in base64.'),
});

const Role = z.strictObject({
  threshold: z.int().min(1).max(LIMITS.keys).describe('How many of the keys must sign.'),
  keys: list(keyId, LIMITS.keys).min(1).describe('Names of the role’s keys.'),
});

export const TrustRoot = documentOf(
  'TrustRoot',
  z.strictObject({
    version: z
      .int()
      .min(1)
      .max(2_147_483_647)
      .describe('Counts up by one with every change. Version n+1 is signed by the root role of n and by its own.'),
    expires: timestamp.describe('After this moment the root should no longer be relied on; validation warns.'),
    keys: mapping(keyId, Key, LIMITS.keys).describe('Public keys by name.'),
    roles: mapping(name, Role, LIMITS.roles).describe(
      'Who may sign what. `root` signs this document, `vendor` and `operator` releases, `controller` plans; other roles sign approvals.',
    ),
  }),
);
/** Version n+1 is signed by the root role of n and by its own. */
export type TrustRoot = z.output<typeof TrustRoot>;
