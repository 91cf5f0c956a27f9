// What many samples come down to: the middle, the extremes, and how a subject stands against the baseline beside it.

import type { Comparison, ComparisonRow, Sample } from './measure.ts';

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** The median over the rounds of subject divided by baseline in the same round; undefined where nothing can be divided. */
  readonly ratio?: number;
}

/** By metric. A metric that a subject never gave is absent. */
export type Spreads = Readonly<Record<string, Spread>>;

export function spreadsOf({ samples }: ComparisonRow, { metrics, baseline, rows }: Comparison): Spreads {
  const base = rows.find(({ subject }) => subject === baseline)?.samples ?? [];
  return Object.fromEntries(
    metrics.flatMap(({ key }) => {
      const values = valuesOf(samples, key);
      return values.length === 0 ? [] : [[key, { ...extremes(values), ...ratioOf(values, valuesOf(base, key)) }]];
    }),
  );
}

const valuesOf = (samples: readonly Sample[], key: string): readonly number[] =>
  samples.flatMap(sample => sample[key] ?? []);

const extremes = (values: readonly number[]) => ({
  min: Math.min(...values),
  median: median(values),
  max: Math.max(...values),
});

/** Pairs the rounds: load that comes and goes during a run then falls on both sides of each division. */
function ratioOf(values: readonly number[], base: readonly number[]): Pick<Spread, 'ratio'> {
  const ratios = values.map((value, round) => value / (base[round] ?? Number.NaN)).filter(Number.isFinite);
  return ratios.length === 0 ? {} : { ratio: median(ratios) };
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [upper = Number.NaN, lower = upper] = [sorted[middle], sorted[middle - 1]];
  return sorted.length % 2 === 1 ? upper : (upper + lower) / 2;
}
