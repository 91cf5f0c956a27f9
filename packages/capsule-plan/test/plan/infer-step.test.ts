import { bytes, millis } from '@seatrial/spec';
import { describe, expect, it } from 'vitest';
import {
  armTrial,
  bootedDeployment,
  EMPTY_JOURNAL,
  inferStep,
  type Journal,
  learn,
  type Observed,
  type PlanTarget,
  preview,
  remember,
  type StepKind,
  type WaitReason,
  withTrialEnabled,
} from '../../src/index.ts';
import {
  board,
  boot,
  deployment,
  digest,
  FIRMWARE_HALF,
  fw,
  NEW_FW,
  NEW_OS,
  NOON,
  need,
  OLD_FW,
  OLD_OS,
  OS_HALF,
  observed,
  policy,
  target,
} from '../support/builders.ts';
import { settle, World } from '../support/world.ts';

const next = (
  seen: Observed,
  plan: PlanTarget,
  journal: Journal = EMPTY_JOURNAL,
): StepKind | WaitReason | 'converged' | 'failed' => {
  const inference = inferStep(seen, plan, learn(seen, plan, journal));
  if (inference.kind !== 'step') return inference.kind;
  return inference.step.kind === 'wait' ? inference.step.reason : inference.step.kind;
};

const fetched = (changes: Partial<Observed> = {}): Observed =>
  observed({ fetched: { capsules: [digest('c')], commits: [NEW_OS] }, ...changes });

const withFirmware = (changes: Partial<Observed['firmware']>): Observed =>
  observed({ firmware: { ...observed().firmware, ...changes } });
describe('a coupled transaction', () => {
  it('when nothing disturbs it, then the steps come in the order that survives a power cut anywhere', () => {
    const world = new World(observed(), { firmware: 'applied', os: 'healthy' });
    settle(world, target());
    expect(world.steps.map(({ kind }) => kind)).toEqual([
      'fetch-capsule',
      'pull-commit',
      'arm-trial',
      'place-capsule',
      'request-capsule',
      'reboot',
      'deploy-commit',
      'arm-boot-counting',
      'reboot',
      'check-health',
      'bless-boot',
      'commit-firmware',
    ] satisfies StepKind[]);
    expect(world.boots).toBe(2);
  });

  it('when libostree counts boots itself, then no entry is renamed by us', () => {
    const counting = observed({ os: { ...observed().os, ostreeCountsBoots: true } });
    const world = new World(counting, { firmware: 'applied', os: 'healthy' });
    settle(world, target());
    expect(world.steps.map(({ kind }) => kind)).not.toContain('arm-boot-counting');
  });

  it('when it is done, then a second pass over the same board has nothing to do', () => {
    const world = new World(observed(), { firmware: 'applied', os: 'healthy' });
    settle(world, target());
    expect(next(world.observed, target(), world.journal)).toBe('converged');
  });

  it('when the journal is lost in the middle, then the board still ends on one pair or says why it waits', () => {
    const plan = target();
    for (let lostAt = 0; lostAt < 12; lostAt += 1) {
      const world = new World(observed(), { firmware: 'applied', os: 'healthy' });
      for (let pass = 0; pass < lostAt; pass += 1) world.pass(plan);
      world.journal = EMPTY_JOURNAL;
      expect(settle(world, plan).kind, `lost before pass ${lostAt}`).toBe('converged');
    }
  });

  it('when the new OS wakes up on the old firmware and nobody remembers why, then it is marked bad, never blessed', () => {
    const stranded = observed({
      os: {
        ...observed().os,
        deployments: [
          deployment({ commit: NEW_OS, entry: { id: 'ostree-2-poky', triesLeft: 2, triesDone: 1 } }),
          deployment({ index: 1, booted: false }),
        ],
      },
    });
    expect(next(stranded, target())).toBe('mark-boot-bad');
  });
});

