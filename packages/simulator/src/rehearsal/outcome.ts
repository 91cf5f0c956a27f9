// What came of a rehearsal, fleet by fleet, as plain data: moments in milliseconds since 1970, lengths in milliseconds.

import { windowState } from '@seatrial/capsule-plan';
import { failuresAllowed, type Tally } from '@seatrial/controller/parts';
import {
  type DeviceId,
  type DeviceTarget,
  formatFirmwareVersion,
  type Millis,
  type Name,
  type ResolvedFleet,
} from '@seatrial/spec';
import type { SimBoard } from '../board.ts';
import type { Violation } from '../promises.ts';
import type { Scene } from '../scene.ts';
import { need } from '../world.ts';
import type { FleetLog, Logbook, Peak, StageLog } from './logbook.ts';
import { thinned } from './thinned.ts';
import type { Sample, Timeline } from './timeline.ts';
import type { RehearsalWish } from './wish.ts';

export interface Rehearsal {
  readonly seed: number;
  readonly mergedAtMs: number;
  /** When the last thing happened. */
  readonly endedAtMs: number;
  /** Every rollout completes and every board arrives. */
  readonly completes: boolean;
  /** Ended before it came to rest: `longestMs` was over, or somebody stopped it. */
  readonly cutShort: boolean;
  readonly fleets: readonly FleetRehearsal[];
  /** A promise that the product has broken, which is a defect. */
  readonly violation?: Violation;
  readonly events: number;
}

/**
 * `completed`: through all stages. `paused`: by the failures. `waiting`: for something that only people or boards bring.
 * `unfinished`: still under way when the rehearsal ended.
 */
export type FleetEnd = 'completed' | 'paused' | 'waiting' | 'unfinished';

export interface FleetRehearsal {
  readonly fleet: Name;
  readonly release: Name;
  readonly end: FleetEnd;
  /** In the words of the controller. */
  readonly message: string;
  /** Boards that follow the fleet's release; pinned boards are apart. */
  readonly cohort: number;
  readonly pinned: number;
  readonly failuresAllowed: number;
  /** When the last thing happened in this fleet. */
  readonly endedAtMs: number;
  readonly completedAtMs?: number;
  readonly pause?: NonNullable<FleetLog['pause']> & { readonly untouched: number };
  readonly revertWanted: boolean;
  readonly stages: readonly StageRehearsal[];
  readonly windows: readonly { readonly fromMs: number; readonly untilMs: number }[];
  /** Told to move, and neither arrived nor failed, at once. */
  readonly mostInMotion: Peak;
  /** In the midst of the update at once. */
  readonly mostUpdating: Peak;
  readonly moved: number;
  readonly failed: number;
  /** Boards that gave up the new OS, and those that gave up the new firmware, whoever chose it. */
  readonly osWentBack: number;
  readonly firmwareWentBack: number;
  /** How many boards each reason has held, the most first. */
  readonly heldBy: readonly { readonly reason: string; readonly boards: number }[];
  readonly failedBy: readonly { readonly reason: string; readonly boards: number }[];
  readonly capsuleBytes: number;
  readonly commitsPulled: number;
  /** As assumed for each commit. */
  readonly commitBytes: number;
  /** Asked for by agents. */
  readonly reboots: number;
  /** Starts of the firmware, those after power cuts and fallbacks included. */
  readonly starts: number;
  readonly standings: Tally;
  readonly leftBehind: readonly LeftBehind[];
  readonly timeline: readonly Sample[];
}

export interface StageRehearsal extends Omit<StageLog, 'soak' | 'endedAtMs'> {
  readonly soakMs: number;
  readonly soakedFromMs?: number;
  readonly soakedUntilMs?: number;
  readonly endedAtMs?: number;
}

export interface LeftBehind {
  readonly device: DeviceId;
  readonly standing: string;
  /** A reason of the board or of the controller. */
  readonly reason: string;
  readonly message: string;
  readonly firmware: string;
  readonly os: string;
}

export interface Lived {
  readonly wish: RehearsalWish;
  readonly scene: Scene;
  readonly logbook: Logbook;
  readonly timeline: Timeline;
}

export async function rehearsalOf(lived: Lived): Promise<Rehearsal> {
  const { wish, scene, logbook } = lived;
  const { desired, seed, mergedAtMs } = wish;
  const fleets: FleetRehearsal[] = [];
  for (const fleet of desired.fleets) fleets.push(await fleetRehearsal(lived, fleet));
  const [violation] = scene.promises.violations;
  return {
    seed,
    mergedAtMs,
    endedAtMs: Math.max(mergedAtMs, logbook.lastChangeMs),
    completes:
      violation === undefined && fleets.every(({ end, leftBehind }) => end === 'completed' && leftBehind.length === 0),
    cutShort: fleets.some(({ end }) => end === 'unfinished'),
    fleets,
    ...(violation && { violation: { ...violation, atMs: mergedAtMs + violation.atMs } }),
    events: scene.time.events,
  };
}

