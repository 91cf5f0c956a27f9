// What UEFI does at power-on, row by row of the vendor's tables.

import {
  armTrial,
  capsuleOutcome,
  commitTrial,
  isOnTrial,
  NEW_TRIAL_BOOT,
  requestRollback,
  type TrialBoot,
  trialCount,
  trialMaxCount,
  withCapsuleDelivery,
} from '@seatrial/capsule-plan';
import { describe, expect, test } from 'vitest';
import {
  type CapsuleFile,
  esrtEntry,
  type FirmwareFault,
  type FirmwareState,
  factoryFirmware,
  powerOn,
} from '../../src/index.ts';
import { FACTORY_FIRMWARE, known, OTHER_FW_CLASS, testCapsule, v, verifyTestCapsule } from '../support/lab.ts';

const capsule = (content: Parameters<typeof testCapsule>[0], fileName = 'a.cap'): CapsuleFile => ({
  fileName,
  bytes: testCapsule(content),
});

/** A board that the OS has prepared for version 2 with a trial of `maxCount` boots. */
const prepared = (maxCount = 3, changes: Partial<FirmwareState> = {}): FirmwareState => ({
  ...factoryFirmware(FACTORY_FIRMWARE),
  variables: { osIndications: withCapsuleDelivery(0n), trial: armTrial(NEW_TRIAL_BOOT, maxCount) },
  ...changes,
});

const start = (state: FirmwareState, ...capsules: readonly CapsuleFile[]) =>
  powerOn(state, capsules, verifyTestCapsule);

const row = (state: FirmwareState) => {
  const entry = known(esrtEntry(state));
  return [entry.lastAttemptVersion, entry.fwVersion, entry.lastAttemptStatus];
};

const withTrial = (state: FirmwareState, change: (trial: TrialBoot) => TrialBoot): FirmwareState => ({
  ...state,
  variables: { ...state.variables, trial: change(known(state.variables.trial)) },
});

/** The state after so many further power-ons. */
const after = (state: FirmwareState, powerOns: number): FirmwareState =>
  powerOns === 0 ? state : after(start(state).state, powerOns - 1);

describe('the table of base and advance variants', () => {
  const armed = armTrial(NEW_TRIAL_BOOT, 3);
  const asked = withCapsuleDelivery(0n);
  test.each([
    { rpmb: 'provisioned', variables: {}, updates: true, trial: false },
    { rpmb: 'provisioned', variables: { trial: armed }, updates: false, trial: false },
    { rpmb: 'provisioned', variables: { osIndications: asked }, updates: true, trial: false },
    { rpmb: 'provisioned', variables: { osIndications: asked, trial: armed }, updates: true, trial: true },
    { rpmb: 'unprovisioned', variables: {}, updates: true, trial: false },
  ] as const)('when RPMB is $rpmb and the OS has left $variables, then update $updates and trial $trial', row_ => {
    const { rpmb, variables, updates, trial } = row_;
    const { state, removed } = start(prepared(3, { rpmb, variables }), capsule({ version: v(2) }));
    expect(state.running).toBe(updates ? v(2) : v(1));
    expect(removed).toEqual(updates ? ['a.cap'] : []);
    expect(state.variables.trial !== undefined && isOnTrial(state.variables.trial)).toBe(trial);
    expect(state.previous).toBe(trial ? v(1) : undefined);
  });

  test('when the firmware is the base variant, then it takes capsules unasked and knows no trial', () => {
    const base = prepared(3, { variant: 'base', variables: { trial: armed } });
    const { state } = start(base, capsule({ version: v(2) }));
    expect(state).toMatchObject({ running: v(2), lowestSupported: v(2), variables: { trial: armed } });
  });
});

