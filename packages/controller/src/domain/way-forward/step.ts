// From what a fleet wants to what it could want: the new release, and the files that say so.

import { posix } from 'node:path';
import type { DesiredState, Name, ResolvedFleet, ResolvedRelease } from '@seatrial/spec';
import { bytesOf, type Changed } from '../edit/changed.ts';
import { fileHolding, withRelease } from '../edit/yaml-text.ts';
import type { Bump } from './bump-text.ts';
import { bumpedRelease } from './bumped-release.ts';
import { distinctName, type Newer, nextName } from './newer.ts';

/** What the branch says now. */
export interface Present {
  readonly desired: DesiredState;
  /** The YAML by path from the fleet's directory. */
  readonly texts: ReadonlyMap<string, string>;
}

/** One fleet's step, with the files that it needs. */
export interface Step {
  readonly bump: Bump;
  readonly files: Changed;
}

/** Undefined where the documents can not be found in the files, or the place of the new one is taken. */
export function stepTo(
  fleet: ResolvedFleet,
  release: ResolvedRelease,
  newer: Newer,
  present: Present,
): Step | undefined {
  const { desired, texts } = present;
  const to = freeName(desired, release, newer);
  const place = fileHolding(texts, 'Release', release.name);
  const fleetPlace = fileHolding(texts, 'Fleet', fleet.name);
  const fleetText = fleetPlace && withRelease(fleetPlace.text, fleet.name, to);
  if (place === undefined || fleetPlace === undefined || fleetText === undefined) return undefined;
  const path = posix.join(posix.dirname(place.path), `${to}.yaml`);
  const files = new Map([[fleetPlace.path, bytesOf(fleetText)]]);
  if (!desired.releases.some(({ name }) => name === to)) {
    const text = bumpedRelease(place.text, release.name, to, newer);
    if (text === undefined || texts.has(path)) return undefined;
    files.set(path, bytesOf(text));
  }
  const { name, payload } = release;
  return { bump: { fleet: fleet.name, from: { release: name, payload }, to, path, newer }, files };
}

/** A name that is free, or that stands for exactly this already. */
function freeName({ releases }: DesiredState, release: ResolvedRelease, newer: Newer): Name {
  const name = nextName(release.name, newer);
  const taken = releases.find(one => one.name === name);
  return taken === undefined || holds(taken, release, newer) ? name : distinctName(name, newer);
}

const holds = (taken: ResolvedRelease, release: ResolvedRelease, { os, firmware }: Newer): boolean =>
  taken.payload.os?.commit === (os ?? release.payload.os)?.commit &&
  taken.payload.firmware?.version === (firmware ?? release.payload.firmware)?.version;

/** One pull request for each fleet, or one for all, under undefined. */
export function grouped(steps: readonly Step[], by: 'fleet' | 'all'): ReadonlyMap<Name | undefined, readonly Step[]> {
  if (by === 'all') return new Map(steps.length === 0 ? [] : [[undefined, steps]]);
  return new Map(steps.map(step => [step.bump.fleet, [step]]));
}

/** The files of all steps. Two fleets may stand in one file: each changes its own line of it. */
export function filesOf(steps: readonly Step[], { texts }: Present): Changed {
  const files = new Map<string, Uint8Array | undefined>();
  for (const { bump, files: own } of steps) {
    for (const [path, bytes] of own) {
      const before = files.get(path);
      const isShared = before !== undefined && texts.has(path);
      const text = isShared ? withRelease(Buffer.from(before).toString(), bump.fleet, bump.to) : undefined;
      files.set(path, text === undefined ? bytes : bytesOf(text));
    }
  }
  return files;
}
