// What the fleets of a repository ask for, for the promises that a rehearsal is held to.

import { closedGates, windowState } from '@seatrial/capsule-plan';
import { failuresAllowed } from '@seatrial/controller/parts';
import { type DesiredState, type DeviceId, millis } from '@seatrial/spec';
import type { Rules } from '../promises.ts';

export function rulesOf({ fleets, targets, releases }: DesiredState, zoneOf: (device: DeviceId) => string): Rules {
  const policies = new Map(targets.map(({ device, policy }) => [device, policy]));
  const allowed = new Map<string, number>(
    fleets.map(({ name, rollout }) => {
      const cohort = targets.filter(({ fleet, pinned }) => fleet === name && !pinned).length;
      return [name, failuresAllowed(rollout.failureBudget, cohort)];
    }),
  );
  const halves = new Map<string, ReturnType<Rules['release']>>(
    releases.map(({ name, payload: { firmware, os } }) => [
      name,
      { name, ...(firmware && { firmware: firmware.version }), ...(os && { os: os.commit }) },
    ]),
  );
  return {
    failuresAllowed: fleet => allowed.get(fleet) ?? 0,
    rebootComplaint: board => {
      const policy = policies.get(board.device);
      if (policy === undefined) return 'although no fleet has it';
      const clock = { nowMs: millis(Math.max(0, board.nowMs())), timeZone: zoneOf(board.device) };
      const window = windowState(policy.windows, clock);
      if (window.kind !== 'open') return `outside of its window: ${window.kind}`;
      const [gate] = closedGates(policy.gates, board.hardware.facts.facts);
      return gate === undefined ? undefined : `although ${gate.message}`;
    },
    release: name => halves.get(name),
  };
}
