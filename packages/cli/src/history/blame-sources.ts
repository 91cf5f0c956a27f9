// The words in git that say what a board is to run, where they stand, and the commits that wrote them.

import type { AuditTrail, Blame, FleetAtCommit, Origin } from '@seatrial/controller/audit';
import { type DeviceTarget, findDocuments, type Place } from '@seatrial/spec';

/** Words in git, where they stand, and the commit that wrote them. */
export interface Source {
  readonly says: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly origin: Origin;
}

/** Each is absent where git says nothing of the kind. */
export interface Sources {
  readonly listed?: Source;
  readonly pin?: Source;
  readonly fleet?: Source;
  readonly release?: Source;
  readonly approvals: readonly Source[];
}

type Spot = Omit<Source, 'origin'>;

/** Asks git for the origin of each line. Throws PortError. */
export async function findSources(trail: AuditTrail, { commit, files }: FleetAtCommit, found: Blame): Promise<Sources> {
  const withOrigin = async (spot: Spot): Promise<Source> => ({
    ...spot,
    origin: await trail.origin(commit, spot.file, spot.line),
  });
  const known: Partial<Record<'listed' | 'pin' | 'fleet' | 'release', Source>> = {};
  for (const [part, spot] of Object.entries(spotsOf(files, found)))
    Object.assign(known, { [part]: await withOrigin(spot) });
  const approvals: Source[] = [];
  for (const spot of approvalSpots(files, found)) approvals.push(await withOrigin(spot));
  return { ...known, approvals };
}

function spotsOf(files: FleetAtCommit['files'], { device, target }: Blame): Readonly<Record<string, Spot>> {
  const listed = deviceSpots(files, device);
  return target === undefined ? listed : { ...listed, ...fleetSpot(files, target), ...releaseSpot(files, target) };
}

function deviceSpots(files: FleetAtCommit['files'], device: string): { readonly listed?: Spot; readonly pin?: Spot } {
  for (const { file, document, placeOf } of findDocuments(files, 'DeviceList')) {
    const at = document.spec.devices.findIndex(({ id }) => id === device);
    const entry = document.spec.devices[at];
    if (entry === undefined) continue;
    const path = ['spec', 'devices', at];
    return {
      listed: spot(`id: ${device}`, file, placeOf([...path, 'id'])),
      ...(entry.pin !== undefined && { pin: spot(`pin: ${entry.pin}`, file, placeOf([...path, 'pin'])) }),
    };
  }
  return {};
}

function fleetSpot(files: FleetAtCommit['files'], { fleet, pinned }: DeviceTarget): { readonly fleet?: Spot } {
  if (pinned) return {};
  for (const { file, document, placeOf } of findDocuments(files, 'Fleet')) {
    const { metadata, spec } = document;
    if (metadata.name === fleet) return { fleet: spot(`release: ${spec.release}`, file, placeOf(['spec', 'release'])) };
  }
  return {};
}

function releaseSpot(files: FleetAtCommit['files'], { release }: DeviceTarget): { readonly release?: Spot } {
  for (const { file, document, placeOf } of findDocuments(files, 'Release')) {
    if (document.metadata.name === release)
      return { release: spot(`name: ${release}`, file, placeOf(['metadata', 'name'])) };
  }
  return {};
}

function approvalSpots(files: FleetAtCommit['files'], { approvals }: Blame): readonly Spot[] {
  const wanted = new Map(
    approvals.map(({ name, by, role, stage }) => [name as string, `stage ${stage}: ${by} as ${role}`]),
  );
  return [...findDocuments(files, 'Approval')].flatMap(({ file, document, placeOf }) => {
    const says = wanted.get(document.metadata.name);
    return says === undefined ? [] : [spot(says, file, placeOf(['spec', 'by']))];
  });
}

const spot = (says: string, file: string, { line }: Place): Spot => ({ says, file, line });
