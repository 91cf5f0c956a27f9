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

const Capsule = z.strictObject({ name: capsuleName, url, size, sha256 });

const Firmware = z.strictObject({
  version: firmwareVersion,
  lowestSupported: firmwareVersion,
  minimumFrom: firmwareVersion.optional(),
  capsules: list(Capsule, LIMITS.capsules).min(1),
});

const OperatingSystem = z.strictObject({
  remote: word,
  ref: ostreeRef,
  commit: ostreeCommit,
  url: url.optional(),
  requires: z.strictObject({ firmware: firmwareRequirement.optional() }).optional(),
});

const ReleaseSpec = z
  .strictObject({
    board: name,
    transaction: z.enum(['coupled', 'firmwareFirst']).default('coupled'),
    firmware: Firmware.optional(),
    os: OperatingSystem.optional(),
    notes: z.string().max(LIMITS.notesText).optional(),
  })
  .refine(spec => spec.firmware !== undefined || spec.os !== undefined, {
    message: 'has neither firmware nor os',
    params: { issue: 'release-empty' },
  });

export const Release = documentOf('Release', ReleaseSpec);
/** What a board is to run: capsules up to `firmware.version`, and the OSTree commit `os.commit`. */
export type Release = z.output<typeof Release>;
