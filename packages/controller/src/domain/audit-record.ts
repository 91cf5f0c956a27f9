// What a commit on the audit branch says: its message and its files, and the way back from them.

import { canonicalJson, err, type Json, ok, type Result } from '@seatrial/spec';
import { z } from 'zod';
import { detailOf, headline, type RecordedDecision } from './decision.ts';
import type { Rollout } from './rollout.ts';

/** The trailer that carries the decision as JSON on one line [git-interpret-trailers(1)]. */
const TRAILER = 'Seatrial-Decision';

export function auditMessage(recorded: RecordedDecision): string {
  const detail = detailOf(recorded.decision);
  const json: unknown = recorded;
  const trailer = `${TRAILER}: ${canonicalJson(json as Json)}`; // a decision is plain JSON
  return [headline(recorded.decision), '', ...(detail === '' ? [] : [indentTrailers(detail), '']), trailer, ''].join(
    '\n',
  );
}

/** Text of people must not be taken for the trailer. */
const indentTrailers = (text: string): string => text.replaceAll(`${TRAILER}:`, ` ${TRAILER}:`);

const RecordedMessage = z.object({
  id: z.string().min(1),
  atMs: z.number(),
  decision: z.looseObject({ kind: z.string() }),
});

/** Undefined for a commit that is not ours, as a person may add one. */
export function readAuditMessage(message: string): Result<RecordedDecision | undefined, string> {
  const line = message.split('\n').findLast(text => text.startsWith(`${TRAILER}: `));
  if (line === undefined) return ok(undefined);
  try {
    const value: unknown = JSON.parse(line.slice(TRAILER.length + 2));
    const parsed = RecordedMessage.safeParse(value);
    return parsed.success ? ok(value as RecordedDecision) : err('the trailer is not a decision'); // its shape was checked
  } catch {
    return err('the trailer is not JSON');
  }
}

/** `rollouts/<fleet>/<number>.json`: every rollout keeps its file. */
export const auditPath = ({ fleet, number }: Rollout): string => `rollouts/${fleet}/${number}.json`;
export const isAuditPath = (path: string): boolean => /^rollouts\/[^/]+\/\d+\.json$/.test(path);

export const rolloutFile = (rollout: Rollout): Uint8Array => Buffer.from(`${JSON.stringify(rollout, null, 2)}\n`);

const RolloutMessage = z.object({
  schema: z.literal(1),
  id: z.string(),
  fleet: z.string(),
  number: z.int().min(1),
  payloadHash: z.string(),
  gitCommit: z.string(),
  salt: z.string(),
  stage: z.int().min(0),
  attempt: z.int().min(1),
});

export function readRolloutFile(bytes: Uint8Array): Result<Rollout, string> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return RolloutMessage.safeParse(value).success ? ok(value as Rollout) : err('not a rollout of schema 1'); // its shape was checked
  } catch {
    return err('not JSON');
  }
}
