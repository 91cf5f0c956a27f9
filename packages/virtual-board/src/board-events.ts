// What can be seen happening to a board from outside, and how to wait for it.

import type { BootId, OstreeCommit } from '@seatrial/spec';
import { VirtualBoardError } from './errors.ts';
import type { FirmwareEvent } from './firmware/events.ts';

export type BoardEvent =
  | { readonly kind: 'firmware-started'; readonly start: number }
  | { readonly kind: 'firmware-acted'; readonly action: FirmwareEvent }
  | { readonly kind: 'firmware-reset' }
  | { readonly kind: 'entry-started'; readonly fileName: string }
  | { readonly kind: 'nothing-to-boot' }
  | { readonly kind: 'booted'; readonly bootId: BootId; readonly commit: OstreeCommit; readonly fileName: string }
  | { readonly kind: 'system-dead'; readonly how: string }
  | { readonly kind: 'watchdog-reset' }
  | { readonly kind: 'agent-started'; readonly pid: number | undefined }
  | { readonly kind: 'agent-output'; readonly line: string }
  | { readonly kind: 'agent-exited'; readonly code: number | undefined; readonly signal: string | undefined }
  | { readonly kind: 'reboot-requested' }
  | { readonly kind: 'boots-held-back'; readonly forMs: number }
  | { readonly kind: 'power-cut' }
  | { readonly kind: 'power-off' };

export type BoardListener = (event: BoardEvent) => void;

/** Listeners in the order in which they came; each hears every event at the moment it happens. */
export class BoardEvents {
  readonly #listeners = new Set<BoardListener>();

  /** Returns what ends the listening. */
  listen(listener: BoardListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(event: BoardEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

export interface ListenedBoard {
  onEvent(listener: BoardListener): () => void;
}

export type BoardEventOf<K extends BoardEvent['kind']> = Extract<BoardEvent, { kind: K }>;

/** The next event of this kind (for which `where` holds). Throws MOMENT_MISSED after `deadlineMs`, 10 s by default. */
export function nextEvent<K extends BoardEvent['kind']>(
  board: ListenedBoard,
  kind: K,
  { where = () => true, deadlineMs = 10_000 }: NextEventOptions<K> = {},
): Promise<BoardEventOf<K>> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      stop();
      act();
    };
    const stop = board.onEvent(event => {
      if (isOfKind(event, kind) && where(event)) settle(() => resolve(event));
    });
    const timer = setTimeout(() => settle(() => reject(new VirtualBoardError('MOMENT_MISSED', kind))), deadlineMs);
  });
}

export interface NextEventOptions<K extends BoardEvent['kind']> {
  readonly where?: (event: BoardEventOf<K>) => boolean;
  readonly deadlineMs?: number;
}

const isOfKind = <K extends BoardEvent['kind']>(event: BoardEvent, kind: K): event is BoardEventOf<K> =>
  event.kind === kind;
