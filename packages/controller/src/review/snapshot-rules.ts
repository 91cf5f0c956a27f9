// How far what is known of the boards can be trusted, and what the change is compared with.

import { formatDuration, POLICY_FILE } from '@seatrial/spec';
import type { Finding } from './findings.ts';
import type { Places } from './places.ts';
import { sameRepository } from './repository-name.ts';
import type { ReviewInput, SnapshotAge } from './review.ts';

export const snapshotRules = (input: ReviewInput): readonly Finding[] => [
  ...foreign(input),
  ...stale(input),
  ...base(input),
];

export const policyRules = ({ policyChanged }: ReviewInput, places: Places): readonly Finding[] =>
  policyChanged === true
    ? [{ code: 'policy-changed', text: `${POLICY_FILE} is another one`, place: places.ofFile(POLICY_FILE) }]
    : [];

function foreign({ snapshot, repository, snapshotAge }: ReviewInput): readonly Finding[] {
  const taken = snapshot.repository;
  const isElsewhere = taken !== undefined && repository !== undefined && sameRepository(taken, repository) === false;
  // A commit that both have is the better witness: repositories are mirrored and forked.
  if (snapshotAge === undefined && isElsewhere) {
    return [{ code: 'snapshot-foreign', text: `the snapshot is of ${taken}, this is ${repository}` }];
  }
  if (snapshotAge !== 'elsewhere') return [];
  const commit = snapshot.gitCommit?.slice(0, 12) ?? 'unknown';
  return [
    {
      code: 'snapshot-foreign',
      text: `the snapshot was taken at commit ${commit}, which this repository does not have`,
    },
  ];
}

function stale({ snapshot, policy, nowMs, snapshotAge, base: { commit } }: ReviewInput): readonly Finding[] {
  const { takenAtMs, gitCommit } = snapshot;
  if (takenAtMs === undefined || gitCommit === undefined) {
    return [{ code: 'snapshot-undated', text: 'the snapshot does not say when and at which commit it was taken' }];
  }
  const ageMs = nowMs - takenAtMs;
  if (ageMs > policy.snapshot.maxAge) {
    const text = `the snapshot is ${formatDuration(ageMs)} old, at most ${formatDuration(policy.snapshot.maxAge)} are allowed`;
    return [{ code: 'snapshot-stale', text }];
  }
  if (snapshotAge === undefined) return [];
  return AGES[snapshotAge](gitCommit.slice(0, 12), commit?.slice(0, 12) ?? 'the base');
}

const AGES = {
  same: () => [],
  elsewhere: () => [],
  before: (taken, based) => [
    { code: 'snapshot-stale', text: `the snapshot was taken at ${taken}, before ${based} was in force` },
  ],
  after: (taken, based) => [
    { code: 'base-moved', text: `${taken} is in force already, the change is based on ${based}` },
  ],
} as const satisfies Record<SnapshotAge, (taken: string, based: string) => readonly Finding[]>;

function base({ base: { desired, issues } }: ReviewInput): readonly Finding[] {
  if (desired !== undefined) return [];
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  return [{ code: 'base-invalid', text: `the base has ${errors} ${errors === 1 ? 'error' : 'errors'}` }];
}
