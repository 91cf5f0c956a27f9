// One decision, for people.

import { detailOf, headline, orderedBy, type RecordedDecision } from '@seatrial/controller/audit';
import type { Output } from '../cli.ts';
import { formatMoment } from '../output/moment.ts';
import { paint } from '../output/paint.ts';
import { printable } from '../output/printable.ts';

/** A line for what, when and who, and the reasons below it. */
export function renderDecision(output: Output, { atMs, decision }: RecordedDecision): string {
  const by = orderedBy(decision);
  const who = by === undefined ? '' : paint(output, 'active', `  ${printable(by)}`);
  const head = `${paint(output, 'quiet', formatMoment(atMs))}  ${printable(headline(decision))}${who}`;
  const reasons = detailOf(decision)
    .split('\n')
    .filter(line => line !== '')
    .map(line => `    ${printable(line)}`);
  return [head, ...reasons].map(line => `${line}\n`).join('');
}
