// Which boards are counted together: each fleet has three groups, and the group of nobody comes before them all.

import type { Name } from '@seatrial/spec';

/** Boards that no fleet selects. */
export const NOBODY = 0;

/**
 * `resting`: follows the fleet's release, and the current rollout had no need or no turn to move it. `moved`: set in motion
 * by the current rollout; success and failure are counted over these. `pinned`: goes its own way.
 */
export type GroupRole = 'resting' | 'moved' | 'pinned';

const ROLES: readonly GroupRole[] = ['resting', 'moved', 'pinned'];

/** Numbers the groups of all fleets that were ever seen; a fleet keeps its numbers. */
export class Groups {
  readonly #fleets = new Map<Name, number>();
  readonly #names: Name[] = [];

  /** One more than the highest group number. */
  get count(): number {
    return 1 + this.#names.length * ROLES.length;
  }

  groupOf(fleet: Name, role: GroupRole): number {
    const known = this.#fleets.get(fleet) ?? this.#names.push(fleet) - 1;
    this.#fleets.set(fleet, known);
    return 1 + known * ROLES.length + ROLES.indexOf(role);
  }

  /** Undefined for the group of nobody. */
  describe(group: number): { readonly fleet: Name; readonly role: GroupRole } | undefined {
    const fleet = this.#names[Math.floor((group - 1) / ROLES.length)];
    const role = ROLES[(group - 1) % ROLES.length];
    return fleet === undefined || role === undefined ? undefined : { fleet, role };
  }
}
