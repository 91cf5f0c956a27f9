// Builds a chain from a signer to a trust anchor, as OpenSSL does for edk2: any anchor ends it, issuers must be CAs.

import { type Certificate, sameBytes } from './certificate.ts';

const MAX_DEPTH = 10;

/** The chain from the signer up to and including an anchor, or undefined where none reaches one. */
export function chainToAnchor(
  signer: Certificate,
  embedded: readonly Certificate[],
  anchors: readonly Certificate[],
): readonly Certificate[] | undefined {
  const tried = new Set<Certificate>();
  const climb = (certificate: Certificate, below: readonly Certificate[]): readonly Certificate[] | undefined => {
    const chain = [...below, certificate];
    if (anchors.some(anchor => sameBytes(anchor.der, certificate.der))) return chain;
    if (chain.length >= MAX_DEPTH) return undefined;
    tried.add(certificate);
    for (const issuer of [...anchors, ...embedded]) {
      if (tried.has(issuer) || !issued(issuer, certificate, chain)) continue;
      const found = climb(issuer, chain);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return climb(signer, []);
}

function issued(issuer: Certificate, subject: Certificate, below: readonly Certificate[]): boolean {
  if (!issuer.isCa || !sameBytes(issuer.subject, subject.issuer)) return false;
  const intermediates = below.slice(1).filter(({ subject: name, issuer: by }) => !sameBytes(name, by)).length;
  if (issuer.pathLength !== undefined && intermediates > issuer.pathLength) return false;
  return subject.x509.checkIssued(issuer.x509) && verifies(subject, issuer);
}

function verifies(subject: Certificate, issuer: Certificate): boolean {
  try {
    return subject.x509.verify(issuer.x509.publicKey);
  } catch {
    return false;
  }
}
