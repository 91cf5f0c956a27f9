// Which changes of a board's standing are worth an event, and in which words.

import type { Change } from './diff.ts';
import type { Standing } from './standing.ts';

/** Undefined for changes that come and go by themselves. */
const TELLS: Readonly<Partial<Record<Standing, { readonly kind: string; readonly words: string }>>> = {
  upToDate: { kind: 'board-up-to-date', words: 'is proven to run what is wanted' },
  blocked: { kind: 'board-blocked', words: 'can not begin' },
  failed: { kind: 'board-failed', words: 'failed' },
  overdue: { kind: 'board-overdue', words: 'did not finish in time' },
  unreachable: { kind: 'board-unreachable', words: 'has fallen silent' },
};

export interface BoardTold {
  readonly kind: string;
  readonly message: string;
}

export function boardEvent(device: string, { after }: Change, why?: string): BoardTold | undefined {
  const tells = TELLS[after];
  if (tells === undefined) return undefined;
  const { kind, words } = tells;
  return { kind, message: why === undefined ? `${device} ${words}` : `${device} ${words}: ${why}` };
}
