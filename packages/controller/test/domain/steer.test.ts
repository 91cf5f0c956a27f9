// Whole rollouts without an outside: commits in, reports in, plans and decisions out.

import { describe, expect, test } from 'vitest';
import { FleetSimulation } from '../support/fleet-simulation.ts';
import { desiredOf, FACTORY, NEWER } from '../support/written-fleet.ts';

const HUBS = ['hub-1', 'hub-2', 'hub-3', 'hub-4'];

/** Four boards that report what they left the factory with, under a commit that wants just that. */
function atRest(): FleetSimulation {
  const simulation = new FleetSimulation();
  for (const device of HUBS) simulation.report({ device, runs: FACTORY });
  simulation.commit(desiredOf({ release: 'r-1' }));
  for (const device of HUBS) simulation.report({ device, runs: FACTORY });
  return simulation;
}

/** Every board that has a plan for the release does as it is told. */
function obey(simulation: FleetSimulation, release: string, runs = NEWER): void {
  for (const device of simulation.planned(release)) {
    const plan = simulation.plans.get(device);
    if (plan === undefined) continue;
    const { generation, payloadHash, attempt } = plan;
    simulation.report({ device, runs, plan: { generation, payloadHash, attempt }, earned: payloadHash });
  }
}

describe('when every board already runs what is wanted', () => {
  test('then all get their plan at once and the rollout completes without a soak', () => {
    const simulation = atRest();
    expect(simulation.planned('r-1')).toEqual(HUBS);
    expect(simulation.state()).toMatchObject({ kind: 'done', outcome: 'completed' });
  });
});

describe('when a commit brings a new release', () => {
  test('then stage after stage is let in, each after the one before has proven itself', () => {
    const simulation = atRest();
    simulation.commit(
      desiredOf({ release: 'r-2', stages: ['{ limit: 1, soak: 1h }', '{ limit: 50%, soak: 1h }', '{ limit: 100% }'] }),
    );
    expect(simulation.planned('r-2')).toHaveLength(1);
    obey(simulation, 'r-2');
    expect(simulation.state()).toMatchObject({ kind: 'soaking' });
    simulation.pass(3_600_000);
    expect(simulation.planned('r-2')).toHaveLength(2);
    obey(simulation, 'r-2');
    simulation.pass(3_600_000);
    expect(simulation.planned('r-2')).toEqual(HUBS);
    obey(simulation, 'r-2');
    expect(simulation.state()).toMatchObject({ kind: 'done', outcome: 'completed' });
    expect(simulation.kinds().slice(-7)).toMatchInlineSnapshot(`
      [
        "rollout-started",
        "stage-entered",
        "soak-started",
        "stage-entered",
        "soak-started",
        "stage-entered",
        "rollout-completed",
      ]
    `);
  });
});
