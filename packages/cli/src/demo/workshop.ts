// Where the demonstration's artefacts are made: capsules signed by the vendor and by a stranger, and operating systems in a
// real OSTree repository. Writes below one directory, which is then served over HTTP.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificate } from '@seatrial/capsule-plan/capsule';
import {
  type FirmwareVersion,
  formatFirmwareVersion,
  type Guid,
  type OstreeCommit,
  type Sha256,
  sha256Hex,
} from '@seatrial/spec';
import {
  commitSystem,
  createCapsuleFactory,
  createOstreeRepository,
  type SystemDescription,
} from '@seatrial/virtual-board';

/** A capsule as a release names it. */
export interface MadeCapsule {
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

export interface CapsuleOrder {
  readonly version: FirmwareVersion;
  readonly lowestSupported: FirmwareVersion;
  /** `vendor`: the root that the boards trust. `stranger`: one that they have never heard of. */
  readonly signedBy: 'vendor' | 'stranger';
}

export interface Workshop {
  /** The roots that are built into every board. */
  readonly anchors: readonly Certificate[];
  /** To be served: capsules, and the repository as `ostree/`. */
  readonly directory: string;
  readonly ostreeRepository: string;
  makeCapsule(order: CapsuleOrder): Promise<MadeCapsule>;
  makeSystem(description: SystemDescription): Promise<OstreeCommit>;
}

const IMAGE_BYTES = 256 * 1024;

export async function openWorkshop(directory: string, fwClass: Guid): Promise<Workshop> {
  const ostreeRepository = join(directory, 'ostree');
  await mkdir(directory, { recursive: true });
  await createOstreeRepository(ostreeRepository);
  const factories = { vendor: createCapsuleFactory('Vendor'), stranger: createCapsuleFactory('Stranger') };
  return {
    anchors: factories.vendor.anchors,
    directory,
    ostreeRepository,
    makeSystem: description => commitSystem(ostreeRepository, description),
    makeCapsule: async ({ version, lowestSupported, signedBy }) => {
      const capsule = factories[signedBy].capsule({ fwClass, version, lowestSupported, imageBytes: IMAGE_BYTES });
      const fileName = `firmware-${formatFirmwareVersion(version)}-${signedBy}.cap`;
      await writeFile(join(directory, fileName), capsule);
      return { fileName, sizeBytes: capsule.length, sha256: sha256Hex(capsule) };
    },
  };
}
