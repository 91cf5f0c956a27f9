// The board's firmware judges capsules in C, the product in TypeScript: on the same bytes both must come to the same verdict.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firmwareVersion } from '@seatrial/spec';
import { type CapsuleVerdict, trustingVerifier } from '@seatrial/virtual-board';
import { FW_CLASS, OTHER_FW_CLASS, v, type Workbench } from './host/workbench.ts';
import { guidBytes } from './image/firmware.ts';
import { run } from './run-program.ts';
import { seeded } from './scenarios/random.ts';

const SPOILED = 200;

/** How many capsules were judged. Throws with the first on which the two differ. */
export async function verifiersAgree(workbench: Workbench, seed: number): Promise<number> {
  const { vendor, verifier } = workbench;
  const directory = join(workbench.directory, 'capsules');
  mkdirSync(directory, { recursive: true });
  const capsules = [...describedCapsules(workbench), ...spoiledCapsules(workbench, seed)];
  const files = capsules.map((bytes, index) => writeCapsule(join(directory, `${index}.cap`), bytes));
  const root = writeCapsule(join(directory, 'root.der'), vendor.trustAnchor);
  const output = await run(verifier, [Buffer.from(guidBytes(FW_CLASS)).toString('hex'), root, ...files]);
  const judge = trustingVerifier(vendor.anchors);
  for (const [index, told] of output.trimEnd().split('\n').entries()) {
    const expected = inWords(judge(capsules[index] ?? new Uint8Array()));
    if (told !== expected) throw new Error(`${files[index]}: the firmware says "${told}", the product "${expected}"`);
  }
  return capsules.length;
}

function describedCapsules({ vendor, stranger }: Workbench): readonly Uint8Array[] {
  const flaws = (['forged', 'unsigned', 'garbled'] as const).map(flaw =>
    vendor.capsule({ fwClass: FW_CLASS, version: v(2), flaw }),
  );
  return [
    vendor.capsule({ fwClass: FW_CLASS, version: v(2) }),
    vendor.capsule({ fwClass: FW_CLASS, version: v(9), lowestSupported: v(4), imageBytes: 300_000 }),
    vendor.capsule({ fwClass: OTHER_FW_CLASS, version: v(2) }),
    vendor.capsule({ fwClass: FW_CLASS, version: firmwareVersion(1) }),
    stranger.capsule({ fwClass: FW_CLASS, version: v(2) }),
    ...flaws,
    new Uint8Array(10),
  ];
}

/** A good capsule with one byte of what is signed, or of the signature, changed. */
function spoiledCapsules({ vendor }: Workbench, seed: number): readonly Uint8Array[] {
  const random = seeded(seed);
  const good = vendor.capsule({ fwClass: FW_CLASS, version: v(2) });
  const signedFrom = good.length - 4_096;
  return Array.from({ length: SPOILED }, () => {
    const at = signedFrom + random.below(4_096);
    return good.with(at, (good[at] ?? 0) ^ (1 + random.below(255)));
  });
}

const writeCapsule = (path: string, bytes: Uint8Array): string => {
  writeFileSync(path, bytes);
  return path;
};

function inWords(verdict: CapsuleVerdict): string {
  if (verdict.kind === 'metadata-unreadable') return told(verdict.kind);
  if (verdict.kind === 'refused') return told(verdict.kind, verdict.status, verdict.version ?? 0);
  const image = verdict.images.find(({ fwClass }) => fwClass === FW_CLASS);
  return image === undefined ? told('of-another-board') : told(verdict.kind, 0, image.version, image.lowestSupported);
}

const told = (kind: string, status = 0, version = 0, lowestSupported = 0): string =>
  `${kind} ${status} ${version} ${lowestSupported}`;
