// What one board of the generated fleet is to run, by way of the same YAML and the same resolution as any other.

import type { Plan, PlanTarget } from '@seatrial/capsule-plan';
import {
  type DeviceTarget,
  InvariantError,
  millis,
  type OstreeCommit,
  parseGeneration,
  parseGitCommit,
  validateFiles,
} from '@seatrial/spec';
import { board, deviceList, fleet, release } from '../fleet/documents.ts';

const DAY_MS = 86_400_000;

/** The first board of the first fleet, whose release names this commit. */
export function oneBoardTarget(commit: OstreeCommit): DeviceTarget {
  const text = [board(0), release(0, commit), fleet(0), deviceList(0, { fleet: 0, ring: 'field' })].join('---\n');
  const { desired, issues } = validateFiles(new Map([['fleet.yaml', new TextEncoder().encode(text)]]));
  const target = desired?.targets[0];
  if (target === undefined) throw new InvariantError(`the fleet is invalid: ${issues[0]?.message}`);
  return target;
}

/** As a controller previews and judges it. */
export const planTargetOf = ({ board, payload, payloadHash, policy }: DeviceTarget): PlanTarget => ({
  board,
  payload,
  payloadHash,
  policy,
  attempt: 1,
});

/** The board's first plan, good for a day. */
export function planFor(target: DeviceTarget, nowMs: number): Plan {
  const [generation, gitCommit] = [parseGeneration(1), parseGitCommit('0'.repeat(40))];
  if (generation === undefined || gitCommit === undefined) throw new InvariantError('constants are well formed');
  return {
    ...planTargetOf(target),
    schema: 1,
    device: target.device,
    generation,
    gitCommit,
    fleet: target.fleet,
    release: target.release,
    issuedAtMs: millis(nowMs),
    expiresAtMs: millis(nowMs + DAY_MS),
  };
}
