// Keys, roles and signatures that do not hold.

import type { IssueKind } from '../issue-table.ts';

export const TRUST_ISSUES = {
  'trust-root-missing': {
    severity: 'warning',
    title: 'No TrustRoot',
    cause: 'Without a TrustRoot no signature can be checked, and boards accept no release.',
    remedy: 'Add a TrustRoot with the public keys.',
  },
  'trust-root-twice': {
    severity: 'error',
    title: 'More than one TrustRoot',
    cause: 'A repository has one TrustRoot; a new version replaces the old one in its file.',
    remedy: 'Delete all but the newest.',
  },
  'trust-root-expired': {
    severity: 'warning',
    title: 'TrustRoot expired',
    cause: 'The moment in spec.expires has passed: the keys should no longer be relied on.',
    remedy: 'Publish the next version, signed by the old and the new root role.',
  },
  'role-missing': {
    severity: 'error',
    title: 'Role missing',
    cause: 'A TrustRoot needs the roles root, vendor, operator and controller.',
    remedy: 'Add the role with its keys and threshold.',
  },
  'role-unknown-key': {
    severity: 'error',
    title: 'Role names an unknown key',
    cause: 'The key is not in spec.keys of the TrustRoot.',
    remedy: 'Add the key or correct its name.',
  },
  'role-threshold-too-high': {
    severity: 'error',
    title: 'Threshold above the number of keys',
    cause: 'More signatures are demanded than the role has different keys, so that nothing could ever pass.',
    remedy: 'Lower the threshold or add keys.',
  },
  'duplicate-public-key': {
    severity: 'error',
    title: 'One public key under two names',
    cause: 'Whoever holds this key would count twice towards a threshold.',
    remedy: 'Give every key its own key pair.',
  },
  'signature-missing': {
    severity: 'warning',
    title: 'Signature missing',
    cause: 'A Release, TrustRoot or Approval has no signature file beside it, or nobody holds a key for its role.',
    remedy: 'Sign it: NAME.dsse.json belongs beside NAME.yaml. With --require-signatures this is an error.',
  },
  'signature-orphaned': {
    severity: 'warning',
    title: 'Signature without a document',
    cause: 'A .dsse.json file has no .yaml file of the same name beside it.',
    remedy: 'Rename or delete it.',
  },
  'signature-ambiguous': {
    severity: 'error',
    title: 'Signature beside several documents',
    cause: 'A signature file speaks about one document, but the file beside it does not hold exactly one.',
    remedy: 'Put the signed document into a file of its own.',
  },
  'signature-malformed': {
    severity: 'error',
    title: 'Not a DSSE envelope',
    cause: 'The file is not JSON with payloadType, payload and signatures, or its base64 is broken.',
    remedy: 'Sign the document again.',
  },
  'signature-for-other-content': {
    severity: 'error',
    title: 'Signature is for something else',
    cause: 'What was signed is not this document as it now stands: it was changed after signing, or the kind differs.',
    remedy: 'Undo the change, or review it and sign again.',
  },
  'signature-wrong': {
    severity: 'error',
    title: 'Signature does not verify',
    cause: 'The signature is not one by the named key over this content: it is damaged or forged.',
    remedy: 'Do not use the document. Find out who added it, then sign again.',
  },
  'signature-foreign': {
    severity: 'error',
    title: 'Signed by a key that has no say here',
    cause: 'The key is unknown, or belongs to none of the roles that sign this kind of document.',
    remedy: 'Remove that signature; sign with a key of the role that the message names.',
  },
  'signature-under-threshold': {
    severity: 'error',
    title: 'Too few signatures',
    cause: 'Fewer keys of a role have signed than its threshold demands.',
    remedy: 'Collect the missing signatures.',
  },
} as const satisfies Readonly<Record<string, IssueKind>>;