async function fleetRehearsal(lived: Lived, fleet: ResolvedFleet): Promise<FleetRehearsal> {
  const { wish, scene, logbook, timeline } = lived;
  const { name, release, rollout } = fleet;
  const log = need(logbook.fleets.get(name));
  const targets = wish.desired.targets.filter(target => target.fleet === name);
  const cohort = targets.filter(({ pinned }) => !pinned).length;
  const { office } = scene.controller;
  const view = office?.fleets().find(one => one.name === name);
  const endedAtMs = Math.max(wish.mergedAtMs, log.lastChangeMs);
  const standings = need(view?.standings ?? timeline.of(name).at(-1)?.standings, 'a look at the fleet');
  return {
    ...{ fleet: name, release, cohort, standings, pinned: targets.length - cohort },
    ...endOf(view?.rollout?.state),
    endedAtMs,
    failuresAllowed: failuresAllowed(rollout.failureBudget, cohort),
    ...(log.completedAtMs !== undefined && { completedAtMs: log.completedAtMs }),
    ...(log.pause && { pause: { ...log.pause, untouched: cohort - log.pause.moved } }),
    revertWanted: log.revertWanted,
    stages: log.stages.map(stage => stageRehearsal(stage, fleet)),
    windows: windowsBetween(fleet, wish, { fromMs: wish.mergedAtMs, untilMs: endedAtMs }),
    ...{ mostInMotion: log.mostInMotion, mostUpdating: log.mostUpdating },
    moved: log.moved.size,
    failed: log.failed.size,
    osWentBack: log.osWentBack.size,
    firmwareWentBack: log.firmwareWentBack.size,
    heldBy: byCount([...log.heldBy].map(([reason, boards]) => ({ reason, boards: boards.size }))),
    failedBy: byCount(countBy([...log.failed.values()].map(({ reason }) => reason))),
    ...{ capsuleBytes: log.capsuleBytes, commitsPulled: log.commitsPulled, commitBytes: wish.commitBytes },
    ...{ reboots: log.reboots, starts: log.starts },
    leftBehind: await leftBehind(lived, targets),
    timeline: thinned(withEnd(timeline.of(name), endedAtMs), {
      fromMs: wish.mergedAtMs,
      untilMs: endedAtMs,
      columns: COLUMNS,
    }),
  };
}

type RolloutState = NonNullable<ReturnType<NonNullable<Scene['controller']['office']>['rollouts']>[number]>['state'];

function endOf(state: RolloutState | undefined): { readonly end: FleetEnd; readonly message: string } {
  if (state === undefined) return { end: 'unfinished', message: 'the controller is not there' };
  const { kind, message } = state;
  return { end: ENDS[kind], message };
}

const ENDS = {
  advancing: 'unfinished',
  soaking: 'unfinished',
  waiting: 'waiting',
  paused: 'paused',
  done: 'completed',
} as const satisfies Record<RolloutState['kind'], FleetEnd>;

function stageRehearsal({ soak, endedAtMs, ...stage }: StageLog, { rollout }: ResolvedFleet): StageRehearsal {
  return {
    ...stage,
    soakMs: rollout.stages[stage.stage - 1]?.soakMs ?? 0,
    ...(soak && { soakedFromMs: soak.fromMs, soakedUntilMs: soak.untilMs }),
    ...(endedAtMs !== undefined && { endedAtMs }),
  };
}

const MOST_WINDOWS = 400;

/** In the zone of the fleet's first board, where the windows are in the boards' own. */
function windowsBetween(
  { policy: { windows }, members }: ResolvedFleet,
  { seen }: RehearsalWish,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): FleetRehearsal['windows'] {
  if (windows.length === 0) return [];
  const timeZone = members.flatMap(id => seen?.get(id)?.observed.clock.timeZone ?? [])[0] ?? 'UTC';
  const spans: { fromMs: number; untilMs: number }[] = [];
  let atMs = fromMs;
  while (atMs < untilMs && spans.length < MOST_WINDOWS) {
    const state = windowState(windows, { nowMs: atMs as Millis, timeZone }); // a moment
    const nextMs = state.kind === 'open' ? state.untilMs : state.kind === 'closed' ? state.opensAtMs : undefined;
    if (state.kind === 'open') spans.push({ fromMs: atMs, untilMs: Math.min(nextMs ?? untilMs, untilMs) });
    if (nextMs === undefined) break;
    atMs = nextMs;
  }
  return spans;
}

async function leftBehind({ scene }: Lived, targets: readonly DeviceTarget[]): Promise<readonly LeftBehind[]> {
  const { office } = scene.controller;
  const members = new Set<string>(targets.map(({ device }) => device));
  const boards = new Map<string, SimBoard>(scene.boards.map(board => [board.device, board]));
  const devices = office?.devices({ limit: Number.MAX_SAFE_INTEGER }).devices ?? [];
  const left: LeftBehind[] = [];
  for (const { device, standing } of devices) {
    const board = boards.get(device);
    if (standing === 'upToDate' || board === undefined || !members.has(device)) continue;
    left.push({ ...runs(board), standing, ...(await reasonOf(scene, board, standing)) });
  }
  return left;
}

const runs = ({ device, hardware }: SimBoard) => ({
  device,
  firmware: formatFirmwareVersion(hardware.flash.running),
  os: hardware.runningOs,
});

/** A board whose turn never came has nothing to say for itself. */
async function reasonOf({ controller }: Scene, { device }: SimBoard, standing: string) {
  if (standing === 'queued') return { reason: 'queued', message: 'its turn did not come' };
  const why = await controller.office?.why(device);
  const [hold] = why?.holds ?? [];
  return { reason: hold?.reason ?? standing, message: hold?.message ?? why?.summary ?? standing };
}

/** More moments than this can not be told apart on a page. */
const COLUMNS = 1_000;

const withEnd = (samples: readonly Sample[], endedAtMs: number): readonly Sample[] => {
  const last = samples.at(-1);
  return last === undefined || last.atMs >= endedAtMs ? samples : [...samples, { ...last, atMs: endedAtMs }];
};

function countBy(reasons: readonly string[]): readonly { readonly reason: string; readonly boards: number }[] {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, boards]) => ({ reason, boards }));
}

const byCount = (counts: FleetRehearsal['heldBy']): FleetRehearsal['heldBy'] =>
  counts.toSorted((a, b) => b.boards - a.boards || (a.reason < b.reason ? -1 : 1));
