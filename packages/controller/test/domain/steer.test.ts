// Whole rollouts without an outside: commits in, reports in, plans and decisions out.

import { describe, expect, test } from 'vitest';
import { FleetSimulation } from '../support/fleet-simulation.ts';
import { HOUR_MS } from '../support/paper-rollout.ts';
import { need, type Runs } from '../support/told-board.ts';
import { desiredOf, FACTORY, NEWER, type WrittenFleet } from '../support/written-fleet.ts';

const HUBS = ['hub-1', 'hub-2', 'hub-3', 'hub-4'];

/** Four boards that report what they left the factory with, under a commit that wants just that. */
function atRest(fleet: WrittenFleet = {}): FleetSimulation {
  const simulation = new FleetSimulation();
  for (const device of HUBS) simulation.report({ device, runs: FACTORY });
  simulation.commit(desiredOf({ release: 'r-1', ...fleet }));
  return simulation;
}

const planFor = (simulation: FleetSimulation, device: string) => {
  const { generation, payloadHash, attempt, gitCommit } = need(simulation.plans.get(device));
  return { generation, payloadHash, attempt, gitCommit };
};

/** The board does as its plan says. */
function obey(simulation: FleetSimulation, device: string, runs: Runs = NEWER): void {
  const plan = planFor(simulation, device);
  simulation.report({ device, runs, plan, earned: plan.payloadHash });
}

function fail(simulation: FleetSimulation, device: string): void {
  const plan = planFor(simulation, device);
  simulation.report({ device, runs: FACTORY, plan, failed: plan });
}

function obeyAll(simulation: FleetSimulation, release: string, runs: Runs = NEWER): void {
  for (const device of simulation.planned(release)) obey(simulation, device, runs);
}

const newest = (simulation: FleetSimulation, kind: string) => simulation.decisions.findLast(one => one.kind === kind);

describe('when every board already runs what is wanted', () => {
  test('then all get their plan at once and the rollout completes without a soak', () => {
    const simulation = atRest({ stages: ['{ limit: 1, soak: 24h }', '{ limit: 100% }'] });
    expect(simulation.planned('r-1')).toEqual(HUBS);
    expect(simulation.state()).toMatchObject({ kind: 'done', outcome: 'completed' });
    expect(simulation.kinds()).not.toContain('soak-started');
  });

  test('then further looks make no plan and decide nothing', () => {
    const simulation = atRest();
    const plans = new Map(simulation.plans);
    const decisions = simulation.decisions.length;
    simulation.pass(HOUR_MS);
    for (const device of HUBS) simulation.report({ device, runs: FACTORY, plan: planFor(simulation, device) });
    expect(simulation.plans).toEqual(plans);
    expect(simulation.decisions).toHaveLength(decisions);
  });
});

describe('when a commit brings a new release', () => {
  test('then stage after stage is let in, each after the one before has proven itself', () => {
    const simulation = atRest();
    const before = simulation.decisions.length;
    const stages = ['{ limit: 1, soak: 1h }', '{ limit: 50%, soak: 1h }', '{ limit: 100% }'];
    simulation.commit(desiredOf({ release: 'r-2', stages }));
    for (const size of [1, 2, 4]) {
      expect(simulation.planned('r-2')).toHaveLength(size);
      obeyAll(simulation, 'r-2');
      simulation.pass(HOUR_MS);
    }
    expect(simulation.state()).toMatchObject({ kind: 'done', outcome: 'completed' });
    expect(simulation.kinds().slice(before)).toEqual([
      'rollout-started',
      'stage-entered',
      'soak-started',
      'stage-entered',
      'soak-started',
      'stage-entered',
      'rollout-completed',
    ]);
  });

  test('then a board that claims to be done without evidence does not count', () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-2' }));
    const [first] = simulation.planned('r-2');
    const plan = planFor(simulation, need(first));
    simulation.report({ device: need(first), runs: FACTORY, plan, earned: plan.payloadHash });
    expect(simulation.standing(need(first))).toBe('updating');
    expect(simulation.planned('r-2')).toHaveLength(1);
  });

  test('then another rollout begins with other boards', () => {
    const order = (commits: number) => {
      const simulation = atRest();
      for (let extra = 0; extra < commits; extra += 1)
        simulation.commit(desiredOf({ release: extra % 2 ? 'r-1' : 'r-3' }));
      simulation.commit(desiredOf({ release: 'r-2' }));
      return simulation.planned('r-2')[0];
    };
    expect(new Set([0, 1, 2, 3, 4, 5].map(order)).size).toBeGreaterThan(1);
  });

  test('then each board waits its own part of the download jitter', () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-2', stages: ['{ limit: 100% }'], jitter: '1h' }));
    const waits = HUBS.map(device => Number(simulation.plans.get(device)?.downloadNotBeforeMs) - simulation.nowMs);
    expect(new Set(waits).size).toBe(HUBS.length);
    for (const wait of waits) expect(wait >= 0 && wait < HOUR_MS).toBe(true);
  });
});

