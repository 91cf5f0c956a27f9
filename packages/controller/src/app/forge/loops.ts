// What the controller does on the forge: loops of their own, so that no outage there ever holds up a fleet.

import type { Desk } from '../desk.ts';
import type { Loop, LoopOutcome } from '../loop.ts';
import { type AfterMergeOptions, startAfterMerge } from './after-merge.ts';
import { Doorbell, type Ring, type Rung } from './doorbell.ts';
import { Reviewer, type ReviewerOptions } from './review-loop.ts';

export interface ForgeLoopsOptions extends ReviewerOptions {
  readonly desk: Desk;
  /** False until enough is known of git and of the boards to foretell anything. */
  readonly mayReview: () => boolean;
  /** Has the fleet's branch looked at. */
  readonly lookAtGit: () => void;
  readonly startLoop: (name: string, work: () => Promise<LoopOutcome>) => Loop;
  readonly after: Omit<AfterMergeOptions, 'desk' | 'forge' | 'directory' | 'pollMs' | 'startLoop'>;
}

export interface ForgeLoops {
  /** A webhook. */
  readonly ring: (ring: Ring) => Promise<Rung>;
  /** Something that reviews depend on has changed. */
  wake(): void;
  stop(): Promise<void>;
}

/** Which loops look sooner because of a webhook; all others pass by. */
const ASKED_AGAIN: ReadonlySet<string> = new Set(['check_run', 'check_suite']);

export function startForgeLoops(options: ForgeLoopsOptions): ForgeLoops {
  const { desk, mayReview, lookAtGit, startLoop } = options;
  const reviewer = new Reviewer(options);
  const reviews = startLoop('reviews', async () => (mayReview() ? reviewer.look() : { kind: 'done' }));
  const after = startAfterMerge({ ...options, ...options.after });
  const doorbell = new Doorbell(desk, event => {
    if (event === 'push') lookAtGit();
    // Somebody may have asked for a check to be made again.
    if (ASKED_AGAIN.has(event)) reviewer.forget();
    wake();
  });
  const loops = [reviews, after];
  const wake = () => {
    for (const loop of loops) loop.wake();
  };
  return { ring: doorbell.ring, wake, stop: async () => void (await Promise.all(loops.map(loop => loop.stop()))) };
}
