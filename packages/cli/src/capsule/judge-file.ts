// Verifies a capsule file without holding it, and reads the trust anchors that a user names.

import {
  type BlockSums,
  type CapsuleVerdict,
  type Certificate,
  judgeVolume,
  readFromSource,
  readTrustAnchors,
  type SystemFirmwareVersion,
  type VerifyOptions,
  verifyingCapsule,
} from '@seatrial/capsule-plan/capsule';
import type { Cli } from '../cli.ts';
import { CapsuleFailure, take } from './failure.ts';
import { readSmallFile, SourceFile } from './source-file.ts';
import { startWork } from './stoppable-work.ts';

/** Every anchor of every file. Fails with CERT_UNREADABLE or INPUT_UNREADABLE. */
export async function readAnchors(paths: readonly string[]): Promise<readonly Certificate[]> {
  const anchors: Certificate[] = [];
  for (const path of paths) anchors.push(...take(readTrustAnchors(await readSmallFile(path)), path));
  return anchors;
}

/** The verdict. Fails with INPUT_UNREADABLE or INPUT_CHANGED; a bad capsule is a verdict, not a failure. */
export async function judgeFile(cli: Cli, path: string, options: VerifyOptions): Promise<CapsuleVerdict> {
  const file = await SourceFile.open(path);
  const progress = startWork(cli, 'Verifying', file.sizeBytes);
  try {
    const verdict = await readFromSource(
      async range => {
        progress.advance(range.length);
        return await file.readAt(range);
      },
      verifyingCapsule(file.sizeBytes, options),
    );
    await file.demandUnchanged();
    return verdict;
  } finally {
    progress.end();
    await file.close();
  }
}

/** Refuses a file that is not the firmware volume of these versions. Fails with a code of layer fv, meta or semantic. */
export async function demandVolume(file: SourceFile, version: SystemFirmwareVersion, sums: BlockSums): Promise<void> {
  const versions = { fwVersion: version.fwVersion, lowestSupportedVersion: version.lowestSupportedFwVersion };
  const range = { offset: 0, length: file.sizeBytes };
  const { error } = await readFromSource(wish => file.readAt(wish), judgeVolume(range, versions, sums));
  await file.release();
  if (error !== undefined) throw new CapsuleFailure(error.code, `(${file.path}: ${error.detail})`);
}