describe('when a board fails', () => {
  const broken = () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-2' }));
    const [first] = simulation.planned('r-2');
    fail(simulation, need(first));
    return { simulation, first: need(first) };
  };

  test('then the rollout pauses, nobody else is touched, and the failure is told once', () => {
    const { simulation, first } = broken();
    expect(simulation.state()).toMatchObject({ kind: 'paused', reason: 'failure-budget' });
    fail(simulation, first);
    simulation.pass(24 * HOUR_MS);
    expect(simulation.planned('r-2')).toEqual([first]);
    expect(simulation.kinds().filter(kind => kind === 'board-failed')).toHaveLength(1);
  });

  test('then it counts as soon as it is on its way back', () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-2' }));
    const device = need(simulation.planned('r-2')[0]);
    const plan = planFor(simulation, device);
    simulation.report({ device, runs: FACTORY, plan, attempting: { ...plan, to: NEWER, failing: true } });
    expect(simulation.standing(device)).toBe('failed');
    expect(simulation.state()).toMatchObject({ kind: 'paused' });
  });

  test('and an engineer retries, then that board tries again under the next number', () => {
    const { simulation, first } = broken();
    const before = planFor(simulation, first);
    expect(simulation.order('retry')).toBeUndefined();
    expect(planFor(simulation, first)).toMatchObject({ attempt: 2, generation: before.generation + 1 });
    expect(simulation.state()).toMatchObject({ kind: 'advancing' });
    obey(simulation, first);
    expect(simulation.planned('r-2')).toEqual(HUBS);
  });

  test('and an engineer resumes, then what failed is accepted and another failure pauses again', () => {
    const { simulation, first } = broken();
    simulation.order('resume');
    expect(simulation.planned('r-2')).toEqual(HUBS);
    fail(simulation, need(HUBS.find(hub => hub !== first)));
    expect(simulation.state()).toMatchObject({ kind: 'paused', reason: 'failure-budget' });
  });

  test('and the commit is reverted, then the fleet comes to rest and the rollout says what it returns to', () => {
    const { simulation } = broken();
    simulation.commit(desiredOf({ release: 'r-1' }));
    expect(simulation.planned('r-2')).toEqual([]);
    expect(simulation.planned('r-1')).toEqual(HUBS);
    expect(simulation.state()).toMatchObject({ kind: 'done', outcome: 'completed' });
    expect(newest(simulation, 'rollout-started')).toMatchObject({ returnsTo: 'field-r1' });
    expect(newest(simulation, 'rollout-superseded')).toMatchObject({ rollout: 'field-r2', successor: 'field-r3' });
  });
});

describe('when a release that has failed is wanted again', () => {
  test('then a board that remembers it fails at once, and the rollout says so and pauses', () => {
    const simulation = atRest();
    const everywhere = { stages: ['{ limit: 100% }'], failureBudget: '100%', successThreshold: '0%' };
    simulation.commit(desiredOf({ release: 'r-2', ...everywhere }));
    for (const device of HUBS) fail(simulation, device);
    simulation.commit(desiredOf({ release: 'r-1' }));
    const before = simulation.decisions.length;
    simulation.commit(desiredOf({ release: 'r-2' }));
    expect(simulation.decisions.slice(before)).toMatchObject([
      { kind: 'rollout-started', returnsTo: 'field-r2' },
      { kind: 'stage-entered' },
      { kind: 'rollout-paused', reason: 'failure-budget' },
      { kind: 'board-failed', reason: 'failed-before' },
    ]);
    expect(simulation.planned('r-2')).toHaveLength(1);
  });
});

describe('when firmware can no longer go back', () => {
  test('then a revert says so and tries nothing', () => {
    const simulation = atRest({ stages: ['{ limit: 100% }'] });
    simulation.commit(desiredOf({ release: 'r-2', stages: ['{ limit: 100% }'] }));
    obeyAll(simulation, 'r-2');
    simulation.commit(desiredOf({ release: 'r-1', stages: ['{ limit: 100% }'] }));
    for (const device of simulation.planned('r-1')) {
      simulation.report({ device, runs: NEWER, plan: planFor(simulation, device), floor: '1.2' });
    }
    expect(HUBS.map(device => simulation.standing(device))).toEqual(HUBS.map(() => 'blocked'));
    expect(simulation.state()).toMatchObject({ kind: 'paused', reason: 'success-threshold' });
    expect(simulation.kinds()).not.toContain('board-failed');
  });
});

