// Which boot entry systemd-boot starts, and under which name the entry lies when it has started it.

import {
  compareLoaderEntries,
  countBoot,
  type EntryName,
  formatEntryName,
  type LoaderEntry,
} from '@seatrial/capsule-plan';
import { matchesEntryPattern } from './entry-pattern.ts';

/** What the loader is told beside the entries themselves; patterns as they stand in its variables. */
export interface LoaderWishes {
  readonly oneShot?: string;
  readonly default?: string;
  /** A loader that takes no notice of exhausted entries. */
  readonly ignoresExhaustion?: boolean;
}

export interface Selection {
  readonly entry: LoaderEntry;
  /** The entry's id as the loader's variables name it: no counter, but `.conf`. */
  readonly id: string;
  /** The name after counting; undefined for an entry without a counter. */
  readonly countedFileName?: string;
}

/** Undefined where there is nothing to boot. LoaderEntryOneShot beats LoaderEntryDefault beats the order [SD-BOOT]. */
export function selectEntry(entries: readonly LoaderEntry[], wishes: LoaderWishes): Selection | undefined {
  const offered = inLoaderOrder(entries, wishes);
  const entry = find(offered, wishes.oneShot) ?? find(offered, wishes.default) ?? offered[0];
  if (entry === undefined) return undefined;
  const counted = formatEntryName(countBoot(entry.name));
  const id = entryId(entry.name);
  return entry.name.triesLeft === undefined ? { entry, id } : { entry, id, countedFileName: counted };
}

/** The order of the loader's menu. */
export const inLoaderOrder = (
  entries: readonly LoaderEntry[],
  { ignoresExhaustion = false }: LoaderWishes = {},
): readonly LoaderEntry[] =>
  entries.toSorted((a, b) =>
    ignoresExhaustion ? compareLoaderEntries(uncounted(a), uncounted(b)) : compareLoaderEntries(a, b),
  );

const entryId = ({ id }: EntryName): string => `${id}.conf`;

const find = (entries: readonly LoaderEntry[], pattern: string | undefined): LoaderEntry | undefined =>
  pattern === undefined ? undefined : entries.find(({ name }) => matchesEntryPattern(pattern, entryId(name)));

const uncounted = (entry: LoaderEntry): LoaderEntry => ({ ...entry, name: { id: entry.name.id } });
