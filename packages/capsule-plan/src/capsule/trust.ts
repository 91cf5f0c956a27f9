// Trust anchors in every form in which people hold them: PEM, DER, and the hex text that goes into a device tree.

import { err, ok, type Result } from '@seatrial/spec';
import { u32BigEndian } from '../bytes/fields.ts';
import { layout } from '../bytes/layout.ts';
import { concatBytes } from '../bytes/writer.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import { type Certificate, readCertificate } from './pkcs7/certificate.ts';
import { readPem } from './pkcs7/pem.ts';

/** The device property QcCapsuleRootCert: a length, then the certificate in 32-bit cells. */
const rootProperty = layout({ derBytes: u32BigEndian });
const CELL_BYTES = 4;

/** Anchors of one file: PEM (any number), DER, or bin-to-hex text. Fails with CERT_UNREADABLE. */
export function readTrustAnchors(file: Uint8Array): Result<readonly Certificate[], CapsuleError> {
  const anchors = anchorSources(file).map(readCertificate);
  return anchors.length === 0 || anchors.some(anchor => anchor === undefined)
    ? err(capsuleError('CERT_UNREADABLE', 'neither PEM nor DER nor hex text'))
    : ok(anchors.filter(anchor => anchor !== undefined));
}

function anchorSources(file: Uint8Array): readonly Uint8Array[] {
  const text = Buffer.from(file).toString('latin1');
  const blocks = readPem(text).filter(({ label }) => /CERTIFICATE$/.test(label));
  if (blocks.length > 0) return blocks.map(block => pemBytes(block.text));
  if (/^[0-9A-Fa-f]{8}(?: [0-9A-Fa-f]{8})+\s*$/.test(text)) return [hexTextBytes(text)];
  return [file];
}

const pemBytes = (block: string): Uint8Array => Buffer.from(block.replace(/-----[A-Z0-9 ]+-----/g, ''), 'base64');

/**
 * The text of `bin-to-hex`: the length, then the DER in groups of eight digits. The last group is padded on its left, so
 * that the property ends in a shifted tail; nothing checks a trust anchor's own signature, and devices have it like that.
 */
export function writeHexText(der: Uint8Array): string {
  const groups: string[] = [];
  for (let at = 0; at < der.length; at += CELL_BYTES)
    groups.push(
      Buffer.from(der.subarray(at, at + CELL_BYTES))
        .toString('hex')
        .padStart(8, '0'),
    );
  return [Buffer.from(rootProperty.write({ derBytes: der.length })).toString('hex'), ...groups].join(' ');
}

/** The DER out of that text, its tail put right again. */
function hexTextBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
  const length = rootProperty.read(bytes)?.derBytes ?? 0;
  const cells = bytes.subarray(rootProperty.sizeBytes);
  const tail = length % CELL_BYTES;
  if (tail === 0 || cells.length < CELL_BYTES) return cells.subarray(0, length);
  return concatBytes([cells.subarray(0, length - tail), cells.subarray(cells.length - tail)]);
}
