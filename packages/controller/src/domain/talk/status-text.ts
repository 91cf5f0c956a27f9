// The commit status of a fleet: whether it is done, and in one line how far it has come.

import { assertNever } from '@seatrial/spec';
import type { Decision } from '../decision.ts';
import type { FleetProgress, ProgressCounts } from './fleet-progress.ts';
import { eventText } from './next-event.ts';

export interface StatusText {
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  /** At most 140 characters. */
  readonly description: string;
  /** Nothing more will come of it. */
  readonly isFinal: boolean;
}

/** The commit status of a merged commit that could not be put in force. */
export const REFUSED_CONTEXT = 'seatrial';
export const refusedStatus = ({ issues, first, kept }: Extract<Decision, { kind: 'commit-rejected' }>): StatusText => ({
  state: 'failure',
  description: shortened([
    `refused: ${issues} ${issues === 1 ? 'issue' : 'issues'}`,
    ...(kept === undefined ? [] : [`${kept.slice(0, 12)} stays in force`]),
    ...first.slice(0, 1),
  ]),
  isFinal: true,
});

/** What GitHub shows of a description. */
const LONGEST = 140;

export const statusContext = (fleet: string): string => `seatrial/${fleet}`;

export function statusOf(progress: FleetProgress): StatusText {
  const state = forgeState(progress);
  const parts = [leadOf(progress), boardsOf(progress), nextOf(progress)].filter(part => part !== '');
  return { state, description: shortened(parts), isFinal: progress.state.kind === 'done' };
}

/** A rollout that was superseded or cancelled has proven nothing, so it is no success. */
function forgeState({ state }: FleetProgress): StatusText['state'] {
  switch (state.kind) {
    case 'advancing':
    case 'soaking':
    case 'waiting':
      return 'pending';
    case 'paused':
      return state.reason === 'operator' ? 'pending' : 'failure';
    case 'done':
      return state.outcome === 'completed' ? 'success' : 'error';
    default:
      return assertNever(state);
  }
}

function leadOf({ state, stage, stages, successor }: FleetProgress): string {
  const place = stage === 0 ? '' : stages === undefined ? `stage ${stage}` : `stage ${stage} of ${stages}`;
  switch (state.kind) {
    case 'advancing':
      return place;
    case 'soaking':
      return `${place} is watched`;
    case 'waiting':
      return state.message;
    case 'paused':
      return `paused in ${place}: ${state.message}`;
    case 'done':
      return state.outcome === 'superseded' && successor !== undefined ? `superseded by ${successor}` : state.outcome;
    default:
      return assertNever(state);
  }
}

/** What went wrong before what is still under way; what counts nobody is left out. */
const WORDS = [
  ['upToDate', 'up to date'],
  ['failed', 'failed'],
  ['rolledBack', 'rolled back'],
  ['blocked', 'blocked'],
  ['updating', 'updating'],
  ['pending', 'pending'],
  ['gated', 'gated'],
  ['unreachable', 'unreachable'],
] as const satisfies readonly (readonly [keyof ProgressCounts, string])[];

function boardsOf({ counts }: FleetProgress): string {
  if (counts === undefined) return '';
  const told = WORDS.filter(([key]) => key === 'upToDate' || counts[key] > 0);
  return told.map(([key, word]) => `${counts[key]}${key === 'upToDate' ? `/${counts.cohort}` : ''} ${word}`).join(', ');
}

function nextOf({ state, next, revert }: FleetProgress): string {
  if (revert !== undefined && state.kind === 'paused') return `revert: #${revert.number}`;
  const isSaid = state.kind === 'waiting' || state.kind === 'paused';
  return next === undefined || isSaid ? '' : eventText(next);
}

/** Whole parts as long as they fit; the first is cut if it must be. */
function shortened(parts: readonly string[]): string {
  const [first = '', ...others] = parts;
  let text = first.length <= LONGEST ? first : `${first.slice(0, LONGEST - 1)}…`;
  for (const part of others) if (`${text}; ${part}`.length <= LONGEST) text = `${text}; ${part}`;
  return text;
}
