// A capsule that was taken apart, as the JSON that scripts read and as the tree that people read.

import {
  type CapsuleVerdict,
  diskTypeName,
  formatDependency,
  type InspectedCapsule,
  type InspectedPayload,
  TARGETS,
} from '@seatrial/capsule-plan/capsule';
import { firmwareVersion, formatBytes, formatFirmwareVersion } from '@seatrial/spec';

const version = (u32: number): string => formatFirmwareVersion(firmwareVersion(u32));
const oneLine = (name: string): string => name.split('\n').join(', ');

/** The members that scripts may rely on; 64-bit values are bigints. */
export const capsuleJson = ({ sizeBytes, envelope, payloads }: InspectedCapsule) => ({
  sizeBytes,
  kind: envelope.kind,
  capsuleGuid: envelope.frame.capsuleGuid,
  headerSize: envelope.frame.headerSize,
  flags: envelope.frame.flags,
  ...(envelope.kind === 'accept' ? { imageTypeId: envelope.imageTypeId } : {}),
  ...(envelope.kind === 'fmp'
    ? {
        embeddedDrivers: envelope.drivers.map(({ length }) => ({ sizeBytes: length })),
        payloads: payloads.map(payloadJson),
      }
    : {}),
});

function payloadJson({ image, authentication, signers, head, volume, metadata }: InspectedPayload) {
  const { header } = image;
  return {
    imageTypeId: header.updateImageTypeId,
    targets: TARGETS.filter(({ esrtGuid }) => esrtGuid === header.updateImageTypeId).map(({ name }) => name),
    imageHeaderVersion: header.version,
    imageIndex: header.updateImageIndex,
    hardwareInstance: header.updateHardwareInstance,
    imageCapsuleSupport: header.imageCapsuleSupport,
    imageBytes: header.updateImageSize,
    vendorCodeBytes: header.updateVendorCodeSize,
    authentication: authentication && {
      monotonicCount: authentication.monotonicCount,
      signatureBytes: authentication.der.length,
      signers: signers?.map(({ info, certificate, chain }) => ({
        subject: oneLine(certificate.x509.subject),
        issuer: oneLine(certificate.x509.issuer),
        validFrom: certificate.x509.validFrom,
        validTo: certificate.x509.validTo,
        digest: info.digestName,
        signingTime: info.signingTime,
        chain: chain.map(({ x509 }) => oneLine(x509.subject)),
      })),
    },
    dependency: head?.dependency && formatDependency(head.dependency.steps),
    fwVersion: head && version(head.header.fwVersion),
    lowestSupportedFwVersion: head && version(head.header.lowestSupportedVersion),
    bodyBytes: head?.body.length,
    volume: volume && {
      fileSystemGuid: volume.header.fileSystemGuid,
      sizeBytes: Number(volume.header.fvLength),
      files: volume.files.map(file => ({ guid: file.guid, sizeBytes: file.data.length })),
    },
    metadata: metadata && {
      revision: metadata.header.revision,
      fwVersion: version(metadata.header.firmwareVersion),
      lowestSupportedFwVersion: version(metadata.header.lowestSupportedVersion),
      entries: metadata.entries.map(({ fileGuid, dest, backup }) => ({
        fileGuid,
        dest: { disk: diskTypeName(dest.diskType), partition: dest.partitionName, typeGuid: dest.partitionTypeGuid },
        backup: {
          disk: diskTypeName(backup.diskType),
          partition: backup.partitionName,
          typeGuid: backup.partitionTypeGuid,
        },
      })),
    },
  };
}

/** A line and what hangs below it. */
interface Branch {
  readonly line: string;
  readonly below?: readonly Branch[];
}

type PayloadJson = ReturnType<typeof payloadJson>;

/** The tree of a verdict's capsule, with the reason at its end where the judgement ended early. */
export function capsuleTree(verdict: CapsuleVerdict, name: string): string {
  const { capsule } = verdict;
  const parts =
    capsule === undefined ? [] : [frameBranch(capsule), ...driverBranches(capsule), ...payloadBranches(capsule)];
  const end = verdict.kind === 'refused' ? [endBranch(verdict.error)] : [];
  return `${name}\n${render([...parts, ...end], '')}`;
}

