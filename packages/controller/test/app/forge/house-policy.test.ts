// Where the policy of the house is looked for.

import { describe, expect, test } from 'vitest';
import { specValidator } from '../../../src/adapters/spec-validator.ts';
import { Checkouts } from '../../../src/app/forge/checkouts.ts';
import { HousePolicy } from '../../../src/app/forge/house-policy.ts';
import { MemoryRepository } from '../../support/memory-repository.ts';
import { filesOf } from '../../support/written-fleet.ts';

const policyFor = (team: string): string => `apiVersion: seatrial.dev/v1alpha1
kind: ReviewPolicy
metadata: { name: house }
spec:
  teams:
    operator: [${team}]
`;

/** The policy in force with one file beside the fleet and another at the root; undefined for one that is not there. */
async function policyWith(beside: string | undefined, root: string | undefined) {
  const repository = new MemoryRepository();
  const files = new Map([...filesOf(), ...(beside === undefined ? [] : [['seatrial.policy.yaml', beside] as const])]);
  const commit = repository.commit(files);
  const atRoot = async () => (root === undefined ? undefined : Buffer.from(root));
  return new HousePolicy(new Checkouts(repository, specValidator()), atRoot).at(commit);
}

describe('when the policy of a commit is asked for', () => {
  test('then the file beside the fleet counts before that at the root of the repository', async () => {
    expect((await policyWith(policyFor('acme/near'), policyFor('acme/far'))).teams).toEqual({
      operator: ['acme/near'],
    });
    expect((await policyWith(undefined, policyFor('acme/far'))).teams).toEqual({ operator: ['acme/far'] });
  });

  test('then without a file the defaults hold, and with a broken one nothing is allowed', async () => {
    expect((await policyWith(undefined, undefined)).bumps.propose).toBe(true);
    const broken = await policyWith(undefined, 'kind: ReviewPolicy\n');
    expect([broken.teams, broken.bumps.propose]).toEqual([{}, false]);
  });
});
