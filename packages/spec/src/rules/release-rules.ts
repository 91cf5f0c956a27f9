// Releases and boards that could never work: versions that forbid each other, and capsules that do not fit.

import { type Corpus, type LocatedKind, type Objection, objection } from '../corpus.ts';
import { TARGET_FW_CLASSES } from '../kinds/board.ts';
import { type FirmwareVersion, formatBytes, formatFirmwareVersion as version } from '../units.ts';

export function releaseRules(corpus: Corpus): Objection[] {
  const offers = firmwareOffers(corpus);
  return [
    ...corpus.all.Board.flatMap(foreignFwClass),
    ...corpus.all.Release.flatMap(release => {
      const board = corpus.byName.Board.get(release.document.spec.board);
      return [
        ...contradictions(release),
        ...(board === undefined ? [] : [...misfits(release, board), ...unmet(release, board, offers)]),
      ];
    }),
  ];
}

function foreignFwClass(board: LocatedKind<'Board'>): Objection[] {
  const { target, firmware } = board.document.spec;
  const owner = Object.entries(TARGET_FW_CLASSES).find(([, guid]) => guid === firmware.fwClass)?.[0];
  if (owner === undefined || owner === target) return [];
  const message = `this GUID is ${owner}'s, not ${target}'s`;
  return [objection(board, ['spec', 'firmware', 'fwClass'], { code: 'fw-class-of-another-target', message })];
}

/** What a release says against itself. */
function contradictions(release: LocatedKind<'Release'>): Objection[] {
  const { firmware, os } = release.document.spec;
  if (firmware === undefined) return [];
  const required = os?.requires?.firmware;
  return [
    ...(firmware.lowestSupported > firmware.version
      ? [lowestAboveVersion(release, firmware.lowestSupported, firmware.version)]
      : []),
    ...(firmware.minimumFrom !== undefined && firmware.minimumFrom >= firmware.version
      ? [cycle(release, firmware.minimumFrom, firmware.version)]
      : []),
    ...(required !== undefined && required > firmware.version
      ? [requiresNewer(release, required, firmware.version)]
      : []),
  ];
}

const lowestAboveVersion = (release: LocatedKind<'Release'>, lowest: FirmwareVersion, own: FirmwareVersion) =>
  objection(release, ['spec', 'firmware', 'lowestSupported'], {
    code: 'lowest-supported-above-version',
    message: `${version(lowest)} is above the firmware's own ${version(own)}`,
  });

const cycle = (release: LocatedKind<'Release'>, from: FirmwareVersion, own: FirmwareVersion) =>
  objection(release, ['spec', 'firmware', 'minimumFrom'], {
    code: 'requirement-cycle',
    message: `only firmware from ${version(from)} on could go to ${version(own)}`,
  });

const requiresNewer = (release: LocatedKind<'Release'>, required: FirmwareVersion, own: FirmwareVersion) =>
  objection(release, ['spec', 'os', 'requires', 'firmware'], {
    code: 'requires-newer-firmware',
    message: `the os requires ${version(required)}, but this release brings ${version(own)}`,
  });

/** What speaks against a release on its board. */
function misfits(release: LocatedKind<'Release'>, board: LocatedKind<'Board'>): Objection[] {
  const { firmware, os, transaction } = release.document.spec;
  if (firmware === undefined) return [];
  const { firmware: onBoard, esp } = board.document.spec;
  const needed = 2 * firmware.capsules.reduce((sum, { size }) => sum + size, 0);
  return [
    ...(firmware.version < onBoard.versionFloor ? [belowFloor(release, firmware.version, onBoard.versionFloor)] : []),
    ...(needed > esp.size ? [tooLarge(release, needed, esp.size)] : []),
    ...(onBoard.trial === 'unavailable' && transaction === 'coupled' && os !== undefined ? [noWayBack(release)] : []),
  ];
}

const belowFloor = (release: LocatedKind<'Release'>, own: FirmwareVersion, floor: FirmwareVersion) =>
  objection(release, ['spec', 'firmware', 'version'], {
    code: 'release-below-floor',
    message: `${version(own)} is below the board's floor ${version(floor)}`,
  });

const tooLarge = (release: LocatedKind<'Release'>, needed: number, espSize: number) =>
  objection(release, ['spec', 'firmware', 'capsules'], {
    code: 'capsules-too-large',
    message: `twice the capsules is ${formatBytes(needed)}, the whole ESP ${formatBytes(espSize)}`,
  });

const noWayBack = (release: LocatedKind<'Release'>) =>
  objection(release, ['spec'], {
    code: 'coupled-without-trial',
    message: 'the board has no firmware trial, so that only the os can go back',
  });

/** The firmware versions that the releases of each board bring. */
type Offers = ReadonlyMap<string, ReadonlySet<FirmwareVersion>>;

function firmwareOffers({ all }: Corpus): Offers {
  const offers = new Map<string, Set<FirmwareVersion>>();
  for (const { document } of all.Release) {
    const { board, firmware } = document.spec;
    const known = offers.get(board) ?? new Set();
    offers.set(board, firmware === undefined ? known : known.add(firmware.version));
  }
  return offers;
}

/** Requirements that no release of the board can fulfil; the factory may have. */
function unmet(release: LocatedKind<'Release'>, board: LocatedKind<'Board'>, offers: Offers): Objection[] {
  const { firmware, os } = release.document.spec;
  const [wanted, below, path] =
    firmware === undefined
      ? [os?.requires?.firmware, Number.POSITIVE_INFINITY, ['spec', 'os', 'requires', 'firmware']]
      : [firmware.minimumFrom, firmware.version, ['spec', 'firmware', 'minimumFrom']];
  if (wanted === undefined || wanted <= board.document.spec.firmware.versionFloor || wanted >= below) return [];
  const offered = offers.get(release.document.spec.board) ?? new Set();
  return [...offered].some(offer => offer >= wanted && offer < below) ? [] : [unmetAt(release, path, wanted)];
}

const unmetAt = (release: LocatedKind<'Release'>, path: readonly string[], wanted: FirmwareVersion) =>
  objection(release, path, {
    code: 'requirement-unmet',
    message: `no release of the board brings firmware ${version(wanted)}`,
  });
