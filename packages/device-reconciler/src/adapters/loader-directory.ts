// Boot entries as files; a name carries the counter.
// Touches: /boot/loader/entries/*.conf (read, renamed). Privileges: write access to /boot.

import { readdir } from 'node:fs/promises';
import { type EntryName, formatEntryName, type LoaderEntry, parseLoaderEntry } from '@seatrial/capsule-plan';
import { PortError } from '../errors.ts';
import type { LoaderEntries } from '../ports/loader-entries.ts';
import type { BoardRoot } from './board-root.ts';
import { errnoOf, readTextIfThere, renameDurably } from './durable-file.ts';

const DIRECTORY = 'boot/loader/entries';

export function loaderDirectory(root: BoardRoot): LoaderEntries {
  const directory = root(DIRECTORY);
  const fileNames = async (): Promise<readonly string[]> => {
    try {
      return await readdir(directory);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      throw new PortError('loader-io', `/${DIRECTORY}`, { cause: error });
    }
  };

  return {
    list: async () => {
      const entries: LoaderEntry[] = [];
      for (const fileName of await fileNames()) {
        // Gone between the listing and the reading: OSTree swaps the whole directory.
        const text = await readTextIfThere(`${directory}/${fileName}`);
        const entry = text === undefined ? undefined : parseLoaderEntry(fileName, text);
        if (entry !== undefined) entries.push(entry);
      }
      return entries;
    },
    rename: async (from, to) => {
      const [oldName, newName] = [formatEntryName(from), formatEntryName(to)];
      if (oldName === newName) return;
      const present = await fileNames();
      requireRenamable(present, { from, to });
      if (!present.includes(oldName)) return;
      await renameDurably(`${directory}/${oldName}`, `${directory}/${newName}`).catch((error: unknown) => {
        throw new PortError('loader-io', oldName, { cause: error });
      });
    },
  };
}

/** Neither name: nothing to rename. Both: a twin that a rename would silently delete. */
export function requireRenamable(present: readonly string[], { from, to }: { from: EntryName; to: EntryName }): void {
  const [oldName, newName] = [formatEntryName(from), formatEntryName(to)];
  const [hasOld, hasNew] = [present.includes(oldName), present.includes(newName)];
  if (!hasOld && !hasNew) throw new PortError('loader-entry-missing', oldName);
  if (hasOld && hasNew) throw new PortError('loader-entry-exists', newName);
}
