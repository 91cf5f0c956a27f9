// What an OSTree commit object says about itself, believed only where the object is the one that its checksum names.

import { err, type OstreeCommit, ok, type Result, sha256Hex } from '@seatrial/spec';
import { MOST_NOTES, type OsArtifact } from './artifact.ts';
import { framing, text, textEntries } from './gvariant.ts';

/** The repository of an honest build answers with 64 hex digits and a line end. */
export const MOST_REF_BYTES = 256;
/** A commit object is small: some metadata, a message and two checksums. */
export const MOST_COMMIT_BYTES = 1024 * 1024;

/** Where the object lies in an archive repository [OSTREE-REPO]. */
export const commitObjectPath = (commit: OstreeCommit): string =>
  `objects/${commit.slice(0, 2)}/${commit.slice(2)}.commit`;
export const refPath = (ref: string): string => `refs/heads/${ref}`;

/**
 * Of `(a{sv}aya(say)sstayay)` the metadata, the subject and the body. Errors: `is another object` where the digest does not
 * match, `is no commit` where it does and the bytes are not of that type.
 */
export function readCommitObject(commit: OstreeCommit, bytes: Uint8Array): Result<OsArtifact, string> {
  if (String(sha256Hex(bytes)) !== commit) return err('is another object');
  const [metadataEnd, parentEnd, relatedEnd, subjectEnd, bodyEnd] = framing(bytes, 6) ?? [];
  if (metadataEnd === undefined || parentEnd === undefined || relatedEnd === undefined) return err('is no commit');
  const metadata = textEntries(bytes.subarray(0, metadataEnd));
  const subject = text(bytes.subarray(relatedEnd, subjectEnd));
  const body = text(bytes.subarray(subjectEnd, bodyEnd));
  if (metadata === undefined || subject === undefined || body === undefined) return err('is no commit');
  const version = metadata.get('version');
  const notes = [subject, body]
    .filter(part => part.trim() !== '')
    .join('\n\n')
    .slice(0, MOST_NOTES);
  return ok({ commit, ...(version !== undefined && { version }), ...(notes !== '' && { notes }) });
}
