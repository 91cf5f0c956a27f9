// Fleet: which boards get which release, at what pace, when, and what proves that it went well.

import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { documentOf, list, mapping } from './document.ts';
import { duration, name, percent, portion, positiveDuration, word } from './text.ts';
import { Download, Gates, Trial, Window } from './update-policy.ts';

const Stage = z.strictObject({ limit: portion(1), soak: duration.prefault('0s') });

const StageApproval = z.strictObject({ role: name, stage: z.int().min(1).max(LIMITS.stages) });

const Rollout = z.strictObject({
  stages: list(Stage, LIMITS.stages).min(1),
  successThreshold: percent.prefault('100%'),
  failureBudget: portion(0).prefault(0),
  deviceTimeout: positiveDuration.prefault('6h'),
  onFailure: z.enum(['pause', 'revert']).default('pause'),
  approvals: list(StageApproval, LIMITS.approvals).default([]),
});

export const Fleet = documentOf(
  'Fleet',
  z.strictObject({
    board: name,
    selector: z.strictObject({ matchLabels: mapping(word, word, LIMITS.labels) }),
    release: name,
    suspend: z.boolean().default(false),
    rollout: Rollout,
    windows: list(Window, LIMITS.windows).default([]),
    gates: Gates.prefault({}),
    download: Download.prefault({}),
    trial: Trial.prefault({}),
  }),
);
/** The boards of one type whose labels match, and the release that they converge to. */
export type Fleet = z.output<typeof Fleet>;
