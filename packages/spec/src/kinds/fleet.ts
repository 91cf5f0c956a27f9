// Fleet: which boards get which release, at what pace, when, and what proves that it went well.

import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { documentOf, list, mapping } from './document.ts';
import { duration, name, percent, portion, positiveDuration, word } from './text.ts';
import { Download, Gates, Trial, Window } from './update-policy.ts';

const Stage = z.strictObject({
  limit: portion(1).describe(
    'The cohort up to and including this stage: a share of the fleet or a number of boards. Each must be larger than the one before, the last 100%.',
  ),
  soak: duration.prefault('0s').describe('How long the stage must have been up to date before the next one starts.'),
});

const StageApproval = z.strictObject({
  role: name.describe('Who must approve, by a signed Approval.'),
  stage: z.int().min(1).max(LIMITS.stages).describe('The stage, from 1, that waits for it.'),
});

const Rollout = z.strictObject({
  stages: list(Stage, LIMITS.stages).min(1).describe('The steps in which a release spreads.'),
  successThreshold: percent
    .prefault('100%')
    .describe('Share of the boards that could act which must be up to date before the next stage.'),
  failureBudget: portion(0).prefault(0).describe('So many boards may fail; one more stops the rollout.'),
  deviceTimeout: positiveDuration
    .prefault('6h')
    .describe('A board that could act and is not done after this has failed.'),
  onFailure: z
    .enum(['pause', 'revert'])
    .default('pause')
    .describe('`pause` waits for an engineer; `revert` also records that the commit is to be taken back.'),
  approvals: list(StageApproval, LIMITS.approvals).prefault([]).describe('Stages that wait for a person.'),
});

export const Fleet = documentOf(
  'Fleet',
  z.strictObject({
    board: name.describe('The Board type of its devices.'),
    selector: z
      .strictObject({
        matchLabels: mapping(word, word, LIMITS.labels).describe(
          'A device of the board type belongs to the fleet when it has all of these labels; none selects every device.',
        ),
      })
      .describe('Which devices belong to the fleet.'),
    release: name.describe('The Release to converge to.'),
    suspend: z.boolean().default(false).describe('Stops planning; boards finish what they have begun.'),
    rollout: Rollout.describe('At what pace a release spreads, and when it stops.'),
    windows: list(Window, LIMITS.windows)
      .prefault([])
      .describe('When boards may install and restart. None means at any time.'),
    gates: Gates.prefault({}).describe('What must hold on the board before it installs or restarts.'),
    download: Download.prefault({}).describe('How a board fetches.'),
    trial: Trial.prefault({}).describe('What a new system must show before it stays.'),
  }),
);
/** The boards of one type whose labels match, and the release that they converge to. */
export type Fleet = z.output<typeof Fleet>;
