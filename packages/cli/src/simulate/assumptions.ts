// What a rehearsal has taken for granted, in sentences: whoever reads its answer must know what it rests on.

import { type RehearsalWish, releaseBefore } from '@seatrial/simulator';
import { formatBytes } from '@seatrial/spec';
import { plural } from '../output/plural.ts';

export function assumptionsOf(wish: RehearsalWish, { madeUp }: { readonly madeUp: boolean }): readonly string[] {
  return [
    ...boardsOf(wish, madeUp),
    gatesOf(wish),
    ...approvalsOf(wish),
    `each board gets ${formatBytes(wish.network.bytesPerSecond)}/s of a network of class ${wish.network.class}, or what its fleet allows`,
    `pulling the OS takes ${formatBytes(wish.commitBytes)} for each board (--os-bytes)`,
    ...rates('the release fails on', wish.failures),
    ...rates('faults', wish.faults),
  ];
}

function boardsOf({ desired, seen, from }: RehearsalWish, madeUp: boolean): readonly string[] {
  const count = desired.targets.length;
  if (seen !== undefined) {
    const missing = count - seen.size;
    return [
      `${plural(seen.size, 'board')} as observed`,
      ...(missing === 0 ? [] : [`${plural(missing, 'board')} of git not in the snapshot: silent for ever`]),
    ];
  }
  const origin = madeUp ? 'made up' : 'as listed in git';
  return [`${plural(count, 'board')} ${origin}`, ...desired.fleets.map(fleet => startsOn({ desired, from }, fleet))];
}

function startsOn(
  { desired, from }: { readonly desired: RehearsalWish['desired']; readonly from: RehearsalWish['from'] },
  { name, board }: RehearsalWish['desired']['fleets'][number],
): string {
  const own = desired.targets.find(({ fleet, pinned }) => fleet === name && !pinned);
  const named = desired.releases.find(release => release.name === from && release.board === board);
  const before = named ?? (own && releaseBefore(desired, own));
  return before === undefined
    ? `boards of ${name} start as from the factory, with nothing of any release`
    : `boards of ${name} start on ${before.name}`;
}

const gatesOf = ({ gates, seen }: RehearsalWish): string => {
  if (gates === 'open') return 'gates are open on every board';
  return seen === undefined ? 'nothing is known for the gates: those that ask stay closed' : 'gates stay as observed';
};

function approvalsOf({ desired, approvals }: RehearsalWish): readonly string[] {
  const needed = desired.fleets.flatMap(({ rollout }) => rollout.approvals);
  if (needed.length === 0) return [];
  return [approvals === 'given' ? 'every approval is given at once' : 'only approvals that git holds are given'];
}

/** `power 10, offline 30`: nothing where every rate is 0. */
function rates(what: string, table: Readonly<Record<string, number>>): readonly string[] {
  const named = Object.entries(table).filter(([, rate]) => rate > 0);
  return named.length === 0 ? [] : [`${what}: ${named.map(([name, rate]) => `${name} ${rate}`).join(', ')}`];
}
