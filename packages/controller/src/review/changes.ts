// Which fleets and boards a change touches: everything else is neither previewed nor even looked up in the snapshot.

import {
  canonicalJson,
  type DesiredState,
  type DeviceId,
  type DeviceTarget,
  type Name,
  type ResolvedBoard,
  type ResolvedFleet,
} from '@seatrial/spec';
import { push } from './grouping.ts';

export interface Changes {
  /** Fleets of the base or the head that the change touches, by name. */
  readonly fleets: readonly FleetChange[];
  /** Boards of those fleets, at the base or at the head: whose state must be known. */
  readonly boards: ReadonlySet<DeviceId>;
  /** No longer listed, sorted. */
  readonly deletedDevices: readonly DeviceId[];
  readonly deletedReleases: readonly Name[];
  readonly trustRootChanged: boolean;
}

export interface FleetChange {
  readonly name: Name;
  readonly before?: ResolvedFleet;
  readonly after?: ResolvedFleet;
  /** The boards of the fleet at the head, sorted, each with what the base wanted of it. */
  readonly boards: readonly BoardChange[];
  /** Boards that followed it at the base and do no longer, sorted. */
  readonly left: readonly BoardMove[];
  /** Boards that follow it at the head and did not at the base, sorted. */
  readonly joined: readonly BoardMove[];
  /** The fleet wants another payload than at the base, or is new: a rollout begins. */
  readonly beginsRollout: boolean;
}

export interface BoardChange {
  readonly target: DeviceTarget;
  readonly before?: DeviceTarget;
}

export interface BoardMove {
  readonly device: DeviceId;
  /** The fleet that it comes from or goes to; none where no fleet selects it there. */
  readonly other?: Name;
}

/** Without a base everything is new. Costs one walk over the boards of both sides. */
export function changesBetween(base: DesiredState | undefined, head: DesiredState): Changes {
  const moved = findMoves(base?.targets ?? [], head.targets);
  const names = [...touchedFleets(base, head, moved)].sort();
  const pairs = pairTargets(base?.targets ?? [], head.targets, new Set(names));
  const fleets = names.map(name => fleetChange(name, { base, head, moved, pairs }));
  return {
    fleets,
    boards: new Set(fleets.flatMap(fleetBoards)),
    deletedDevices: gone(base?.devices ?? [], head.devices, ({ id }) => id),
    deletedReleases: gone(base?.releases ?? [], head.releases, ({ name }) => name),
    trustRootChanged: base !== undefined && rootPrint(base) !== rootPrint(head),
  };
}

function gone<T, K extends string>(before: readonly T[], after: readonly T[], keyOf: (item: T) => K): readonly K[] {
  const keys: K[] = [];
  inStep(before, after, keyOf, (was, is) => {
    if (was !== undefined && is === undefined) keys.push(keyOf(was));
  });
  return keys;
}

const fleetBoards = ({ boards, left }: FleetChange): readonly DeviceId[] => [
  ...boards.map(({ target }) => target.device),
  ...left.map(({ device }) => device),
];

const rootPrint = ({ trustRoot }: DesiredState): string => canonicalJson(trustRoot ?? null);

/* ---- Who moved ---- */

interface Moves {
  readonly left: ReadonlyMap<Name, readonly BoardMove[]>;
  readonly joined: ReadonlyMap<Name, readonly BoardMove[]>;
  /** Fleets of boards that want something else while their fleet may not: pins. */
  readonly repinned: ReadonlySet<Name>;
}

function findMoves(before: readonly DeviceTarget[], after: readonly DeviceTarget[]): Moves {
  const left = new Map<Name, BoardMove[]>();
  const joined = new Map<Name, BoardMove[]>();
  const repinned = new Set<Name>();
  inStep(
    before,
    after,
    ({ device }) => device,
    (was, is) => {
      if (was?.fleet === is?.fleet) {
        if (is !== undefined && isRepinned(was, is)) repinned.add(is.fleet);
        return;
      }
      if (was !== undefined) push(left, was.fleet, move(was.device, is?.fleet));
      if (is !== undefined) push(joined, is.fleet, move(is.device, was?.fleet));
    },
  );
  return { left, joined, repinned };
}

