// What every rule of a review may look at, and what it says when it objects.

import type { Name } from '@seatrial/spec';
import type { Changes, FleetChange } from './changes.ts';
import type { Foresight } from './foresight.ts';
import type { Places } from './places.ts';
import type { BoardSample, FilePlace, ReviewInput, RolloutForecast } from './review.ts';
import type { WarningCode } from './warnings.ts';

/** A warning before the policy has said what it does. */
export interface Finding {
  readonly code: WarningCode;
  /** One sentence with numbers; names come from YAML and are made safe where they are shown. */
  readonly text: string;
  readonly fleet?: Name;
  readonly boards?: BoardSample;
  readonly place?: FilePlace | undefined;
}

export interface Evidence {
  readonly input: ReviewInput;
  readonly changes: Changes;
  /** Places at the head. */
  readonly places: Places;
}

/** One fleet that the change touches, with what was foreseen of its boards. */
export interface FleetEvidence extends Evidence {
  readonly change: FleetChange;
  readonly boards: readonly Foresight[];
  readonly forecast: RolloutForecast | undefined;
}

/** `1 board`, `2 boards`. */
export const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
