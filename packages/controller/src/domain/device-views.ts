// Single boards as the API shows them, and the snapshot of all of them.

import {
  encodeObserved,
  inferStep,
  isOnTrial,
  journalOf,
  learn,
  type PlanTarget,
  type Report,
  runningPair,
} from '@seatrial/capsule-plan';
import { formatFirmwareVersion, type Millis, type Name } from '@seatrial/spec';
import type { DeviceSummary, DeviceView, SnapshotView, WhyView } from './api.ts';
import { idOf, NEVER } from './boards.ts';
import { stageSize } from './cohort.ts';
import { standingAt } from './diff.ts';
import { NOBODY } from './groups.ts';
import { type Assignment, assignmentOf, type Ledger, worldOf } from './ledger.ts';
import type { PlanRecord } from './plan-record.ts';
import { advance } from './rollout.ts';
import type { Standing } from './standing.ts';
import { type Judgement, judgementOf, targetOf } from './take-report.ts';
import { explain, type WhyInput } from './why.ts';

/** Whether a row belongs on a list: looks at columns only, so that a million of them are passed over quickly. */
export function deviceFilter(
  { boards, fleets, groups }: Ledger,
  { fleet, standing, release }: Omit<DeviceQuery, 'limit' | 'after'>,
): (row: number) => boolean {
  const isWanted = (row: number, group: number): boolean => {
    const entry = fleets.get(groups.describe(group)?.fleet ?? ('' as Name)); // no fleet has an empty name
    return (entry?.pinned.get(row)?.target.release ?? entry?.release.name) === release;
  };
  return row => {
    const group = boards.group[row] ?? NOBODY;
    if (group === NOBODY && boards.reported[row] === 0) return false;
    if (standing !== undefined && standingAt(boards, row) !== standing) return false;
    if (fleet !== undefined && groups.describe(group)?.fleet !== fleet) return false;
    return release === undefined || isWanted(row, group);
  };
}

export function deviceSummary(ledger: Ledger, row: number): DeviceSummary {
  const { boards } = ledger;
  const device = idOf(boards, row);
  const assignment = assignmentOf(ledger, device);
  return {
    device,
    pinned: assignment?.pin !== undefined,
    standing: standingAt(boards, row),
    connected: boards.unreachableAtMs[row] === NEVER,
    generation: boards.generation[row] ?? 0,
    ...(assignment && {
      fleet: assignment.entry.fleet.name,
      board: assignment.entry.fleet.board,
      release: releaseOf(assignment),
    }),
  };
}

/** What a list of boards is asked for. */
export interface DeviceQuery {
  readonly limit: number;
  /** Devices after this id, in the order of ids. */
  readonly after?: string;
  readonly fleet?: string;
  readonly standing?: Standing;
  readonly release?: string;
}

export interface DeviceDetails {
  readonly labels: Readonly<Record<string, string>>;
  readonly plan?: PlanRecord;
  readonly report?: { readonly value: Report; readonly receivedAtMs: Millis };
  readonly judgement?: Judgement;
}

export function deviceView(ledger: Ledger, row: number, details: DeviceDetails): DeviceView {
  const { generation: _generation, ...summary } = deviceSummary(ledger, row);
  const { labels, plan, report, judgement } = details;
  return {
    ...summary,
    labels: { ...labels },
    ...(judgement && { verdict: { kind: judgement.kind, reason: judgement.reason, message: judgement.message } }),
    ...(plan && { plan: planView(plan) }),
    ...(report && { report: { receivedAtMs: report.receivedAtMs, ...reportView(report.value) } }),
  };
}

const planView = ({ generation, release, gitCommit, payloadHash, attempt, issuedAtMs, expiresAtMs }: PlanRecord) => ({
  generation,
  release,
  gitCommit,
  payloadHash,
  attempt,
  issuedAtMs,
  expiresAtMs,
});

