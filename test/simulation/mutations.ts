// Decisions that are broken on purpose, one for each promise, by what is put between the product and its ports. A
// simulator that does not catch them would catch nothing.

import type { EfiVariable } from '@seatrial/capsule-plan';
import { heldEntryId, LOADER_HOLD } from '@seatrial/device-reconciler/parts';
import { instead, type Tampering, type Violation } from '@seatrial/simulator';
import { firmwareVersion } from '@seatrial/spec';

export interface Mutation {
  readonly name: string;
  readonly promise: Violation['promise'];
  /** The first seed, counted from 1, whose run finds it; every seed before it was run as well. */
  readonly caughtBy: number;
  readonly tampering: Tampering;
  /** Hunted in fleets of up to eight boards; three otherwise. */
  readonly needsMany?: true;
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'the loader is not held to the old OS while the new one is deployed',
    promise: 1,
    caughtBy: 26,
    tampering: {
      agent: ports => {
        let held: EfiVariable | undefined;
        const { efiVariables } = ports;
        return {
          ...ports,
          efiVariables: instead(efiVariables, {
            read: async id => (id.name === LOADER_HOLD.name ? held : efiVariables.read(id)),
            remove: async id => {
              if (id.name === LOADER_HOLD.name) held = undefined;
              else await efiVariables.remove(id);
            },
            write: async (id, variable) => {
              if (id.name === LOADER_HOLD.name && heldEntryId(variable) !== undefined) held = variable;
              else await efiVariables.write(id, variable);
            },
          }),
        };
      },
    },
  },
  {
    name: 'the ESRT is read without its floor and without what was accepted last',
    promise: 2,
    caughtBy: 1,
    tampering: {
      agent: (ports, { hardware }) => ({
        ...ports,
        firmwareTable: {
          rows: async () =>
            (await ports.firmwareTable.rows()).map(row => ({
              ...row,
              lowestSupportedFwVersion: firmwareVersion(0),
              ...(!hardware.isOnTrial && row.lastAttemptStatus === 0 && { lastAttemptVersion: firmwareVersion(0) }),
            })),
        },
      }),
    },
  },
  {
    name: 'every board counts as parked',
    promise: 3,
    caughtBy: 77,
    tampering: {
      agent: ports => ({
        ...ports,
        facts: instead(ports.facts, { gates: async () => ({ ...(await ports.facts.gates()), parked: true }) }),
      }),
    },
  },
  {
    name: 'the generation that was seen is forgotten with every start',
    promise: 4,
    caughtBy: 93,
    tampering: {
      agent: ports => ({
        ...ports,
        records: instead(ports.records, {
          read: async name => (name === 'last-plan' ? undefined : ports.records.read(name)),
        }),
      }),
    },
  },
  {
    name: 'a journal from before the reboot ends the agent',
    promise: 5,
    caughtBy: 1,
    tampering: {
      agent: (ports, { hardware }) => ({
        ...ports,
        records: instead(ports.records, {
          read: async name => {
            if (name === 'lifecycle' && hardware.facts.boots > 3) throw new TypeError('the record is from before');
            return ports.records.read(name);
          },
        }),
      }),
    },
  },
  {
    name: 'a board writes down every look',
    promise: 6,
    caughtBy: 1,
    tampering: {
      agent: ports => ({
        ...ports,
        firmwareTable: {
          rows: async () => {
            await ports.records.write('lifecycle', (await ports.records.read('lifecycle')) ?? '');
            return ports.firmwareTable.rows();
          },
        },
      }),
    },
  },
  {
    name: 'every health check is good',
    promise: 7,
    caughtBy: 5,
    tampering: {
      agent: ports => ({
        ...ports,
        health: { run: async (check, signal) => ({ ...(await ports.health.run(check, signal)), healthy: true }) },
      }),
    },
  },
  {
    name: 'the failure budget is not read',
    promise: 8,
    caughtBy: 11,
    needsMany: true,
    tampering: { reading: fleet => ({ ...fleet, failureBudget: '100%', successThreshold: 1 }) },
  },
  {
    name: 'a reboot is asked for and never comes',
    promise: 9,
    caughtBy: 1,
    tampering: { agent: ports => ({ ...ports, services: { reboot: async () => {} } }) },
  },
  {
    name: 'completed rollouts are not recorded',
    promise: 10,
    caughtBy: 1,
    tampering: {
      store: store =>
        instead(store, {
          unaudited: async limit =>
            (await store.unaudited(limit)).filter(({ decision }) => decision.kind !== 'rollout-completed'),
        }),
    },
  },
];

/** Faults of a run in which mutations are hunted: more than in other runs. */
export const HUNTED_WITH = { mostHappenings: 24 };
/** Budgets are spent in later stages, which small fleets do not have. */
export const HUNTED_IN_LARGER_FLEETS = { ...HUNTED_WITH, mostBoards: 8 };
