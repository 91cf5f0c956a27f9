// What really lies where releases say that their capsules lie, as far as a directory of artifacts tells.

import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArtifactFinding, Changes } from '@seatrial/controller/review';
import { bytes, type Capsule, parseSha256 } from '@seatrial/spec';

/** The capsules of all releases that boards of the touched fleets are to run. A file is found by the path of its URL, or by its last part. */
export async function lookAtArtifacts(
  directory: string,
  { fleets }: Pick<Changes, 'fleets'>,
): Promise<ReadonlyMap<string, ArtifactFinding>> {
  const payloads = new Set(fleets.flatMap(({ boards }) => boards.map(({ target }) => target.payload)));
  const found = new Map<string, ArtifactFinding>();
  for (const capsule of [...payloads].flatMap(({ firmware }) => firmware?.capsules ?? [])) {
    if (!found.has(capsule.url)) found.set(capsule.url, await lookAt(directory, capsule));
  }
  return found;
}

async function lookAt(directory: string, { url }: Capsule): Promise<ArtifactFinding> {
  // A URL's path has no part that leads upwards once it is normalized.
  const path = normalize(decodeURIComponent(new URL(url).pathname));
  const place = [join(directory, path), join(directory, basename(path))].find(isFile);
  if (place === undefined) return { kind: 'missing' };
  const hash = createHash('sha256');
  await pipeline(createReadStream(place), hash);
  const sha256 = parseSha256(hash.digest('hex'));
  return sha256 === undefined ? { kind: 'missing' } : { kind: 'found', sha256, sizeBytes: bytes(statSync(place).size) };
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
