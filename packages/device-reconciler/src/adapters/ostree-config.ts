// OSTree's own configuration, as far as the agent needs it.
// Touches: /ostree/repo/config, /etc/ostree/remotes.d/*.conf (read). Privileges: none.

import { readdir } from 'node:fs/promises';
import type { BoardRoot } from './board-root.ts';
import { readTextIfThere } from './durable-file.ts';

type Section = ReadonlyMap<string, string>;

export interface OstreeRemote {
  readonly url: string;
  readonly tls: {
    readonly caPath?: string | undefined;
    readonly certPath?: string | undefined;
    readonly keyPath?: string | undefined;
  };
}

/** A GLib key file: sections in brackets, `key=value` lines, `#` comments. */
export function parseKeyFile(text: string): ReadonlyMap<string, Section> {
  const sections = new Map<string, Map<string, string>>();
  let current = new Map<string, string>();
  for (const line of text.split('\n').map(one => one.trim())) {
    const [, name] = /^\[(.+)\]$/.exec(line) ?? [];
    const [, key, value] = /^([^=#]+?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      current = sections.get(name) ?? new Map<string, string>();
      sections.set(name, current);
    } else if (key !== undefined && value !== undefined) {
      current.set(key, value);
    }
  }
  return sections;
}

/** `sysroot.boot-counting-tries`; 0 where it is not set. */
export async function bootCountingTries(root: BoardRoot): Promise<number> {
  const text = (await readConfig(root)).get('sysroot')?.get('boot-counting-tries') ?? '0';
  return /^\d+$/.test(text) ? Number(text) : 0;
}

/** Undefined where the board has no remote of this name. */
export async function ostreeRemote(root: BoardRoot, name: string): Promise<OstreeRemote | undefined> {
  const section = (await remoteSections(root))
    .find(sections => sections.has(`remote "${name}"`))
    ?.get(`remote "${name}"`);
  if (section === undefined) return undefined;
  return {
    url: section.get('url') ?? '',
    tls: {
      caPath: section.get('tls-ca-path'),
      certPath: section.get('tls-client-cert-path'),
      keyPath: section.get('tls-client-key-path'),
    },
  };
}

const readConfig = async (root: BoardRoot): Promise<ReadonlyMap<string, Section>> =>
  parseKeyFile((await readTextIfThere(root('ostree/repo/config'))) ?? '');

async function remoteSections(root: BoardRoot): Promise<readonly ReadonlyMap<string, Section>[]> {
  const directory = root('etc/ostree/remotes.d');
  const names = (await readdir(directory).catch(() => [])).filter(name => name.endsWith('.conf'));
  const texts = await Promise.all(names.map(name => readTextIfThere(`${directory}/${name}`)));
  return [await readConfig(root), ...texts.map(text => parseKeyFile(text ?? ''))];
}