describe('when a newer commit comes in the middle', () => {
  test('then the old rollout is superseded, and boards it had moved wait their turn', () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-2' }));
    simulation.commit(desiredOf({ release: 'r-3' }));
    expect(simulation.rollout()).toMatchObject({ id: 'field-r3', stage: 1 });
    expect(simulation.planned('r-3')).toHaveLength(1);
  });

  test('and it changes only windows or gates, then boards are told and the rollout goes on', () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-2' }));
    const device = need(simulation.planned('r-2')[0]);
    const before = need(simulation.plans.get(device));
    simulation.commit(desiredOf({ release: 'r-2', gates: '{ parked: true }' }));
    expect(simulation.rollout().id).toBe('field-r2');
    const after = need(simulation.plans.get(device));
    expect(after).toMatchObject({ generation: before.generation + 1, attempt: 1, gitCommit: before.gitCommit });
    expect(after.content).not.toBe(before.content);
  });

  test('and it changes nothing of this fleet, then nothing is published', () => {
    const simulation = atRest();
    const plans = new Map(simulation.plans);
    simulation.commit(desiredOf({ release: 'r-1', releases: { 'r-1': FACTORY, 'r-9': { os: 'f' } } }));
    expect(simulation.plans).toEqual(plans);
  });
});

describe('when boards come and go', () => {
  test('then one that joins in the middle takes its place in the order', () => {
    const simulation = atRest();
    const stages = ['{ limit: 50% }', '{ limit: 100% }'];
    simulation.commit(desiredOf({ release: 'r-2', stages }));
    const moved = simulation.planned('r-2');
    const devices = [...HUBS, 'hub-5', 'hub-6', 'hub-7', 'hub-8'];
    simulation.commit(desiredOf({ release: 'r-2', stages, devices }));
    expect(simulation.rollout().id).toBe('field-r2');
    // Half of eight, and nobody who was moved is taken back.
    expect(simulation.planned('r-2')).toEqual(expect.arrayContaining([...moved]));
    expect(simulation.planned('r-2').length).toBeGreaterThanOrEqual(4);
    expect(simulation.planned('r-2').length).toBeLessThanOrEqual(6);
  });

  test('then one that joins a completed rollout gets its plan at once', () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-1', devices: [...HUBS, 'hub-5'] }));
    expect(simulation.planned('r-1')).toContain('hub-5');
  });

  test('then one that git no longer lists is nobody’s, and the rest is enough', () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-2', stages: ['{ limit: 100% }'] }));
    for (const device of HUBS.slice(0, 3)) obey(simulation, device);
    expect(simulation.state()).toMatchObject({ kind: 'advancing' });
    simulation.commit(desiredOf({ release: 'r-2', stages: ['{ limit: 100% }'], devices: HUBS.slice(0, 3) }));
    expect(simulation.standing('hub-4')).toBe('unassigned');
    expect(simulation.state()).toMatchObject({ kind: 'done' });
  });

  test('then a fleet that is deleted in the middle is cancelled, and one that comes back begins anew', () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-2' }));
    simulation.commit(desiredOf({ name: 'other', release: 'r-2', devices: HUBS }));
    expect(newest(simulation, 'rollout-cancelled')).toMatchObject({ rollout: 'field-r2' });
    simulation.commit(desiredOf({ release: 'r-2' }));
    expect(simulation.rollout()).toMatchObject({ id: 'field-r3' });
  });
});

describe('when a board is pinned', () => {
  const devices = ['hub-1', 'hub-2', 'hub-3', { id: 'hub-4', pin: 'r-3' }];

  test('then it gets its release at once and takes no part in the rollout', () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-2', devices }));
    expect(simulation.planned('r-3')).toEqual(['hub-4']);
    fail(simulation, 'hub-4');
    expect(simulation.state()).toMatchObject({ kind: 'advancing' });
    expect(simulation.planned('r-2')).toHaveLength(1);
  });

  test('and the pin is taken away, then it follows the fleet again', () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-1', devices }));
    simulation.commit(desiredOf({ release: 'r-1' }));
    expect(simulation.planned('r-1')).toEqual(HUBS);
  });
});

describe('when a fleet is suspended', () => {
  test('then nothing new is published until it is not', () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-2', suspend: true }));
    expect(simulation.planned('r-2')).toEqual([]);
    expect(simulation.state()).toMatchObject({ kind: 'waiting', for: 'end-of-suspension' });
    simulation.commit(desiredOf({ release: 'r-2' }));
    expect(simulation.planned('r-2')).toHaveLength(1);
  });
});

