// Where the demonstration's artefacts are made: signed capsules, operating systems in a real OSTree repository, and the keys
// of everybody who signs. Writes below one directory; serves it over HTTP on loopback.

import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  buildCapsule,
  type LocalSigner,
  literal,
  localSigner,
  makeCertificateChain,
  makeVolume,
  type Partition,
  sum8,
} from '@seatrial/capsule-plan/capsule';
import {
  type FirmwareVersion,
  formatFirmwareVersion,
  type Guid,
  InvariantError,
  type OstreeCommit,
  parseGuid,
  type Result,
  type Sha256,
  sha256Hex,
} from '@seatrial/spec';
import { commitSystem, createOstreeRepository, type SystemDescription } from '@seatrial/virtual-board';

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
  /** DER of the root that is built into every board. */
  readonly trustAnchor: Uint8Array;
  readonly artifactDirectory: string;
  readonly ostreeRepository: string;
  makeCapsule(order: CapsuleOrder): Promise<MadeCapsule>;
  makeSystem(description: SystemDescription): Promise<OstreeCommit>;
}

const IMAGE_BYTES = 192 * 1024;
const DAY_MS = 86_400_000;

export async function openWorkshop(directory: string, fwClass: Guid): Promise<Workshop> {
  const artifactDirectory = join(directory, 'artifacts');
  const ostreeRepository = join(artifactDirectory, 'ostree');
  await mkdir(artifactDirectory, { recursive: true });
  await createOstreeRepository(ostreeRepository);
  const signers = { vendor: newSigner('Vendor'), stranger: newSigner('Stranger') };
  return {
    trustAnchor: signers.vendor.root,
    artifactDirectory,
    ostreeRepository,
    makeSystem: description => commitSystem(ostreeRepository, description),
    makeCapsule: async order => {
      const capsule = capsuleBytes(order, fwClass, signers[order.signedBy].signer);
      const fileName = `firmware-${formatFirmwareVersion(order.version)}-${order.signedBy}.cap`;
      await writeFile(join(artifactDirectory, fileName), capsule);
      return { fileName, sizeBytes: capsule.length, sha256: sha256Hex(capsule) };
    },
  };
}

function capsuleBytes({ version, lowestSupported }: CapsuleOrder, imageTypeId: Guid, signer: LocalSigner): Uint8Array {
  const image = new Uint8Array(randomBytes(IMAGE_BYTES));
  const partition = (partitionName: string): Partition => ({
    diskType: 'UFS_LUN4',
    partitionName,
    partitionTypeGuid: UEFI_PARTITION,
  });
  const body = demand(
    makeVolume({
      revision: 3,
      fwVersion: version,
      lowestSupportedFwVersion: lowestSupported,
      images: [{ data: literal(image), dataSum8: sum8(image), dest: partition('uefi_a'), backup: partition('uefi_b') }],
    }),
  );
  const payload = { imageTypeId, fwVersion: version, lowestSupportedFwVersion: lowestSupported, body };
  return demand(buildCapsule({ payloads: [payload], signer }));
}

/** Root, intermediate and leaf as the vendor's guide has them; the leaf signs. */
function newSigner(organisation: string): { readonly root: Uint8Array; readonly signer: LocalSigner } {
  const keys = { root: rsaKeys(), sub: rsaKeys(), leaf: rsaKeys() };
  const nowMs = Date.now();
  const chain = makeCertificateChain({
    organisation: [['O', `Seatrial demonstration, ${organisation}`]],
    commonNames: { root: 'FMP root', sub: 'FMP intermediate', leaf: 'FMP signer' },
    keys,
    serials: { root: randomBytes(8), sub: randomBytes(8), leaf: randomBytes(8) },
    validity: { notBeforeMs: nowMs - DAY_MS, notAfterMs: nowMs + 365 * DAY_MS },
  });
  const signer = localSigner(keys.leaf.privateKey, {
    certificates: [new X509Certificate(chain.leaf)],
    others: [new X509Certificate(chain.sub)],
    digestName: 'sha256',
    signingTimeMs: nowMs,
  });
  return { root: chain.root, signer: demand(signer) };
}

const rsaKeys = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

const demand = <T, E>(result: Result<T, E>): T => {
  if (!result.ok) throw new InvariantError(`the workshop made something unusable: ${JSON.stringify(result.error)}`);
  return result.value;
};

const UEFI_PARTITION = ((): Guid => {
  const guid = parseGuid('400FFDCD-22E0-47E7-9A23-F16ED9382388');
  if (guid === undefined) throw new InvariantError('the partition type is a GUID');
  return guid;
})();
