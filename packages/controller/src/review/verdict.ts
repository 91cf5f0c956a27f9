// What the review comes to: one line, one colour, and whose approval is missing.

import type { Name } from '@seatrial/spec';
import { countOf, type Finding } from './findings.ts';
import { changingBoards } from './fleet-review.ts';
import type { ReviewPolicy } from './policy.ts';
import type { ApprovalNeed, FleetReview, Review, ReviewInput, VerdictKind, Warning } from './review.ts';
import { WARNING_CODES, WARNINGS, type WarningCode } from './warnings.ts';

/** Most binding first, then in the order of the table, then by fleet. */
export function judgeFindings(findings: readonly Finding[], policy: ReviewPolicy): readonly Warning[] {
  return findings
    .map(finding => withEffect(finding, policy))
    .sort(
      (a, b) =>
        EFFECTS.indexOf(a.effect) - EFFECTS.indexOf(b.effect) ||
        WARNING_CODES.indexOf(a.code) - WARNING_CODES.indexOf(b.code) ||
        compare(a.fleet, b.fleet) ||
        compare(a.text, b.text),
    );
}

const EFFECTS: readonly Warning['effect'][] = ['block', 'approve', 'tell'];

const compare = (a: string | undefined, b: string | undefined): number =>
  a === b ? 0 : (a ?? '') < (b ?? '') ? -1 : 1;

function withEffect({ place, ...finding }: Finding, { warnings }: ReviewPolicy): Warning {
  const meant = warnings[finding.code] ?? WARNINGS[finding.code].effect;
  const placed = place === undefined ? finding : { ...finding, place };
  return typeof meant === 'string'
    ? { ...placed, effect: meant }
    : { ...placed, effect: 'approve', role: meant.approve };
}

/** Without those that were given. */
export function missingApprovals(warnings: readonly Warning[], given: readonly Name[] = []): readonly ApprovalNeed[] {
  const needed = new Map<Name, Set<WarningCode>>();
  for (const { role, code } of warnings) {
    if (role === undefined || given.includes(role)) continue;
    const codes = needed.get(role);
    if (codes === undefined) needed.set(role, new Set([code]));
    else codes.add(code);
  }
  return [...needed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([role, codes]) => ({ role, codes: [...codes] }));
}

export interface Judged {
  readonly input: ReviewInput;
  readonly fleets: readonly FleetReview[];
  readonly warnings: readonly Warning[];
  readonly needsApproval: readonly ApprovalNeed[];
}

/** A change that touches no fleet has nothing that could be blocked, and nobody to ask. */
export function verdictOf(judged: Judged): Pick<Review, 'verdict' | 'conclusion'> {
  const kind = kindOf(judged);
  return { verdict: { kind, line: LINES[kind](judged) }, conclusion: conclusionOf(kind, judged.needsApproval) };
}

function kindOf({ input: { head }, warnings, fleets }: Judged): VerdictKind {
  if (head.desired === undefined) return 'invalid';
  if (warnings.some(({ effect }) => effect === 'block')) return 'blocked';
  return fleets.length > 0 || warnings.length > 0 ? 'changes' : 'nothing';
}

const conclusionOf = (kind: VerdictKind, needed: readonly ApprovalNeed[]): Review['conclusion'] => {
  if (kind === 'nothing') return 'neutral';
  return kind === 'changes' && needed.length === 0 ? 'success' : 'failure';
};

const LINES: Readonly<Record<VerdictKind, (judged: Judged) => string>> = {
  nothing: () => 'No board would do anything else.',
  changes: judged => `${boardsLine(judged)}${approvalLine(judged)}.`,
  blocked: judged => `Blocked: ${blockers(judged).join(', ')}. ${boardsLine(judged)}.`,
  invalid: ({ input: { head } }) =>
    `The change has ${countOf(head.issues.filter(({ severity }) => severity === 'error').length, 'error')}: nothing of it can come into force.`,
};

function boardsLine({ fleets }: Judged): string {
  const changing = changingBoards(fleets);
  const total = fleets.reduce((sum, { counts }) => sum + counts.total, 0);
  if (fleets.length === 0) return 'No board would do anything else';
  return `${changing === 0 ? 'None' : String(changing)} of ${countOf(total, 'board')} in ${countOf(fleets.length, 'fleet')} would change`;
}

const approvalLine = ({ needsApproval }: Judged): string =>
  needsApproval.length === 0 ? '' : `; needs the approval of ${needsApproval.map(({ role }) => role).join(', ')}`;

const blockers = ({ warnings }: Judged): readonly WarningCode[] => [
  ...new Set(warnings.filter(({ effect }) => effect === 'block').map(({ code }) => code)),
];