describe('when a fleet is suspended for long', () => {
  test('then neither pins are followed nor plans renewed', () => {
    const simulation = atRest();
    const plans = new Map(simulation.plans);
    const devices = ['hub-1', 'hub-2', 'hub-3', { id: 'hub-4', pin: 'r-3' }];
    simulation.commit(desiredOf({ release: 'r-1', suspend: true, devices }));
    simulation.pass(30 * 24 * HOUR_MS);
    expect(simulation.plans).toEqual(plans);
    simulation.commit(desiredOf({ release: 'r-1', devices }));
    expect(simulation.planned('r-3')).toEqual(['hub-4']);
  });
});

describe('when a stage needs an approval', () => {
  const fleet: WrittenFleet = { release: 'r-2', approvals: ['{ role: ground-crew, stage: 1 }'] };

  test('then nobody moves before it is in git', () => {
    const simulation = atRest();
    simulation.commit(desiredOf(fleet));
    expect(simulation.planned('r-2')).toEqual([]);
    expect(simulation.order('promote')).toBe('rollout-not-begun');
    simulation.commit(desiredOf({ ...fleet, given: [{ role: 'ground-crew', stage: 1 }] }));
    expect(simulation.planned('r-2')).toHaveLength(1);
  });
});

describe('when boards are silent or late', () => {
  test('then one that could act and did not is overdue and counts as a failure', () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-2' }));
    const device = need(simulation.planned('r-2')[0]);
    simulation.report({ device, runs: FACTORY, plan: planFor(simulation, device) });
    simulation.pass(6 * HOUR_MS);
    expect(simulation.standing(device)).toBe('overdue');
    expect(simulation.state()).toMatchObject({ kind: 'paused', reason: 'failure-budget' });
  });

  test('then the time of one that is held by a gate stands still', () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-2', gates: '{ parked: true }' }));
    const device = need(simulation.planned('r-2')[0]);
    const plan = planFor(simulation, device);
    const report = (parked: boolean) =>
      simulation.report({ device, runs: FACTORY, plan, fetched: NEWER, facts: { parked } });
    report(false);
    simulation.pass(5 * HOUR_MS);
    expect(simulation.standing(device)).toBe('gated');
    report(true);
    simulation.pass(5 * HOUR_MS);
    expect(simulation.standing(device)).toBe('updating');
    simulation.pass(HOUR_MS);
    expect(simulation.standing(device)).toBe('overdue');
  });

  test('then one that never spoke is set aside and the stage waits for a board that can act', () => {
    const simulation = new FleetSimulation();
    simulation.commit(desiredOf({ release: 'r-2' }));
    simulation.pass(6 * HOUR_MS);
    expect(simulation.standing(need(simulation.planned('r-2')[0]))).toBe('unreachable');
    expect(simulation.state()).toMatchObject({ kind: 'waiting', for: 'a-board-that-can-act' });
    simulation.order('promote');
    expect(simulation.planned('r-2')).toEqual(HUBS);
  });
});

describe('when plans grow old', () => {
  test('then they are made anew before they expire, and keep try and payload', () => {
    const simulation = atRest();
    const before = need(simulation.plans.get('hub-1'));
    simulation.pass(4 * 24 * HOUR_MS);
    const after = need(simulation.plans.get('hub-1'));
    expect(after).toMatchObject({ generation: before.generation + 1, attempt: 1, payloadHash: before.payloadHash });
    expect(after.expiresAtMs).toBeGreaterThan(before.expiresAtMs);
  });
});

describe('when a board has seen a newer plan than the ledger knows', () => {
  test('then its generation is taken over and it is told anew, under the same try', () => {
    const simulation = new FleetSimulation();
    simulation.commit(desiredOf({ release: 'r-2' }));
    const { payloadHash } = need(simulation.plans.get(need(simulation.planned('r-2')[0])));
    const device = need(HUBS.find(hub => !simulation.planned('r-2').includes(hub)));
    simulation.report({ device, runs: FACTORY, plan: { generation: 41, payloadHash, attempt: 3 } });
    expect(planFor(simulation, device)).toMatchObject({ generation: 42, attempt: 3 });
  });

  test('then another one under the number of ours counts as newer too, for the board refuses ours', () => {
    const simulation = atRest();
    simulation.commit(desiredOf({ release: 'r-2' }));
    const device = need(simulation.planned('r-2')[0]);
    const { generation, attempt, payloadHash } = planFor(simulation, device);
    const other = need(simulation.plans.get(need(HUBS.find(hub => hub !== device)))).payloadHash;
    simulation.report({ device, runs: FACTORY, plan: { generation, attempt, payloadHash: other } });
    expect(planFor(simulation, device)).toMatchObject({ generation: generation + 1, payloadHash });
  });
});
