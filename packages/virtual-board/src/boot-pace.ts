// The bound on how often a board may start in a minute, so that one that is broken for good does not eat the machine.

const MINUTE_MS = 60_000;

/** How long the next start must wait, given the moments of the earlier ones, oldest first. */
export function holdBackMs(startsAtMs: readonly number[], nowMs: number, maxPerMinute: number): number {
  const oldestThatCounts = startsAtMs.at(-maxPerMinute);
  return oldestThatCounts === undefined ? 0 : Math.max(0, oldestThatCounts + MINUTE_MS - nowMs);
}
