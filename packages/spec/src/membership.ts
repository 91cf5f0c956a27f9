// Which devices there are and which fleets select them: the one place where selectors meet labels.

import type { Corpus, LocatedKind } from './corpus.ts';
import type { DeviceId, Name } from './ids.ts';
import type { Labels } from './kinds/document.ts';

/** One entry of a DeviceList. */
export interface Listing {
  readonly list: LocatedKind<'DeviceList'>;
  /** Among the devices of its list, from 0. */
  readonly position: number;
  readonly id: DeviceId;
  readonly board: Name;
  readonly pin: Name | undefined;
  /** The list's labels under the device's own; one object for all devices of the list whose own are alike. */
  readonly labels: Labels;
  /** Fleets of the device's board whose selector matches; more than one is a mistake. */
  readonly fleets: readonly LocatedKind<'Fleet'>[];
}

const NO_LABELS: Labels = Object.freeze({});

/** Every listed device in the order of files; costs devices times the fleets that share a label with them. */
export function listDevices(corpus: Corpus): readonly Listing[] {
  const fleetsOf = selection(corpus.all.Fleet);
  return corpus.all.DeviceList.flatMap(list => {
    const { board, labels: common = NO_LABELS, devices } = list.document.spec;
    const claimOf = claims(common, labels => fleetsOf(board, labels));
    return devices.map(({ id, labels: own, pin }, position) => ({ list, position, id, board, pin, ...claimOf(own) }));
  });
}

type Claim = Pick<Listing, 'labels' | 'fleets'>;

/** Few of the devices of a list differ in their labels: each sort of them meets the selectors once. */
function claims(common: Labels, fleetsOf: (labels: Labels) => Listing['fleets']): (own: Labels | undefined) => Claim {
  const known = new Map<string, Claim>();
  return own => {
    const key = own === undefined ? '' : JSON.stringify(own);
    const before = known.get(key);
    if (before !== undefined) return before;
    const labels = own === undefined ? common : { ...common, ...own };
    const claim = { labels, fleets: fleetsOf(labels) };
    known.set(key, claim);
    return claim;
  };
}

type Selection = (board: Name, labels: Labels) => readonly LocatedKind<'Fleet'>[];

/** Fleets are found through the first label of their selector, so that a device only meets fleets that could match. */
function selection(fleets: readonly LocatedKind<'Fleet'>[]): Selection {
  const byFirstLabel = new Map<string, LocatedKind<'Fleet'>[]>();
  for (const fleet of fleets) {
    const { board, selector } = fleet.document.spec;
    const key = bucket(board, Object.entries(selector.matchLabels)[0]);
    const others = byFirstLabel.get(key);
    if (others === undefined) byFirstLabel.set(key, [fleet]);
    else others.push(fleet);
  }
  return (board, labels) => {
    const buckets = [undefined, ...Object.entries(labels)].map(label => byFirstLabel.get(bucket(board, label)) ?? []);
    return buckets.flat().filter(fleet => matches(fleet.document.spec.selector.matchLabels, labels));
  };
}

const bucket = (board: Name, label: readonly [string, string] | undefined): string =>
  label === undefined ? board : `${board} ${label[0]}=${label[1]}`;

const matches = (wanted: Labels, labels: Labels): boolean =>
  Object.entries(wanted).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