describe('preflight', () => {
  const { esrt: _row, ...withoutEsrt } = observed().firmware;
  const table: readonly (readonly [WaitReason, Observed, PlanTarget])[] = [
    ['esrt-missing', observed({ firmware: withoutEsrt }), target()],
    ['firmware-below-floor', observed(), target({ board: board({ versionFloor: fw('0.0.2.0') }) })],
    [
      'firmware-below-floor',
      withFirmware({
        esrt: { ...need(observed().firmware.esrt), fwVersion: fw('0.0.2.0'), lowestSupportedFwVersion: fw('0.0.2.0') },
      }),
      target(),
    ],
    [
      'firmware-below-minimum-from',
      observed(),
      target({ payload: { transaction: 'coupled', firmware: { ...FIRMWARE_HALF, minimumFrom: fw('0.0.1.2') } } }),
    ],
    ['rpmb-not-provisioned', withFirmware({ rpmbProvisioned: false }), target()],
    ['capsule-on-disk-unsupported', withFirmware({ osIndicationsSupported: 0x41n }), target()],
    ['efivarfs-read-only', withFirmware({ variablesWritable: false }), target()],
    ['esp-read-only', observed({ esp: { ...observed().esp, writable: false } }), target()],
    [
      'foreign-capsule',
      observed({
        esp: { ...observed().esp, capsules: [{ fileName: 'fwupd.cap', sizeBytes: bytes(9), sha256: digest('9') }] },
      }),
      target(),
    ],
    ['esp-full', observed({ esp: { ...observed().esp, freeBytes: bytes(2 * 4_202_221 - 1) } }), target()],
    [
      'os-requires-firmware',
      observed(),
      target({ payload: { transaction: 'coupled', os: { ...OS_HALF, requiresFirmware: NEW_FW } } }),
    ],
    [
      'no-blessed-deployment',
      observed({
        os: { ...observed().os, deployments: [deployment({ entry: { id: 'ostree-1-poky', triesLeft: 1 } })] },
      }),
      target(),
    ],
    ['boot-full', observed({ os: { ...observed().os, bootFreeBytes: bytes(10) } }), target()],
    ['trial-budget', observed(), target({ policy: policy({ trial: { ...policy().trial, bootTries: 13 } }) })],
  ];

  it.each(table)('when there is reason for %s, then nothing is begun and the reason is named', (reason, seen, plan) => {
    expect(next(seen, plan)).toBe(reason);
    expect(preview(seen, plan, EMPTY_JOURNAL)).toMatchObject({
      ends: 'blocked',
      steps: [{ step: { kind: 'wait', reason } }],
    });
  });

  it('when a board accepts firmware without a trial in writing, then a missing RPMB does not stop it', () => {
    const plan = target({ board: board({ trial: 'unavailable' }) });
    expect(next(withFirmware({ rpmbProvisioned: false }), plan)).toBe('fetch-capsule');
  });
});

describe('windows and gates', () => {
  const night = [
    { start: '0 2 * * *', durationMs: millis(3 * 3_600_000), timeZone: 'device' },
  ] as unknown as PlanTarget['policy']['windows'];
  const gated = (gates: Partial<PlanTarget['policy']['gates']>): PlanTarget =>
    target({ policy: policy({ gates: { ...policy().gates, ...gates } }) });

  it('when the window is closed, then artefacts are fetched all the same and nothing is staged', () => {
    const plan = target({ policy: policy({ windows: night }) });
    expect(next(observed(), plan)).toBe('fetch-capsule');
    expect(next(fetched(), plan)).toBe('window-closed');
  });

  it.each([
    ['UTC', 2, 'arm-trial'],
    ['UTC', 4, 'arm-trial'],
    ['UTC', 5, 'window-closed'],
    ['America/Denver', 2, 'window-closed'],
    ['America/Denver', 9, 'arm-trial'],
    ['Mars/Olympus', 2, 'arm-trial'],
  ] as const)('when it is %s and %i:00 UTC, then the board says %s', (timeZone, hour, said) => {
    const clock = { nowMs: millis(Date.UTC(2026, 10, 21, hour)), timeZone };
    expect(next(fetched({ clock }), target({ policy: policy({ windows: night }) }))).toBe(said);
  });

  it('when the clock was never set, then windows are not guessed at', () => {
    const clock = { nowMs: millis(0), timeZone: 'UTC' };
    expect(next(fetched({ clock }), target({ policy: policy({ windows: night }) }))).toBe('clock-not-set');
  });

  it.each([
    ['gate-battery', { battery: { minPercent: 40 } }, { batteryPercent: 39 }, { batteryPercent: 40 }],
    ['gate-battery', { battery: { minVolts: 12.5 } }, {}, { batteryVolts: 12.6 }],
    ['gate-parked', { parked: true }, {}, { parked: true }],
    ['gate-charging', { charging: true }, { charging: false }, { charging: true }],
    ['gate-network', { network: ['wifi'] }, { network: 'cellular' }, { network: 'wifi' }],
    ['gate-maintenanceMode', { maintenanceMode: true }, {}, { maintenanceMode: true }],
    ['gate-consent', { consent: 'required' }, { consent: false }, { consent: true }],
  ] as const)(
    'when %s is asked for, then an unknown or wrong fact keeps the board waiting',
    (reason, gates, closed, open) => {
      expect(next(fetched({ facts: closed }), gated(gates))).toBe(reason);
      expect(next(fetched({ facts: open }), gated(gates))).toBe('arm-trial');
    },
  );

  it('when the gate closes between capsule and OS, then the board waits with the firmware on trial', () => {
    const plan = gated({ parked: true });
    const world = new World(fetched({ facts: { parked: true } }), { firmware: 'applied', os: 'healthy' });
    for (let pass = 0; pass < 4; pass += 1) world.pass(plan);
    world.observed = { ...world.observed, facts: { parked: false } };
    expect(next(world.observed, plan, world.journal)).toBe('gate-parked');
    expect(world.steps.at(-1)?.kind).toBe('reboot');
  });

  it('when downloads wait for their turn or their network, then nothing is fetched', () => {
    expect(next(observed(), target({ downloadNotBeforeMs: millis(NOON + 1) }))).toBe('download-jitter');
    const wifiOnly = policy({ download: { ...policy().download, networks: ['wifi'] } });
    expect(next(observed({ facts: { network: 'cellular' } }), target({ policy: wifiOnly }))).toBe('download-network');
  });
});

