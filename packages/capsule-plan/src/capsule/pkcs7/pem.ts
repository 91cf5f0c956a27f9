// PEM files as people have them: blocks in any order, with text, "Bag Attributes" or Windows line ends around them.

export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, `ENCRYPTED PRIVATE KEY`, `RSA PRIVATE KEY`, … */
  readonly label: string;
  /** The block with its two marker lines. */
  readonly text: string;
}

/** All blocks in file order. */
export const readPem = (text: string): readonly PemBlock[] =>
  [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g)].map(([block, label]) => ({
    label: label ?? '',
    text: block,
  }));

/** A block around DER, in lines of 64 characters. */
export const writePem = (label: string, der: Uint8Array): string => {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/(.{64})(?=.)/g, '$1\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
};