const endBranch = ({ code, layer, detail }: { code: string; layer: string; detail: string }): Branch => ({
  line: `stopped here: ${code} (layer ${layer}): ${detail}`,
});

const frameBranch = ({ sizeBytes, envelope }: InspectedCapsule): Branch => ({
  line: `capsule header: ${envelope.kind}, ${formatBytes(sizeBytes)}, flags 0x${envelope.frame.flags.toString(16).padStart(8, '0')}`,
  ...(envelope.kind === 'accept' ? { below: [{ line: `accepts ${envelope.imageTypeId}` }] } : {}),
});

const driverBranches = ({ envelope }: InspectedCapsule): readonly Branch[] =>
  envelope.kind === 'fmp'
    ? envelope.drivers.map(({ length }) => ({ line: `embedded driver: ${formatBytes(length)}` }))
    : [];

const payloadBranches = ({ payloads }: InspectedCapsule): readonly Branch[] =>
  payloads
    .map(payload => payloadJson(payload))
    .map((payload, n) => ({
      line: `payload ${n + 1}: ${payload.imageTypeId}${payload.targets.length > 0 ? ` (${payload.targets.join(', ')})` : ''}`,
      below: [
        {
          line: `image header ${payload.imageHeaderVersion}: index ${payload.imageIndex}, hardware ${payload.hardwareInstance}`,
        },
        signatureBranch(payload),
        ...headBranches(payload),
        ...volumeBranches(payload),
      ],
    }));

function signatureBranch({ authentication }: PayloadJson): Branch {
  if (authentication === undefined) return { line: 'no signature' };
  const below = authentication.signers?.map(signer => ({
    line: `signed by ${signer.subject} (${signer.digest}, ${readableTime(signer.signingTime)})`,
  }));
  return {
    line: `signature: PKCS#7 of ${authentication.signatureBytes} bytes, monotonic count ${authentication.monotonicCount}`,
    ...(below === undefined ? {} : { below }),
  };
}

/** ASN.1 time, of two-digit years from 1950 to 2049 or of whole ones; what is neither is shown as it stands. */
function readableTime(text: string | undefined): string {
  const [, whole, short = '', ...rest] = /^(?:(\d{4})|(\d\d))(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '') ?? [];
  if (rest.length === 0) return text ?? 'no time';
  const year = whole ?? `${Number(short) < 50 ? 20 : 19}${short}`;
  const [month, day, ...clock] = rest;
  return `${year}-${month}-${day} ${clock.join(':')} UTC`;
}

const headBranches = ({ fwVersion, lowestSupportedFwVersion, dependency }: PayloadJson): readonly Branch[] => [
  ...(dependency === undefined ? [] : [{ line: `depends on ${dependency}` }]),
  ...(fwVersion === undefined ? [] : [{ line: `version ${fwVersion}, lowest supported ${lowestSupportedFwVersion}` }]),
];

function volumeBranches({ volume, metadata }: PayloadJson): readonly Branch[] {
  if (volume === undefined) return [];
  const placeOf = (guid: string): string => {
    const entry = metadata?.entries.find(({ fileGuid }) => fileGuid === guid);
    return entry === undefined
      ? ''
      : ` -> ${entry.dest.disk} ${entry.dest.partition} (backup ${entry.backup.partition})`;
  };
  const files = volume.files.map(({ guid, sizeBytes }) => ({
    line: `${guid} ${formatBytes(sizeBytes)}${placeOf(guid)}`,
  }));
  return [{ line: `firmware volume: ${formatBytes(volume.sizeBytes)}, ${files.length} files`, below: files }];
}

const render = (branches: readonly Branch[], indent: string): string =>
  branches
    .map(({ line, below }, n) => {
      const last = n === branches.length - 1;
      return `${indent}${last ? '└─' : '├─'} ${line}\n${render(below ?? [], `${indent}${last ? '   ' : '│  '}`)}`;
    })
    .join('');
