// Fleets, devices, rollouts and releases as tables: what an engineer looks for first, and more with -o wide.

import type { DeviceSummary, FleetView, ReleaseView, RolloutView } from '@seatrial/controller';
import type { Tone } from '../output/paint.ts';
import type { Column } from '../output/table.ts';

type Tally = FleetView['standings'];
type Standing = DeviceSummary['standing'];

export interface Columns<T> {
  readonly usual: readonly Column<T>[];
  /** Further columns of -o wide, before the last usual one. */
  readonly wide: readonly Column<T>[];
}

/** The usual columns, or all of them with the sentence for people still last. */
export const columnsFor = <T>({ usual, wide }: Columns<T>, isWide: boolean): readonly Column<T>[] =>
  isWide ? [...usual.slice(0, -1), ...wide, ...usual.slice(-1)] : usual;

export const STANDING_TONES = {
  unassigned: 'quiet',
  queued: 'quiet',
  pending: 'active',
  updating: 'active',
  gated: 'warning',
  blocked: 'bad',
  failed: 'bad',
  overdue: 'bad',
  unreachable: 'warning',
  upToDate: 'good',
} as const satisfies Record<Standing, Tone>;

const ROLLOUT_TONES = {
  advancing: 'active',
  soaking: 'active',
  waiting: 'warning',
  paused: 'bad',
  done: 'good',
} as const satisfies Record<RolloutView['state']['kind'], Tone>;

const of = (part: number, whole: number): string => `${part}/${whole}`;
const total = (tally: Tally): number => Object.values(tally).reduce((sum, count) => sum + count, 0);
const inTrouble = ({ failed, blocked, overdue, unreachable }: Tally): number =>
  failed + blocked + overdue + unreachable;
const inMotion = ({ pending, updating }: Tally): number => pending + updating;
/** Ten digits tell commits apart for people. */
export const shortCommit = (commit: string): string => commit.slice(0, 10);

export const FLEET_COLUMNS: Columns<FleetView> = {
  usual: [
    { title: 'FLEET', value: ({ name }) => name },
    { title: 'RELEASE', value: ({ release }) => release },
    {
      title: 'UP TO DATE',
      value: ({ standings, boards }) => of(standings.upToDate, boards),
      tone: ({ standings, boards }) => (standings.upToDate === boards ? 'good' : undefined),
    },
    { title: 'IN MOTION', value: ({ standings }) => String(inMotion(standings)) },
    {
      title: 'IN TROUBLE',
      value: ({ standings }) => String(inTrouble(standings)),
      tone: ({ standings }) => (inTrouble(standings) > 0 ? 'bad' : undefined),
    },
    {
      title: 'ROLLOUT',
      value: ({ suspended, rollout }) => (suspended ? 'suspended' : rollout?.state.kind),
      tone: ({ suspended, rollout }) => (suspended ? 'warning' : rollout && ROLLOUT_TONES[rollout.state.kind]),
    },
    { title: 'WHAT HAPPENS', value: ({ rollout }) => rollout?.state.message },
  ],
  wide: [
    { title: 'BOARD', value: ({ board }) => board },
    { title: 'COMMIT', value: ({ gitCommit }) => shortCommit(gitCommit) },
    { title: 'GATED', value: ({ standings }) => String(standings.gated) },
    { title: 'FAILED', value: ({ standings }) => String(standings.failed) },
    { title: 'UNREACHABLE', value: ({ standings }) => String(standings.unreachable) },
    { title: 'PINNED', value: ({ pinned }) => String(total(pinned)) },
  ],
};

export const DEVICE_COLUMNS: Columns<DeviceSummary> = {
  usual: [
    { title: 'DEVICE', value: ({ device }) => device },
    { title: 'FLEET', value: ({ fleet }) => fleet },
    { title: 'RELEASE', value: ({ release, pinned }) => (pinned ? `${release} (pinned)` : release) },
    { title: 'STANDING', value: ({ standing }) => standing, tone: ({ standing }) => STANDING_TONES[standing] },
    {
      title: 'CONNECTED',
      value: ({ connected }) => (connected ? 'yes' : 'no'),
      tone: ({ connected }) => (connected ? undefined : 'warning'),
    },
    { title: 'WHAT HAPPENS', value: ({ verdict }) => verdict?.message },
  ],
  wide: [
    { title: 'BOARD', value: ({ board }) => board },
    { title: 'PLAN', value: ({ generation }) => (generation === 0 ? undefined : String(generation)) },
    { title: 'REASON', value: ({ verdict }) => verdict?.reason },
  ],
};

export const ROLLOUT_COLUMNS: Columns<RolloutView> = {
  usual: [
    { title: 'ROLLOUT', value: ({ id }) => id },
    { title: 'RELEASE', value: ({ release }) => release },
    { title: 'STAGE', value: ({ stage, stages }) => of(stage, stages) },
    { title: 'LET IN', value: ({ letIn, cohort }) => of(letIn, cohort) },
    { title: 'DONE', value: ({ moved }) => of(moved.upToDate, total(moved)) },
    {
      title: 'FAILED',
      value: ({ moved }) => String(moved.failed),
      tone: ({ moved }) => (moved.failed > 0 ? 'bad' : undefined),
    },
    { title: 'STATE', value: ({ state }) => state.kind, tone: ({ state }) => ROLLOUT_TONES[state.kind] },
    { title: 'WHAT HAPPENS', value: ({ state }) => state.message },
  ],
  wide: [
    { title: 'FLEET', value: ({ fleet }) => fleet },
    { title: 'COMMIT', value: ({ gitCommit }) => shortCommit(gitCommit) },
    { title: 'ATTEMPT', value: ({ attempt }) => String(attempt) },
  ],
};

export const RELEASE_COLUMNS: Columns<ReleaseView> = {
  usual: [
    { title: 'RELEASE', value: ({ name }) => name },
    { title: 'BOARD', value: ({ board }) => board },
    { title: 'FIRMWARE', value: ({ firmware }) => firmware },
    { title: 'OS', value: ({ os }) => os && shortCommit(os) },
    {
      title: 'SIGNED',
      value: ({ verified }) => (verified ? 'yes' : 'no'),
      tone: ({ verified }) => (verified ? undefined : 'warning'),
    },
    { title: 'UP TO DATE', value: ({ upToDate, wantedBy }) => of(upToDate, wantedBy) },
    { title: 'FLEETS', value: ({ fleets }) => (fleets.length === 0 ? undefined : fleets.join(', ')) },
  ],
  wide: [{ title: 'TRANSACTION', value: ({ transaction }) => transaction }],
};
