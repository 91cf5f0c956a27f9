// One fleet, device, rollout or release with everything that is known of it, as sections of facts.

import type { DeviceView, FleetView, ReleaseView, RolloutView } from '@seatrial/controller';
import type { Millis } from '@seatrial/spec';
import type { Facts } from '../output/facts.ts';
import { formatAge, formatMoment } from '../output/moment.ts';

export type Description = Readonly<Record<string, Facts>>;

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');
const when = (ms: number, nowMs: Millis): string => `${formatMoment(ms as Millis)} (${formatAge(ms as Millis, nowMs)})`; // the API's moments

/** Only the standings that some board has. */
const standings = (tally: FleetView['standings']): Facts =>
  Object.fromEntries(Object.entries(tally).map(([name, count]) => [name, count === 0 ? undefined : String(count)]));

export const describeFleet = (fleet: FleetView, nowMs: Millis): Description => ({
  [`Fleet ${fleet.name}`]: {
    release: fleet.release,
    board: fleet.board,
    'git commit': fleet.gitCommit,
    suspended: yesNo(fleet.suspended),
    boards: String(fleet.boards),
  },
  'Boards by standing': standings(fleet.standings),
  'Pinned boards by standing': standings(fleet.pinned),
  ...(fleet.rollout === undefined ? {} : describeRollout(fleet.rollout, nowMs)),
});

export const describeRollout = (rollout: RolloutView, nowMs: Millis): Description => ({
  [`Rollout ${rollout.id}`]: {
    fleet: rollout.fleet,
    release: rollout.release,
    'git commit': rollout.gitCommit,
    started: when(rollout.startedAtMs, nowMs),
    stage: `${rollout.stage} of ${rollout.stages}`,
    'let in': `${rollout.letIn} of ${rollout.cohort} boards`,
    attempt: String(rollout.attempt),
    state: rollout.state.kind,
    'what happens': rollout.state.message,
    until:
      'untilMs' in rollout.state && rollout.state.untilMs !== undefined
        ? when(rollout.state.untilMs, nowMs)
        : undefined,
    salt: rollout.salt,
  },
  'Boards that it moves': standings(rollout.moved),
  'Boards at rest': standings(rollout.resting),
});

export const describeDevice = (device: DeviceView, nowMs: Millis): Description => ({
  [`Device ${device.device}`]: {
    standing: device.standing,
    reason: device.verdict?.reason,
    'what happens': device.verdict?.message,
    fleet: device.fleet ?? 'none selects it',
    release: device.release,
    pinned: yesNo(device.pinned),
    board: device.board,
    connected: yesNo(device.connected),
    labels:
      Object.entries(device.labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(', ') || undefined,
  },
  ...(device.plan === undefined ? {} : { 'Its plan': planFacts(device.plan, nowMs) }),
  ...(device.report === undefined ? {} : { 'Its last report': reportFacts(device.report, nowMs) }),
});

const planFacts = (plan: NonNullable<DeviceView['plan']>, nowMs: Millis): Facts => ({
  generation: String(plan.generation),
  release: plan.release,
  'git commit': plan.gitCommit,
  payload: plan.payloadHash,
  attempt: String(plan.attempt),
  issued: when(plan.issuedAtMs, nowMs),
  expires: when(plan.expiresAtMs, nowMs),
});

const reportFacts = (report: NonNullable<DeviceView['report']>, nowMs: Millis): Facts => ({
  received: when(report.receivedAtMs, nowMs),
  phase: report.phase,
  step: report.step,
  firmware: report.firmware,
  'firmware floor': report.lowestSupportedFirmware,
  os: report.os,
  'on trial': yesNo(report.onTrial),
  'plan seen': report.generation === undefined ? undefined : `generation ${report.generation}`,
  agent: report.agentVersion,
  sequence: String(report.sequence),
  'refused messages':
    Object.entries(report.refused)
      .map(([reason, count]) => `${reason} ${count}`)
      .join(', ') || undefined,
});

export const describeRelease = (release: ReleaseView): Description => ({
  [`Release ${release.name}`]: {
    board: release.board,
    firmware: release.firmware,
    os: release.os,
    transaction: release.transaction,
    signed: yesNo(release.verified),
    fleets: release.fleets.join(', ') || undefined,
    'up to date': `${release.upToDate} of ${release.wantedBy} boards`,
    payload: release.payloadHash,
  },
});
