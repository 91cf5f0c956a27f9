// The agent's records as files.
// Touches: <state>/{journal,last-plan,lifecycle,boot-epoch}.json and <run>/report-counter.json (replaced as a whole),
// NAME.json.corrupt beside them. Privileges: write access to both directories.

import { rename } from 'node:fs/promises';
import { PortError } from '../errors.ts';
import type { RecordName, RecordStore } from '../ports/record-store.ts';
import { errnoOf, flushDirectory, readIfThere, replaceFile } from './durable-file.ts';

export interface RecordFilesOptions {
  /** On this machine, not relative to the board's root. */
  readonly stateDirectory: string;
  readonly runDirectory: string;
}

const VOLATILE: ReadonlySet<RecordName> = new Set(['report-counter']);

export function recordFiles({ stateDirectory, runDirectory }: RecordFilesOptions): RecordStore {
  const directoryOf = (name: RecordName) => (VOLATILE.has(name) ? runDirectory : stateDirectory);
  const pathOf = (name: RecordName) => `${directoryOf(name)}/${name}.json`;
  return {
    read: async name => {
      try {
        return (await readIfThere(pathOf(name)))?.toString('utf8');
      } catch (error) {
        throw new PortError('store-io', pathOf(name), { cause: error });
      }
    },
    write: async (name, text) => {
      await replaceFile(pathOf(name), text).catch((error: unknown) => {
        throw new PortError(errnoOf(error) === 'ENOSPC' ? 'disk-full' : 'store-io', pathOf(name), { cause: error });
      });
    },
    setAside: async name => {
      const aside = `${pathOf(name)}.corrupt`;
      await rename(pathOf(name), aside).catch((error: unknown) => {
        throw new PortError('store-io', pathOf(name), { cause: error });
      });
      await flushDirectory(directoryOf(name));
      return aside;
    },
  };
}