function reportView(report: Report) {
  const { firmware, os } = runningPair(report.observed);
  const { esrt, trial } = report.observed.firmware;
  return {
    sequence: report.sequence,
    agentVersion: report.agentVersion,
    phase: report.phase,
    onTrial: trial !== undefined && isOnTrial(trial),
    refused: { ...report.refused },
    ...(firmware !== undefined && { firmware: formatFirmwareVersion(firmware) }),
    ...(esrt && { lowestSupportedFirmware: formatFirmwareVersion(esrt.lowestSupportedFwVersion) }),
    ...(os !== undefined && { os }),
    ...(report.plan && { generation: report.plan.generation }),
    ...(report.step && { step: report.step.kind }),
  };
}

export function whyView(ledger: Ledger, row: number, report: Report | undefined, nowMs: Millis): WhyView {
  const { boards } = ledger;
  const device = idOf(boards, row);
  const assignment = assignmentOf(ledger, device);
  const turn = assignment && turnOf(ledger, assignment, nowMs);
  const { holds, ...told } = explain({
    device,
    standing: standingAt(boards, row),
    connected: boards.unreachableAtMs[row] === NEVER,
    ...(assignment && { wanted: wantedOf(assignment) }),
    ...(turn && { rollout: turn }),
    ...verdictOf(ledger, assignment, report),
  });
  return { ...told, holds: [...holds] };
}

function verdictOf(
  ledger: Ledger,
  assignment: Assignment | undefined,
  report: Report | undefined,
): Pick<WhyInput, 'verdict'> {
  if (assignment === undefined || report === undefined) return {};
  const judgement = judgementOf(ledger, report);
  if (judgement === undefined) return {};
  const { reason, message } = judgement;
  const untilMs = waitsUntil(report, targetOf(ledger, assignment));
  return { verdict: { reason, message, ...(untilMs !== undefined && { untilMs }) } };
}

/** When the wait that the board is in ends by itself; undefined where it does not, or where it waits for nothing. */
function waitsUntil(report: Report, target: PlanTarget): Millis | undefined {
  const inference = inferStep(report.observed, target, learn(report.observed, target, journalOf(report)));
  return inference.kind === 'step' && inference.step.kind === 'wait' ? inference.step.untilMs : undefined;
}

const releaseOf = ({ entry, pin }: Assignment): Name => pin?.target.release ?? entry.release.name;

const wantedOf = (assignment: Assignment): WhyInput['wanted'] & {} => ({
  fleet: assignment.entry.fleet.name,
  release: releaseOf(assignment),
  pinned: assignment.pin !== undefined,
  suspended: assignment.entry.fleet.suspend,
  signed: (assignment.pin ?? assignment.entry).signed,
});

/** Where the rollout is, and with which stage the board's turn comes. A pinned board has no turn. */
function turnOf(ledger: Ledger, { entry, pin, row }: Assignment, nowMs: Millis): WhyInput['rollout'] {
  const rollout = ledger.rollouts.get(entry.fleet.name);
  if (rollout === undefined || pin !== undefined) return undefined;
  const world = worldOf(ledger, entry, nowMs);
  const { stages } = world.policy;
  const place = ledger.boards.rank[row] ?? 0;
  const reaching = stages.findIndex(({ limit }) => stageSize(limit, world.cohort) > place);
  return {
    id: rollout.id,
    state: advance(rollout, world).state,
    stage: rollout.stage,
    stages: stages.length,
    stageOfBoard: reaching === -1 ? stages.length : reaching + 1,
  };
}

/** A line of the snapshot. */
export const snapshotDevice = (
  { device, observed, attempt, success, failures }: Report,
  { unreachable }: { readonly unreachable: boolean },
): SnapshotView['devices'][number] => ({
  device,
  observed: JSON.parse(Buffer.from(encodeObserved(observed)).toString()),
  ...(attempt && { attempt: { ...attempt } }),
  ...(success && { success: { ...success } }),
  failures: failures.map(failure => ({ ...failure })),
  ...(unreachable && { unreachable }),
});

/** Rows of boards that report and that no fleet selects. */
export function unclaimedRows({ boards }: Ledger): readonly number[] {
  const rows: number[] = [];
  for (let row = 0; row < boards.count; row += 1) {
    if (boards.group[row] === 0 && boards.reported[row] !== 0) rows.push(row);
  }
  return rows;
}