describe('what was there before', () => {
  it('when OsIndications already asks for capsules, then that request is withdrawn before a capsule is placed', () => {
    expect(next(fetched({ firmware: { ...observed().firmware, osIndications: 0x5n } }), target())).toBe('clean-up');
  });

  it('when the trial is armed, then foreign bits and the width stay', () => {
    const raw = 0xabcd_0000_0001_0305n & ~0x10000n;
    expect(armTrial({ raw, widthBytes: 8 }, 6)).toEqual({ raw: (raw & ~0xff00n) | 0x0600n, widthBytes: 8 });
  });

  it('when firmware is on a trial that nobody remembers, then the board keeps its hands off and says so', () => {
    const trial = withTrialEnabled({ raw: 1n, widthBytes: 4 }, { enabled: true });
    expect(next(withFirmware({ trial }), target())).toBe('trial-of-unknown-origin');
  });

  it('when the running firmware is the wanted one and on an unremembered trial, then health decides and commits it', () => {
    const esrt = { ...need(observed().firmware.esrt), fwVersion: NEW_FW };
    const trial = withTrialEnabled({ raw: 1n, widthBytes: 4 }, { enabled: true });
    const plan = target({ payload: { transaction: 'coupled', firmware: FIRMWARE_HALF } });
    const world = new World(withFirmware({ esrt, trial }), { firmware: 'applied', os: 'healthy' });
    expect(settle(world, plan).kind).toBe('converged');
    expect(world.steps.map(({ kind }) => kind)).toEqual(['check-health', 'commit-firmware']);
  });

  it('when the board runs the wanted pair from the factory, then there is nothing to do', () => {
    const plan = target({
      payload: {
        transaction: 'coupled',
        firmware: { ...FIRMWARE_HALF, version: OLD_FW },
        os: { ...OS_HALF, commit: OLD_OS },
      },
    });
    expect(preview(observed(), plan, EMPTY_JOURNAL)).toEqual({ steps: [], ends: 'converged' });
  });
});

