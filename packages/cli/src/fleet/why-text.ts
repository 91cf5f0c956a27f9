// Why a board is not up to date, for people: one sentence, then everything that holds it and who can lift it.

import type { WhyView } from '@seatrial/controller';
import type { Millis } from '@seatrial/spec';
import type { Output } from '../cli.ts';
import { formatAge, formatMoment } from '../output/moment.ts';
import { paint } from '../output/paint.ts';
import { printable } from '../output/printable.ts';
import { STANDING_TONES } from './tables.ts';

export function renderWhy(output: Output, { standing, summary, holds }: WhyView, nowMs: Millis): string {
  const sentence = paint(output, STANDING_TONES[standing], printable(summary));
  return [sentence, ...holds.flatMap(hold => holdLines(output, hold, nowMs))].map(line => `${line}\n`).join('');
}

function holdLines(
  output: Output,
  { kind, reason, message, untilMs, remedy }: WhyView['holds'][number],
  nowMs: Millis,
) {
  const name = kind === reason ? kind : `${kind}: ${reason}`;
  const until =
    untilMs === undefined ? '' : ` until ${formatMoment(untilMs as Millis)} (${formatAge(untilMs as Millis, nowMs)})`; // the API's moment
  const head = `  - ${printable(message)}${until} ${paint(output, 'quiet', `[${name}]`)}`;
  return remedy === undefined ? [head] : [head, `    ${printable(remedy)}`];
}