describe('a capsule', () => {
  test('when it is applied on trial, then the request is gone, the trial has its first boot and the board reset once more', () => {
    const { state, resets, removed, log } = start(prepared(3), capsule({ version: v(2) }));
    const trial = known(state.variables.trial);
    expect(row(state)).toEqual([v(2), v(2), 0]);
    expect([isOnTrial(trial), trialCount(trial), trialMaxCount(trial)]).toEqual([true, 1, 3]);
    expect(state.variables.osIndications).toBe(0n);
    expect({ resets, removed }).toEqual({ resets: 1, removed: ['a.cap'] });
    expect(log.map(({ kind }) => kind)).toEqual(['capsule-applied', 'trial-started', 'trial-boot-counted']);
  });

  test('when TrialBootMaxCount is not set, then the update is accepted at once', () => {
    const { state } = start(prepared(0), capsule({ version: v(2) }));
    expect(state).toMatchObject({ running: v(2), lowestSupported: v(2) });
    expect(isOnTrial(known(state.variables.trial))).toBe(false);
  });

  test('when OsIndications holds bits of others, then only the request is cleared', () => {
    const { trial } = prepared().variables;
    const variables = { osIndications: withCapsuleDelivery(0x41n), trial: known(trial) };
    expect(start(prepared(3, { variables }), capsule({ version: v(2) })).state.variables.osIndications).toBe(0x41n);
  });

  test('when none is there although one was asked for, then the request is cleared and nothing else happens', () => {
    const { state, resets } = start(prepared());
    expect({ resets, osIndications: state.variables.osIndications }).toEqual({ resets: 0, osIndications: 0n });
    expect(row(state)).toEqual([0, v(1), 0]);
  });

  test('when the one before was committed and has not seen a start since, then it is accepted first and is what a rollback restores', () => {
    const onTrial = start(prepared(3), capsule({ version: v(2) })).state;
    const committed = withTrial(onTrial, commitTrial);
    const requested = withTrial(
      { ...committed, variables: { ...committed.variables, osIndications: withCapsuleDelivery(0n) } },
      trial => armTrial(trial, 3),
    );
    const { state, log } = start(requested, capsule({ version: v(3) }));
    expect(log.map(({ kind }) => kind)).toEqual([
      'committed',
      'capsule-applied',
      'trial-started',
      'trial-boot-counted',
    ]);
    expect(state).toMatchObject({ running: v(3), previous: v(2), lowestSupported: v(2) });
    expect(start(withTrial(state, requestRollback)).state.running).toBe(v(2));
  });

  test('when several are there, then they are taken alphabetically and the old image stays the one before them all', () => {
    const files = [capsule({ version: v(3) }, 'b.cap'), capsule({ version: v(2) }, 'a.cap')];
    const { state, removed } = start(prepared(), ...files);
    expect(removed).toEqual(['a.cap', 'b.cap']);
    expect(state).toMatchObject({ running: v(3), previous: v(1) });
  });

  test.each([
    ['forged', { version: v(2), forged: true }, [v(2), v(1), 5]],
    ['below the floor', { version: v(0) - 1 }, [v(0) - 1, v(1), 3]],
    ['of unreadable metadata', { version: v(2), unreadable: true }, [0, v(1), 0]],
    ['of another board', { version: v(2), fwClass: OTHER_FW_CLASS }, [0, v(1), 0]],
  ])('when it is %s, then the old image stays, no trial starts and the file is gone', (_, content, expected) => {
    const { state, resets, removed } = start(prepared(), capsule(content as Parameters<typeof testCapsule>[0]));
    expect(row(state)).toEqual(expected);
    expect(isOnTrial(known(state.variables.trial))).toBe(false);
    expect({ resets, removed }).toEqual({ resets: 1, removed: ['a.cap'] });
  });

  test('when it raises the floor, then the floor holds while it is on trial', () => {
    const { state } = start(prepared(), capsule({ version: v(3), lowestSupported: v(1) }));
    expect(state.lowestSupported).toBe(v(1));
  });
});

describe('a trial', () => {
  const onTrial = start(prepared(3), capsule({ version: v(2) })).state;

  test.each([
    [1, 2],
    [2, 3],
  ])('when the board boots %i more times, then the count is %i', (boots, count) => {
    expect(trialCount(known(after(onTrial, boots).variables.trial))).toBe(count);
  });

  test('when its boots are used up, then the old image is back, the row says so and the floor is where it was', () => {
    const { state, resets } = start(after(onTrial, 2));
    expect(row(state)).toEqual([v(2), v(1), 0]);
    expect(resets).toBe(1);
    expect(isOnTrial(known(state.variables.trial))).toBe(false);
    expect(state.lowestSupported).toBe(FACTORY_FIRMWARE.lowestSupported);
    const before = known(esrtEntry(prepared()));
    expect(capsuleOutcome(known(esrtEntry(state)), { before, target: v(2), consumed: true })).toBe('rolled-back');
  });

  test('when the OS uses the budget up, then the next power-on goes back', () => {
    expect(start(withTrial(onTrial, requestRollback)).state.running).toBe(v(1));
  });

  test('when the OS clears the flag, then the next power-on accepts the image and no older one is taken again', () => {
    const { state } = start(withTrial(onTrial, commitTrial));
    expect(state).toMatchObject({ running: v(2), lowestSupported: v(2) });
    expect(state.previous).toBeUndefined();
    const asked = prepared(3, { ...state, variables: prepared().variables });
    expect(row(start(asked, capsule({ version: v(1) })).state)).toEqual([v(1), v(2), 3]);
  });

  test('when the flag is cleared and set again before the power goes, then nothing was accepted', () => {
    expect(start(onTrial).state).toMatchObject({ previous: v(1), lowestSupported: v(0) });
  });

  test('when the floor forbids the old image, then it is not restored, at this power-on or any later one', () => {
    const floored = start(prepared(1), capsule({ version: v(2), lowestSupported: v(2) })).state;
    for (const powerOns of [1, 2]) {
      const state = after(floored, powerOns);
      const trial = known(state.variables.trial);
      expect(row(state)).toEqual([v(2), v(2), 0]);
      expect([isOnTrial(trial), trialCount(trial)]).toEqual([true, 1]);
    }
  });

  test('when another capsule comes during it, then the count begins anew and the way back is still the accepted image', () => {
    const asked = { ...after(onTrial, 1) };
    const again = {
      ...asked,
      variables: { ...asked.variables, osIndications: withCapsuleDelivery(asked.variables.osIndications ?? 0n) },
    };
    const { state } = start(again, capsule({ version: v(3) }));
    expect(state).toMatchObject({ running: v(3), previous: v(1) });
    expect(trialCount(known(state.variables.trial))).toBe(1);
  });

  test('when bits that are not the trial’s are set, then every outcome leaves them as they were', () => {
    const foreign = 0x5a_fe_00_01n;
    const wide = prepared(1, {
      variables: {
        osIndications: withCapsuleDelivery(0n),
        trial: armTrial({ raw: (foreign & ~0x1ffffn) | 1n, widthBytes: 8 }, 1),
      },
    });
    const applied = start(wide, capsule({ version: v(2) })).state;
    for (const state of [applied, start(applied).state, start(withTrial(applied, commitTrial)).state]) {
      expect(known(state.variables.trial).raw & ~0x1ffffn).toBe(foreign & ~0x1ffffn);
    }
  });
});

