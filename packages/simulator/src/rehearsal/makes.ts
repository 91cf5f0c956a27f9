// What a board is before the merge: hardware of its type that runs one release, with servers that have all of them.

import { BY_CONTENT, type Measure } from '@seatrial/device-reconciler/memory-ports';
import {
  type Capsule,
  type DesiredState,
  type DeviceTarget,
  type FirmwareVersion,
  type Name,
  parseOstreeCommit,
  type ResolvedBoard,
  type ResolvedRelease,
  sha256Hex,
} from '@seatrial/spec';
import type { Make } from '../hardware.ts';
import { need } from '../world.ts';

/** Stand-ins for capsules: what the simulated firmware understands, under the digest and size of the real ones. */
class StandIns implements Measure {
  readonly #capsules = new WeakMap<Uint8Array, Capsule>();

  of(capsule: Capsule, image: { readonly version: FirmwareVersion; readonly lowestSupported: FirmwareVersion }) {
    const content = Buffer.from(JSON.stringify({ version: image.version, lowestSupported: image.lowestSupported }));
    this.#capsules.set(content, capsule);
    return content;
  }

  sizeOf(content: Uint8Array) {
    return this.#capsules.get(content)?.sizeBytes ?? BY_CONTENT.sizeOf(content);
  }

  digestOf(content: Uint8Array) {
    return this.#capsules.get(content)?.sha256 ?? BY_CONTENT.digestOf(content);
  }
}

/** The makes of a repository's boards: one object for all boards that are alike. */
export class Makes {
  readonly #desired: DesiredState;
  readonly #known = new Map<string, Make>();
  readonly #standIns = new StandIns();

  constructor(desired: DesiredState) {
    this.#desired = desired;
  }

  /** A board of this type as the release has left it; where there is no release, as a factory might have. */
  make(board: ResolvedBoard, before: ResolvedRelease | undefined): Make {
    const key = `${board.name}/${before?.name ?? ''}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = this.#made(board, before);
    this.#known.set(key, made);
    return made;
  }

  #made(board: ResolvedBoard, before: ResolvedRelease | undefined): Make {
    const releases = this.#desired.releases.filter(release => release.board === board.name);
    const firmware = before?.payload.firmware;
    const os = before?.payload.os?.commit ?? factoryOs(board.name);
    return {
      fwClass: board.fwClass,
      trialVariable: board.trialVariable,
      stateroot: board.os.stateroot,
      factory: {
        firmware: firmware?.version ?? factoryFirmware(board, releases),
        lowestSupported: firmware?.lowestSupported ?? board.versionFloor,
        os,
      },
      commits: [os, ...releases.flatMap(({ payload }) => payload.os?.commit ?? [])],
      capsules: new Map(releases.flatMap(({ payload }) => this.#served(payload.firmware))),
      measure: this.#standIns,
    };
  }

  #served(firmware: ResolvedRelease['payload']['firmware']): (readonly [string, Uint8Array])[] {
    return (firmware?.capsules ?? []).map(
      capsule => [capsule.url, this.#standIns.of(capsule, need(firmware))] as const,
    );
  }
}

/** A commit that no release asks for. */
const factoryOs = (board: Name) => need(parseOstreeCommit(sha256Hex(`factory of ${board}`)));

/** As old as every release of the type lets a board be. */
const factoryFirmware = (board: ResolvedBoard, releases: readonly ResolvedRelease[]): FirmwareVersion =>
  releases.reduce((oldest, { payload: { firmware, os } }) => {
    const asked = firmware?.minimumFrom ?? (firmware === undefined ? os?.requiresFirmware : undefined);
    return asked !== undefined && asked > oldest ? asked : oldest;
  }, board.versionFloor);

/**
 * The release that a board is thought to run before the merge: its pin where the fleet's release changes, else the newest
 * other release of its type from which the wanted one can be reached.
 */
export function releaseBefore(
  { releases }: DesiredState,
  { release: wanted, board }: Pick<DeviceTarget, 'release' | 'board'>,
): ResolvedRelease | undefined {
  const target = releases.find(({ name }) => name === wanted);
  const limit = target?.payload.firmware?.version;
  const floor = target?.payload.firmware?.minimumFrom ?? board.versionFloor;
  return releases
    .filter(release => release.board === board.name && release.payloadHash !== target?.payloadHash)
    .filter(({ payload: { firmware } }) => {
      if (firmware === undefined) return true;
      return (limit === undefined || firmware.version <= limit) && firmware.version >= floor;
    })
    .toSorted((a, b) => versionOf(a) - versionOf(b) || (a.name < b.name ? -1 : 1))
    .at(-1);
}

const versionOf = ({ payload }: ResolvedRelease): number => payload.firmware?.version ?? -1;
