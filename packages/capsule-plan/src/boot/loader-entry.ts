// A Boot Loader Specification Type #1 entry, as far as OSTree and systemd-boot use it.

import { type EntryName, parseEntryName } from './boot-counting.ts';

export interface LoaderEntry {
  /** As it stands in loader/entries, counter and all. */
  readonly fileName: string;
  readonly name: EntryName;
  readonly title: string;
  /** OSTree numbers its entries: the highest is the deployment that boots first. */
  readonly version: string;
  readonly linux: string;
  /** The kernel argument `ostree=`, a path to the deployment's boot link; undefined for entries that are not OSTree's. */
  readonly ostree?: string;
}

/** Undefined for a file name that is not an entry's. Unknown lines are passed over, as the specification demands. */
export function parseLoaderEntry(fileName: string, text: string): LoaderEntry | undefined {
  const name = parseEntryName(fileName);
  if (name === undefined) return undefined;
  const fields = new Map(text.split('\n').map(line => splitField(line)));
  const ostree = ostreeArgument(fields.get('options') ?? '');
  return {
    fileName,
    name,
    title: fields.get('title') ?? name.id,
    version: fields.get('version') ?? '',
    linux: fields.get('linux') ?? '',
    ...(ostree === undefined ? {} : { ostree }),
  };
}

/** The value of `ostree=` on a kernel command line. */
export const ostreeArgument = (commandLine: string): string | undefined =>
  commandLine
    .split(/\s+/)
    .find(argument => argument.startsWith('ostree='))
    ?.slice('ostree='.length);

/**
 * The order in which systemd-boot offers entries: those with tries left before exhausted ones, then the newer version
 * first, then the fewer tries done, then the name [SD-BOOT].
 */
export function compareLoaderEntries(a: LoaderEntry, b: LoaderEntry): number {
  return (
    Number(a.name.triesLeft === 0) - Number(b.name.triesLeft === 0) ||
    compareVersions(b.version, a.version) ||
    b.name.id.localeCompare(a.name.id, 'en') ||
    (b.name.triesLeft ?? 0) - (a.name.triesLeft ?? 0) ||
    (a.name.triesDone ?? 0) - (b.name.triesDone ?? 0)
  );
}

/** Made once: `localeCompare` with these options would make one for every comparison. */
const BY_NUMBERS = new Intl.Collator('en', { numeric: true });
const compareVersions = (a: string, b: string): number => BY_NUMBERS.compare(a, b);

const splitField = (line: string): [string, string] => {
  const [, key, value] = /^\s*([a-z-]+)\s+(.*?)\s*$/.exec(line) ?? [];
  return [key ?? '', value ?? ''];
};
