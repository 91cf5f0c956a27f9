// The part of a desired state that is rehearsed: the fleets that were named, and boards that are listed, or made up.

import { type DesiredState, type DeviceTarget, type Name, parseDeviceId, type ResolvedFleet } from '@seatrial/spec';
import { CliError } from '../errors.ts';

export interface BoardChoice {
  /** Undefined: every fleet that has boards. */
  readonly fleets?: readonly string[] | undefined;
  /** Made up for each fleet; undefined: those that are listed. */
  readonly boards?: number | undefined;
}

/** Fails with `name-unknown`, `rehearsal-empty`. */
export function chooseBoards(desired: DesiredState, { fleets: named, boards }: BoardChoice): DesiredState {
  const stranger = named?.find(name => !desired.fleets.some(fleet => fleet.name === name));
  if (stranger !== undefined) throw new CliError('name-unknown', `git has no fleet ${stranger}`);
  const chosen = desired.fleets.filter(({ name }) => named?.includes(name) ?? true);
  const targets = chosen.flatMap(fleet =>
    boards === undefined ? listed(desired, fleet) : madeUp(desired, fleet, boards),
  );
  const isPeopled = (name: Name): boolean => targets.some(({ fleet }) => fleet === name);
  const fleets = chosen.filter(({ name }) => isPeopled(name));
  const empty = named?.find(name => !fleets.some(fleet => fleet.name === name));
  if (fleets.length === 0 || empty !== undefined)
    throw new CliError('rehearsal-empty', `${empty === undefined ? 'no fleet' : `fleet ${empty}`} has a board`);
  return {
    ...desired,
    fleets: fleets.map(fleet => ({
      ...fleet,
      members: targets.flatMap(t => (t.fleet === fleet.name ? t.device : [])),
    })),
    targets: targets.toSorted((a, b) => (a.device < b.device ? -1 : 1)),
    devices: targets.map(({ device, board, labels, fleet }) => ({ id: device, board: board.name, labels, fleet })),
  };
}

const listed = ({ targets }: DesiredState, { name }: ResolvedFleet): readonly DeviceTarget[] =>
  targets.filter(({ fleet }) => fleet === name);

/** Boards with nothing of their own, as a selector would find them. */
function madeUp({ boards, releases }: DesiredState, fleet: ResolvedFleet, count: number): readonly DeviceTarget[] {
  const board = boards.find(({ name }) => name === fleet.board);
  const release = releases.find(({ name }) => name === fleet.release);
  if (board === undefined || release === undefined) return [];
  const digits = String(count).length;
  return Array.from({ length: count }, (_, index) => ({
    device: deviceId(`${fleet.name.slice(0, 40)}-${String(index + 1).padStart(digits, '0')}`),
    fleet: fleet.name,
    release: release.name,
    board,
    payload: release.payload,
    payloadHash: release.payloadHash,
    policy: fleet.policy,
    policyHash: fleet.policyHash,
    labels: {},
    pinned: false,
    suspended: fleet.suspend,
  }));
}

function deviceId(text: string): DeviceTarget['device'] {
  const id = parseDeviceId(text);
  if (id === undefined) throw new CliError('defect', `${text} is no device id`);
  return id;
}