describe('a revert after success', () => {
  const back = (): PlanTarget =>
    target({ payloadHash: digest('2'), payload: { transaction: 'coupled', os: { ...OS_HALF, commit: OLD_OS } } });

  it('when the old commit still stands behind the running one, then it is deployed anew, on trial, in front', () => {
    const world = new World(observed(), { firmware: 'applied', os: 'healthy' });
    settle(world, target());
    world.steps.length = 0;
    expect(settle(world, back()).kind).toBe('converged');
    expect(bootedDeployment(world.observed.os.deployments)?.commit).toBe(OLD_OS);
    expect(world.steps.map(({ kind }) => kind)).toEqual([
      'pull-commit',
      'deploy-commit',
      'arm-boot-counting',
      'reboot',
      'check-health',
      'bless-boot',
      'clean-up',
    ]);
  });

  it('when the firmware was committed in this very boot, then it is known that UEFI will raise the floor', () => {
    const world = new World(observed(), { firmware: 'applied', os: 'healthy' });
    settle(world, target());
    const revert = target({
      payloadHash: digest('2'),
      payload: {
        transaction: 'coupled',
        firmware: { ...FIRMWARE_HALF, version: OLD_FW },
        os: { ...OS_HALF, commit: OLD_OS },
      },
    });
    expect(world.observed.firmware.esrt?.lowestSupportedFwVersion).toBeLessThan(OLD_FW);
    expect(next(world.observed, revert, world.journal)).toBe('firmware-below-floor');
  });

  it('when the journal was lost after the commit, then the firmware itself shows that it can not go back', () => {
    const world = new World(observed(), { firmware: 'applied', os: 'healthy' });
    settle(world, target());
    const revert = target({
      payloadHash: digest('2'),
      payload: { transaction: 'coupled', firmware: { ...FIRMWARE_HALF, version: OLD_FW } },
    });
    expect(next(world.observed, revert, EMPTY_JOURNAL)).toBe('firmware-below-floor');
  });

  it('when committed firmware may not go back, then the revert is refused by name and nothing is touched', () => {
    const world = new World(observed(), { firmware: 'applied', os: 'healthy' });
    settle(world, target());
    const esrt = { ...need(world.observed.firmware.esrt), lowestSupportedFwVersion: NEW_FW };
    const raised = { ...world.observed, firmware: { ...world.observed.firmware, esrt } };
    const revert = target({
      payloadHash: digest('2'),
      payload: {
        transaction: 'coupled',
        firmware: { ...FIRMWARE_HALF, version: OLD_FW },
        os: { ...OS_HALF, commit: OLD_OS },
      },
    });
    expect(next(raised, revert, world.journal)).toBe('firmware-below-floor');
  });
});

describe('failure is remembered', () => {
  const failing = (): World => new World(observed(), { firmware: 'applied', os: 'unhealthy' });

  it('when an attempt has failed, then it is not repeated by itself, and a retry is a new attempt', () => {
    const world = failing();
    expect(settle(world, target()).kind).toBe('failed');
    const taken = world.steps.length;
    expect(next(world.observed, target(), world.journal)).toBe('failed');
    expect(world.steps).toHaveLength(taken);
    expect(next(world.observed, target({ attempt: 2 }), world.journal)).not.toBe('failed');
  });

  it('when the desired state goes back to what runs, then a failed board is converged', () => {
    const world = failing();
    settle(world, target());
    const back = target({
      payloadHash: digest('2'),
      payload: {
        transaction: 'coupled',
        firmware: { ...FIRMWARE_HALF, version: OLD_FW },
        os: { ...OS_HALF, commit: OLD_OS },
      },
    });
    expect(next(world.observed, back, world.journal)).toBe('converged');
  });
});

describe('a newer plan', () => {
  const newer = (): PlanTarget =>
    target({
      payloadHash: digest('2'),
      payload: {
        transaction: 'coupled',
        firmware: { ...FIRMWARE_HALF, version: OLD_FW },
        os: { ...OS_HALF, commit: OLD_OS },
      },
    });

  it('when it arrives at any point of a transaction, then the board goes back to the old pair, or finishes what is blessed', () => {
    for (let passes = 0; passes <= 12; passes += 1) {
      const world = new World(observed(), { firmware: 'applied', os: 'healthy' });
      for (let pass = 0; pass < passes; pass += 1) world.pass(target());
      const blessed =
        bootedDeployment(world.observed.os.deployments)?.commit === NEW_OS &&
        world.steps.some(({ kind }) => kind === 'bless-boot');
      let last: unknown;
      for (let pass = 0; pass < 60; pass += 1) last = world.pass(newer());
      const firmware = world.observed.firmware.esrt?.fwVersion;
      const wentBack = { last: { kind: 'converged' }, firmware: OLD_FW };
      expect(blessed ? wentBack : { last, firmware }).toEqual(wentBack);
      expect(bootedDeployment(world.observed.os.deployments)?.entry?.triesLeft).toBeUndefined();
    }
  });
});

describe('remember', () => {
  it('when the same attempt goes on, then what ran before it is not overwritten', () => {
    const plan = target();
    const first = remember({ kind: 'arm-trial', maxCount: 6 }, observed(), plan, EMPTY_JOURNAL);
    const later = observed({
      bootId: boot(9),
      firmware: { ...observed().firmware, esrt: { ...need(observed().firmware.esrt), fwVersion: NEW_FW } },
    });
    const second = remember({ kind: 'deploy-commit', source: { ...OS_HALF }, stateroot: 'poky' }, later, plan, first);
    expect(second.attempt?.from).toEqual({ firmware: OLD_FW, os: OLD_OS });
  });
});
