// PEM files as people have them: blocks in any order, with text, "Bag Attributes" or Windows line ends around them.

export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, `ENCRYPTED PRIVATE KEY`, `RSA PRIVATE KEY`, … */
  readonly label: string;
  /** The block with its two marker lines. */
  readonly text: string;
}

/** All blocks in file order; what stands between them, and a block that never ends, is passed over. */
export function readPem(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly lines: string[] } | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, mark, label = ''] = /^-----(BEGIN|END) ([A-Z0-9 ]+)-----\s*$/.exec(line) ?? [];
    if (mark === 'BEGIN') open = { label, lines: [] };
    open?.lines.push(line.trimEnd());
    if (mark !== 'END') continue;
    if (open?.label === label) blocks.push({ label, text: `${open.lines.join('\n')}\n` });
    open = undefined;
  }
  return blocks;
}

/** A block around DER, in lines of 64 characters. */
export const writePem = (label: string, der: Uint8Array): string => {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/(.{64})(?=.)/g, '$1\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
};
