// Devices: one place each, and at most one fleet.

import { type Corpus, type LocatedKind, type Objection, objection } from '../corpus.ts';
import type { DeviceId } from '../ids.ts';
import type { Listing } from '../membership.ts';

export function deviceRules(corpus: Corpus, listings: readonly Listing[]): Objection[] {
  return [
    ...duplicates(listings),
    ...inTwoFleets(listings),
    ...(corpus.brokenKinds.has('Fleet') ? [] : withoutFleet(listings)),
    ...(corpus.brokenKinds.has('DeviceList') ? [] : withoutDevices(corpus, listings)),
  ];
}

function duplicates(listings: readonly Listing[]): Objection[] {
  if (new Set(listings.map(({ id }) => id)).size === listings.length) return [];
  const first = new Map<DeviceId, Listing>();
  return listings.flatMap(listing => {
    const other = first.get(listing.id);
    if (other === undefined) {
      first.set(listing.id, listing);
      return [];
    }
    const message = `device ${listing.id} already stands in ${other.list.file}`;
    return [objection(listing.list, [...pathOf(listing), 'id'], { code: 'duplicate-device', message })];
  });
}

const inTwoFleets = (listings: readonly Listing[]): Objection[] =>
  listings
    .filter(({ fleets }) => fleets.length > 1)
    .map(listing => {
      const names = listing.fleets.map(({ document }) => document.metadata.name);
      const message = `device ${listing.id} is selected by ${names.join(' and ')}`;
      return objection(listing.list, [...pathOf(listing), 'id'], { code: 'device-in-two-fleets', message });
    });

/** One warning for each list: in bulk they share their cause. */
function withoutFleet(listings: readonly Listing[]): Objection[] {
  const lost = new Map<LocatedKind<'DeviceList'>, Listing[]>();
  for (const listing of listings) {
    if (listing.fleets.length > 0) continue;
    const others = lost.get(listing.list);
    if (others === undefined) lost.set(listing.list, [listing]);
    else others.push(listing);
  }
  return [...lost].flatMap(([list, [example, ...others]]) => {
    if (example === undefined) return [];
    const message = `${example.id}${others.length === 0 ? '' : ` and ${others.length} more`} are in no fleet`;
    return [objection(list, [...pathOf(example), 'id'], { code: 'device-without-fleet', message })];
  });
}

function withoutDevices({ all }: Corpus, listings: readonly Listing[]): Objection[] {
  const used = new Set<LocatedKind<'Fleet'>>();
  for (const { fleets } of listings) for (const fleet of fleets) used.add(fleet);
  return all.Fleet.filter(fleet => !used.has(fleet)).map(fleet =>
    objection(fleet, ['spec', 'selector'], {
      code: 'fleet-without-devices',
      message: `fleet ${fleet.document.metadata.name} selects no device`,
    }),
  );
}

const pathOf = ({ position }: Listing) => ['spec', 'devices', position];
