// The glob patterns in systemd-boot's variables: `*`, `?` and `[set]`, without regard to case [SD-BOOT].

/** True when `id`, an entry's name without counter but with `.conf`, fits the whole pattern. */
export const matchesEntryPattern = (pattern: string, id: string): boolean =>
  new RegExp(`^${[...tokens(pattern)].join('')}$`, 'u').test(id.toLowerCase());

const TOKEN = /\[!?[^\]]+\]|./gsu;

function* tokens(pattern: string): Generator<string> {
  for (const [token] of pattern.toLowerCase().matchAll(TOKEN)) yield expression(token);
}

function expression(token: string): string {
  if (token === '*') return '.*';
  if (token === '?') return '.';
  if (token.length > 1) return `[${escapeSet(token.slice(1, -1).replace(/^!/u, '^'))}]`;
  return token.replace(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
}

const escapeSet = (set: string): string => set.replace(/[\\[\]]/gu, String.raw`\$&`);
