// What a benchmark is, and what it finds.

import type { Comparison } from './measure.ts';

export interface Benchmark {
  /** How the command line and the file of results call it, in kebab-case. */
  readonly name: string;
  readonly title: string;
  /** What is compared with what, and why that is the limit: a paragraph of the page. */
  readonly about: string;
  readonly run: (setting: Setting) => Promise<Findings>;
}

export interface Setting {
  /** `quick` proves that the benchmark works, in seconds; its figures mean nothing. */
  readonly size: 'full' | 'quick';
  /** Overrides how often the subjects take turns. */
  readonly rounds?: number | undefined;
  /** Empty, and gone afterwards. */
  readonly directory: string;
  readonly tell: (progress: string) => void;
}

export interface Findings {
  readonly comparisons: readonly Comparison[];
  readonly listings?: readonly Listing[];
  /** Sentences about this very run that its tables do not say. */
  readonly notes?: readonly string[];
}

/** A table that compares nothing: counts, facts. */
export interface Listing {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** As many rounds as were asked for, else as the size wants. */
export const roundsOf = ({ size, rounds }: Setting, full: number): number => rounds ?? (size === 'full' ? full : 1);
