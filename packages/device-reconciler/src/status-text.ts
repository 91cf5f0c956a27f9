// The board's status and its explanation in words, for somebody who stands before the board.

import {
  type Deployment,
  deploymentRole,
  describeStep,
  isOnTrial,
  type Pair,
  runningPair,
  targetPair,
  trialCount,
  trialMaxCount,
} from '@seatrial/capsule-plan';
import { type Condition, formatFirmwareVersion } from '@seatrial/spec';
import type { BoardStatus, Explanation } from './app/status.ts';

/** One fact per line, in the order in which one asks. */
export function statusText(status: BoardStatus): string {
  const { observed, plan, journal } = status;
  return lines([
    ['device', status.device],
    ['phase', status.phase],
    ...status.conditions.filter(({ status: is }) => is === 'True').map(conditionLine),
    ['runs', pairText(runningPair(observed))],
    ['wants', plan === undefined ? 'nothing: no plan was accepted yet' : pairText(targetPair(plan))],
    ...(plan === undefined ? [] : [planLine(plan, status)]),
    ['firmware trial', trialText(observed)],
    ...observed.os.deployments.map((one): Line => ['deployment', deploymentText(one, observed.os.deployments)]),
    ...(observed.os.heldEntryId === undefined ? [] : [['loader held to', observed.os.heldEntryId] satisfies Line]),
    ...observed.esp.capsules.map(({ fileName }): Line => ['capsule', fileName]),
    ...journal.failures.map(({ failure }): Line => ['failed before', `${failure.reason}: ${failure.message}`]),
  ]);
}

/** What holds the board up, and what comes after it. */
export function explanationText({ status, window, closedGates, failure, next }: Explanation): string {
  const [summary] = status.conditions.filter(({ status: is }) => is === 'True');
  return lines([
    ['device', status.device],
    [
      'because',
      summary === undefined ? 'the board has not been given a plan' : `${summary.reason}: ${summary.message}`,
    ],
    ...(status.expired ? [['plan', 'is expired: nothing new is begun'] satisfies Line] : []),
    ...(failure === undefined ? [] : [['failure', `${failure.reason}: ${failure.message}`] satisfies Line]),
    ...(window?.kind === 'closed' ? [['window', windowText(window.opensAtMs)] satisfies Line] : []),
    ...closedGates.map(({ gate, message }): Line => [`gate ${gate}`, message]),
    ...next.map(({ step }, index): Line => [index === 0 ? 'next' : 'then', describeStep(step)]),
  ]);
}

type Line = readonly [name: string, value: string];

const lines = (all: readonly Line[]): string => all.map(([name, value]) => `${name.padEnd(16)}${value}\n`).join('');

const conditionLine = ({ type, reason, message }: Condition): Line => [type.toLowerCase(), `${reason}: ${message}`];

const planLine = ({ generation, release, fleet }: NonNullable<BoardStatus['plan']>, { expired }: BoardStatus): Line => [
  'plan',
  `generation ${generation}, release ${release} of fleet ${fleet}${expired ? ', expired' : ''}`,
];

const pairText = ({ firmware, os }: Pair): string =>
  [
    firmware === undefined ? undefined : `firmware ${formatFirmwareVersion(firmware)}`,
    os === undefined ? undefined : `OS ${os.slice(0, 10)}`,
  ]
    .filter(half => half !== undefined)
    .join(', ') || 'not known';

function trialText({ firmware: { trial } }: BoardStatus['observed']): string {
  if (trial === undefined) return 'this board has no trial variable';
  if (!isOnTrial(trial)) return 'none';
  return `boot ${trialCount(trial)} of ${trialMaxCount(trial)}`;
}

function deploymentText(deployment: Deployment, all: readonly Deployment[]): string {
  const { commit, serial, entry } = deployment;
  const tries = entry?.triesLeft === undefined ? '' : `, ${entry.triesLeft} tries left`;
  return `${commit.slice(0, 10)}.${serial} ${deploymentRole(deployment, all)}${tries}`;
}

const windowText = (opensAtMs: number | undefined): string =>
  opensAtMs === undefined ? 'none will open' : `opens at ${new Date(opensAtMs).toISOString()}`;
