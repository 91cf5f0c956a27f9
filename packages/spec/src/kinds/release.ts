// Release: an immutable pair of firmware and operating system, either half of which may be absent.

import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { documentOf, list } from './document.ts';
import {
  capsuleName,
  firmwareRequirement,
  firmwareVersion,
  name,
  ostreeCommit,
  ostreeRef,
  sha256,
  size,
  url,
  word,
} from './text.ts';

const Capsule = z.strictObject({
  name: capsuleName.describe(
    'File name on the ESP. UEFI takes several capsules in alphabetical order; upper and lower case are the same.',
  ),
  url: url.describe('Where boards fetch it. The path may change with a mirror; the digest may not.'),
  size: size.describe('Exact length.'),
  sha256: sha256.describe('Digest of the whole file.'),
});

const Firmware = z.strictObject({
  version: firmwareVersion.describe('The version that the ESRT shows after the capsules.'),
  lowestSupported: firmwareVersion.describe(
    'What the capsule declares: once committed, the board never takes firmware below.',
  ),
  minimumFrom: firmwareVersion.optional().describe('A board on older firmware must go through another release first.'),
  capsules: list(Capsule, LIMITS.capsules).min(1).describe('The capsule files.'),
});

const OperatingSystem = z.strictObject({
  remote: word.describe('Name of the OSTree remote as the board knows it.'),
  ref: ostreeRef.describe('The branch that the commit is on.'),
  commit: ostreeCommit.describe('Checksum of the commit to run.'),
  url: url.optional().describe('Where the repository is, in place of the URL that the remote has on the board.'),
  requires: z
    .strictObject({
      firmware: firmwareRequirement.optional().describe('The oldest firmware that this system runs on.'),
    })
    .optional()
    .describe('What must be there before the system.'),
});

const ReleaseSpec = z
  .strictObject({
    board: name.describe('The Board that it was made for.'),
    transaction: z
      .enum(['coupled', 'firmwareFirst'])
      .default('coupled')
      .describe(
        '`coupled` tries both halves and commits or takes back both. `firmwareFirst` commits the firmware before the system is deployed.',
      ),
    firmware: Firmware.optional().describe('The firmware half; absent when only the system changes.'),
    os: OperatingSystem.optional().describe('The system half; absent when only the firmware changes.'),
    notes: z.string().max(LIMITS.notesText).optional().describe('For people.'),
  })
  .refine(spec => spec.firmware !== undefined || spec.os !== undefined, {
    message: 'has neither firmware nor os',
    params: { issue: 'release-empty' },
  });

export const Release = documentOf('Release', ReleaseSpec);
/** What a board is to run: capsules up to `firmware.version`, and the OSTree commit `os.commit`. */
export type Release = z.output<typeof Release>;