describe('faults on demand', () => {
  const faulty = (fault: FirmwareFault, maxCount = 3) => prepared(maxCount, { faults: [fault] });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 0x1000, 0x3fff])(
    'when the firmware is to answer %i, then the row says it once and the next capsule is applied',
    status => {
      const { state } = start(faulty({ kind: 'attempt-status', status, times: 1 }), capsule({ version: v(2) }));
      expect(row(state)).toEqual([v(2), v(1), status]);
      const again = { ...state, variables: prepared().variables };
      expect(start(again, capsule({ version: v(2) })).state.running).toBe(v(2));
    },
  );

  test('when it is to find metadata unreadable, then the row is (0, old, 0)', () => {
    expect(row(start(faulty({ kind: 'metadata-unreadable' }), capsule({ version: v(2) })).state)).toEqual([0, v(1), 0]);
  });

  test('when it is to leave the row alone, then the capsule is gone and the row speaks of earlier things', () => {
    const { state, removed } = start(faulty({ kind: 'stale-row' }), capsule({ version: v(2) }));
    expect(row(state)).toEqual(row(prepared()));
    expect(removed).toEqual(['a.cap']);
  });

  test('when it is to ignore the request, then request and capsule are still there', () => {
    const { state, removed, resets } = start(faulty({ kind: 'ignore-request' }), capsule({ version: v(2) }));
    expect(state.variables).toEqual(prepared().variables);
    expect({ removed, resets }).toEqual({ removed: [], resets: 0 });
  });

  test('when it is to forget the trial, then there is no way back', () => {
    const { state } = start(faulty({ kind: 'forget-trial' }), capsule({ version: v(2) }));
    expect(state).toMatchObject({ running: v(2), lowestSupported: v(2) });
  });

  test('when it is to roll back early, then it does so with boots left', () => {
    const onTrial = start(prepared(9), capsule({ version: v(2) })).state;
    expect(row(start({ ...onTrial, faults: [{ kind: 'early-rollback' }] }).state)).toEqual([v(2), v(1), 0]);
  });

  test('when it is to refuse the rollback, then the new image stays', () => {
    const onTrial = start(prepared(1), capsule({ version: v(2) })).state;
    expect(start({ ...onTrial, faults: [{ kind: 'refuse-rollback' }] }).state.running).toBe(v(2));
  });

  test('when a fault happens twice, then it does not happen a third time', () => {
    const fault: FirmwareFault = { kind: 'attempt-status', status: 2, times: 2 };
    const files = ['a', 'b', 'c'].map(name => capsule({ version: v(2) }, `${name}.cap`));
    const { log } = start(faulty(fault), ...files);
    expect(log.filter(({ kind }) => kind === 'capsule-refused')).toHaveLength(2);
  });
});

test('when RPMB is not provisioned, then the ESRT says nothing of the last attempt', () => {
  const { state } = start(
    prepared(3, { rpmb: 'unprovisioned', variables: {} }),
    capsule({ version: v(2), forged: true }),
  );
  expect(row(state)).toEqual([0, v(1), 0]);
});
