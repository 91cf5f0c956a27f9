// The review of a change: the desired states of base and head, what the boards were last seen to be, and the boards' own
// decisions, read together.

import type { DesiredState, Issue, IssueCode } from '@seatrial/spec';
import { annotationsOf } from './annotations.ts';
import { boardRules, deletionRules } from './board-rules.ts';
import { type Changes, changesBetween, type FleetChange } from './changes.ts';
import type { Evidence, Finding, FleetEvidence } from './findings.ts';
import { firmwareRules } from './firmware-rules.ts';
import { fleetReview } from './fleet-review.ts';
import { forecast } from './forecast.ts';
import { type Foresight, foresee } from './foresight.ts';
import { grouped } from './grouping.ts';
import { placesIn } from './places.ts';
import type { FleetReview, Review, ReviewInput } from './review.ts';
import { policyRules, snapshotRules } from './snapshot-rules.ts';
import { newReleases, trustRules } from './trust-rules.ts';
import { judgeFindings, missingApprovals, verdictOf } from './verdict.ts';
import type { WarningCode } from './warnings.ts';

/** What happens if the head is merged now. Pure; looks only at boards of fleets that the change touches. */
export function reviewChange(input: ReviewInput): Review {
  const { base, head, policy, directory = '', approvedBy } = input;
  const places = placesIn(head, directory);
  const found = head.desired === undefined ? refuse(head.issues) : look(input, head.desired);
  const warnings = judgeFindings([...found.findings, ...policyRules(input, places)], policy);
  const needsApproval = missingApprovals(warnings, approvedBy);
  const { fleets } = found;
  return {
    ...(base.commit === undefined ? {} : { base: base.commit }),
    ...(head.commit === undefined ? {} : { head: head.commit }),
    snapshot: snapshotSummary(input),
    ...verdictOf({ input, fleets, warnings, needsApproval }),
    fleets,
    warnings,
    annotations: annotationsOf({ base, head, directory }, warnings),
    needsApproval,
  };
}

interface Found {
  readonly fleets: readonly FleetReview[];
  readonly findings: readonly Finding[];
}

/** Errors that are warnings of this page made binding: people look for them under the names that they know. */
const REFUSALS: Readonly<Partial<Record<IssueCode, WarningCode>>> = {
  'device-in-two-fleets': 'boards-claimed-twice',
  'release-below-floor': 'below-floor',
  'capsules-too-large': 'esp-too-small',
  'trial-budget-exceeded': 'trial-budget',
  'signature-wrong': 'release-under-signed',
  'signature-foreign': 'release-under-signed',
  'signature-for-other-content': 'release-under-signed',
  'signature-under-threshold': 'release-under-signed',
};

/** Nothing can be foretold of a head with errors. Each error stands on its line already. */
function refuse(issues: readonly Issue[]): Found {
  const errors = issues.filter(({ severity, code }) => severity === 'error' && REFUSALS[code] !== undefined);
  const findings = [...grouped(errors, ({ code }) => REFUSALS[code])].flatMap(
    ([code, [first, ...others]]): Finding[] => {
      if (code === undefined || first === undefined) return [];
      const more = others.length === 0 ? '' : `, and ${others.length} more like it`;
      return [{ code, text: `${first.message}${more}` }];
    },
  );
  return { fleets: [], findings };
}

function look(input: ReviewInput, head: DesiredState): Found {
  const changes = input.changes ?? changesBetween(input.base.desired, head);
  const evidence: Evidence = { input, changes, places: placesIn(input.head, input.directory ?? '') };
  const looks = changes.fleets.map(change => lookAtFleet(evidence, change, head));
  const releases = new Set(looks.flatMap(fleet => fleet.releases));
  return {
    fleets: looks.map(({ review }) => review),
    findings: [
      ...looks.flatMap(({ findings }) => findings),
      ...deletionRules(evidence),
      ...trustRules(evidence, releases),
      ...(looks.length > 0 ? snapshotRules(input) : []),
    ],
  };
}

/** What was foreseen of single boards is let go with each fleet: a change may touch a hundred thousand. */
function lookAtFleet(evidence: Evidence, change: FleetChange, head: DesiredState) {
  const { snapshot, nowMs } = evidence.input;
  const boards = change.boards.map(board => foresee(board, snapshot, nowMs));
  const fleet: FleetEvidence = { ...evidence, change, boards, forecast: rolloutOf(change, boards, { head, nowMs }) };
  return {
    review: fleetReview(fleet),
    findings: [...firmwareRules(fleet), ...boardRules(fleet)],
    releases: newReleases(fleet),
  };
}

/** Only a fleet that wants another payload begins a rollout. */
function rolloutOf(
  { after: fleet, beginsRollout }: FleetChange,
  boards: readonly Foresight[],
  { head, nowMs }: { readonly head: DesiredState; readonly nowMs: ReviewInput['nowMs'] },
) {
  const release = head.releases.find(({ name }) => name === fleet?.release);
  if (fleet === undefined || release === undefined || !beginsRollout) return undefined;
  const following = boards.filter(({ target }) => !target.pinned);
  return forecast({ fleet, boards: following, payloadHash: release.payloadHash, nowMs });
}

function snapshotSummary({ snapshot }: ReviewInput): Review['snapshot'] {
  const { repository, gitCommit, takenAtMs, size } = snapshot;
  return {
    boards: size,
    ...(repository === undefined ? {} : { repository }),
    ...(gitCommit === undefined ? {} : { gitCommit }),
    ...(takenAtMs === undefined ? {} : { takenAtMs }),
  };
}

/** What the change touches: `boards` are those whose state a review asks for. Undefined for a head with errors. */
export const changesOf = ({ base, head }: Pick<ReviewInput, 'base' | 'head'>): Changes | undefined =>
  head.desired === undefined ? undefined : changesBetween(base.desired, head.desired);
