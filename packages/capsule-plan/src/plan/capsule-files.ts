// The names under which our capsules lie in EFI/UpdateCapsule: recognisable as ours, and in the release's order.

import type { Payload } from '@seatrial/spec';
import type { ObservedCapsule } from './observed.ts';
import type { CapsuleToPlace } from './step.ts';

const OURS = /^seatrial-\d{2}-[0-9a-f]{8}\.cap$/i;

/** UEFI takes capsules alphabetically, so the number in the name keeps the order in which the release lists them. */
export const capsulesToPlace = ({ firmware }: Payload): readonly CapsuleToPlace[] =>
  (firmware?.capsules ?? []).map(({ url, sizeBytes, sha256 }, index) => ({
    fileName: `seatrial-${String(index).padStart(2, '0')}-${sha256.slice(0, 8)}.cap`,
    url,
    sizeBytes,
    sha256,
  }));

export const isOurCapsule = ({ fileName }: Pick<ObservedCapsule, 'fileName'>): boolean => OURS.test(fileName);

/** The file is there under its name and with its content. */
export const isPlaced = (capsule: CapsuleToPlace, onEsp: readonly ObservedCapsule[]): boolean =>
  onEsp.some(file => file.fileName === capsule.fileName && file.sha256 === capsule.sha256);
