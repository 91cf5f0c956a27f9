// Keeps of many samples those that matter to who looks at all of them at once.

import type { Sample } from './timeline.ts';

export interface Columns {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly columns: number;
}

/**
 * At most two samples for each column of time: the one with most boards at work, which must not be missed, and the last,
 * which stays. The first and the last of all are kept.
 */
export function thinned(samples: readonly Sample[], { fromMs, untilMs, columns }: Columns): readonly Sample[] {
  const kept: Sample[] = [];
  let [columnBefore, peakAt] = [-1, 0];
  for (const [index, sample] of samples.entries()) {
    const column = index === 0 ? -1 : Math.floor((columns * (sample.atMs - fromMs)) / Math.max(1, untilMs - fromMs));
    const peak = kept[peakAt];
    if (column !== columnBefore || index === 0) {
      peakAt = kept.push(sample) - 1;
      columnBefore = column;
    } else if (peak !== undefined && sample.standings.updating >= peak.standings.updating) {
      kept.splice(peakAt, kept.length - peakAt, sample);
    } else {
      kept.splice(peakAt + 1, 1, sample);
    }
  }
  return kept;
}