const isRepinned = (was: DeviceTarget | undefined, is: DeviceTarget): boolean =>
  was?.pinned !== is.pinned || (is.pinned && was.payloadHash !== is.payloadHash);

const move = (device: DeviceId, other: Name | undefined): BoardMove =>
  other === undefined ? { device } : { device, other };

/** Both lists are sorted: one walk finds what is on either side, or on both. */
function inStep<T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (item: T) => string,
  visit: (was: T | undefined, is: T | undefined) => void,
): void {
  for (let a = 0, b = 0; a < before.length || b < after.length; ) {
    const was = before[a];
    const is = after[b];
    const order = was === undefined ? 1 : is === undefined ? -1 : compare(keyOf(was), keyOf(is));
    visit(order <= 0 ? was : undefined, order >= 0 ? is : undefined);
    if (order <= 0) a += 1;
    if (order >= 0) b += 1;
  }
}

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/* ---- Which fleets ---- */

function touchedFleets(base: DesiredState | undefined, head: DesiredState, moves: Moves): ReadonlySet<Name> {
  const before = fleetPrints(base);
  const after = fleetPrints(head);
  const touched = new Set<Name>([...moves.left.keys(), ...moves.joined.keys(), ...moves.repinned]);
  for (const [name, print] of after) if (before.get(name) !== print) touched.add(name);
  for (const name of before.keys()) if (!after.has(name)) touched.add(name);
  return touched;
}

/** All that a fleet says, with what it refers to, but for its members. */
function fleetPrints(desired: DesiredState | undefined): ReadonlyMap<Name, string> {
  if (desired === undefined) return new Map();
  const releases = new Map(desired.releases.map(release => [release.name, release]));
  const boards = new Map(desired.boards.map(board => [board.name, boardPrint(board)]));
  return new Map(
    desired.fleets.map(({ name, release, board, policyHash, rollout, suspend }) => {
      const { payloadHash, verified } = releases.get(release) ?? {};
      const said = { release, payloadHash, verified, policyHash, rollout, suspend, board: boards.get(board) };
      return [name, canonicalJson(said)];
    }),
  );
}

/** What a Board says, as one text. */
export const boardPrint = (board: ResolvedBoard): string => canonicalJson(board);

/* ---- Their boards ---- */

/** By fleet, for the touched ones. */
type Pairs = ReadonlyMap<Name, readonly BoardChange[]>;

function pairTargets(
  before: readonly DeviceTarget[],
  after: readonly DeviceTarget[],
  touched: ReadonlySet<Name>,
): Pairs {
  const pairs = new Map<Name, BoardChange[]>();
  if (touched.size === 0) return pairs;
  inStep(
    before,
    after,
    ({ device }) => device,
    (was, is) => {
      if (is === undefined || !touched.has(is.fleet)) return;
      push(pairs, is.fleet, was === undefined ? { target: is } : { target: is, before: was });
    },
  );
  return pairs;
}

interface Sources {
  readonly base: DesiredState | undefined;
  readonly head: DesiredState;
  readonly moved: Moves;
  readonly pairs: Pairs;
}

function fleetChange(name: Name, { base, head, moved, pairs }: Sources): FleetChange {
  const before = base?.fleets.find(fleet => fleet.name === name);
  const after = head.fleets.find(fleet => fleet.name === name);
  return {
    name,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    boards: pairs.get(name) ?? [],
    left: moved.left.get(name) ?? [],
    joined: moved.joined.get(name) ?? [],
    beginsRollout: after !== undefined && payloadOf(base, before) !== payloadOf(head, after),
  };
}

const payloadOf = (desired: DesiredState | undefined, fleet: ResolvedFleet | undefined): string | undefined =>
  desired?.releases.find(({ name }) => name === fleet?.release)?.payloadHash;
