// What the board knows about itself.
// Touches: /proc/sys/kernel/random/boot_id, /etc/localtime, /etc/timezone, <facts>/rpmbProvisioned (read), statfs(2) of
// /boot and /ostree, and what gate-facts.ts lists. Privileges: none.

import { readlink, statfs } from 'node:fs/promises';
import { bytes, parseBootId, parseTimeZone } from '@seatrial/spec';
import { PortError } from '../errors.ts';
import type { BoardFacts } from '../ports/board-facts.ts';
import type { BoardRoot } from './board-root.ts';
import { readTextIfThere } from './durable-file.ts';
import { gateFacts, truthOf } from './gate-facts.ts';

const BOOT_ID = 'proc/sys/kernel/random/boot_id';

export const boardFacts = (root: BoardRoot, factsDirectory: string): BoardFacts => ({
  bootId: async () => {
    const bootId = parseBootId((await readTextIfThere(root(BOOT_ID))) ?? '');
    if (bootId === undefined) throw new PortError('boot-id-missing', `/${BOOT_ID}`);
    return bootId;
  },
  timeZone: async () => (await linkedZone(root)) ?? zone(await readTextIfThere(root('etc/timezone'))) ?? 'UTC',
  gates: () => gateFacts(root, factsDirectory),
  rpmbProvisioned: async () => truthOf(await readTextIfThere(root(factsDirectory, 'rpmbProvisioned'))),
  freeBytes: async path => {
    const { bavail, bsize } = await statfs(root(path)).catch((error: unknown) => {
      throw new PortError('store-io', path, { cause: error });
    });
    return bytes(bavail * bsize);
  },
});

/** /etc/localtime is a link into the zone database; the end of its path is the zone's name. */
async function linkedZone(root: BoardRoot): Promise<string | undefined> {
  const target = await readlink(root('etc/localtime')).catch(() => '');
  return zone(/zoneinfo\/(.+)$/.exec(target)?.[1]);
}

const zone = (name: string | undefined): string | undefined =>
  name === undefined || name === 'device' ? undefined : parseTimeZone(name);
