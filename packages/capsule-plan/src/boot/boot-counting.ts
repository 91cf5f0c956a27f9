// Boot counting in the file name of a boot entry, `name+LEFT[-DONE].conf` [BOOT-LOADER-SPEC, AUTOMATIC-BOOT-ASSESSMENT].

/** A boot entry's file name, taken apart. */
export interface EntryName {
  /** The name without counter and `.conf`; it stays the same while the counter runs. */
  readonly id: string;
  /** Boots that the loader will still try; undefined where the entry is not counted. */
  readonly triesLeft?: number;
  /** Boots that were tried; undefined where none was or the entry is not counted. */
  readonly triesDone?: number;
}

/** good: not counted. indeterminate: on trial. bad: no tries left, so the loader prefers any other entry. */
export type EntryState = 'good' | 'indeterminate' | 'bad';

const COUNTED = /^(.+?)\+(\d{1,9})(?:-(\d{1,9}))?$/;

/** Undefined for a file that is not a boot entry. */
export function parseEntryName(fileName: string): EntryName | undefined {
  if (!fileName.endsWith('.conf') || fileName === '.conf') return undefined;
  const stem = fileName.slice(0, -'.conf'.length);
  const [, id, left, done] = COUNTED.exec(stem) ?? [];
  if (id === undefined || left === undefined) return { id: stem };
  return { id, triesLeft: Number(left), ...(done === undefined ? {} : { triesDone: Number(done) }) };
}

export function formatEntryName({ id, triesLeft, triesDone }: EntryName): string {
  if (triesLeft === undefined) return `${id}.conf`;
  return triesDone === undefined ? `${id}+${triesLeft}.conf` : `${id}+${triesLeft}-${triesDone}.conf`;
}

export const entryState = ({ triesLeft }: EntryName): EntryState =>
  triesLeft === undefined ? 'good' : triesLeft === 0 ? 'bad' : 'indeterminate';

/** What systemd-boot renames the entry to before it starts it; an exhausted one that starts all the same counts on [SD-BOOT]. */
export const countBoot = (name: EntryName): EntryName =>
  name.triesLeft === undefined
    ? name
    : { id: name.id, triesLeft: Math.max(0, name.triesLeft - 1), triesDone: (name.triesDone ?? 0) + 1 };

export const countedEntry = (name: EntryName, tries: number): EntryName => ({ id: name.id, triesLeft: tries });
export const blessedEntry = (name: EntryName): EntryName => ({ id: name.id });
/** As systemd-bless-boot marks an entry bad: nothing left, what was done is kept. */
export const badEntry = (name: EntryName): EntryName => ({ id: name.id, triesLeft: 0, triesDone: name.triesDone ?? 0 });
