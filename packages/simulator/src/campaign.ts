// The field campaign of the guide in virtual time: boards on a cellular link, stages of 1, 10, 50 and 100 %, seven days,
// networks that go away, power that fails, and one board that never comes back.

import { Chance } from './chance.ts';
import type { Scenario, Timed } from './scenario.ts';
import { Simulation } from './simulation.ts';
import { need, RELEASES } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAYS_MS = 7 * 24 * HOUR;
const PUSH_MS = 2 * HOUR;

export interface Campaign {
  readonly boards: number;
  readonly seed: number;
}

export interface CampaignResult {
  readonly boards: number;
  readonly converged: number;
  /** Boards that have no OS that starts. */
  readonly bricks: number;
  /** Dead hardware, by the name under which the controller shows it. */
  readonly dead: string;
  /** Every board that the controller does not count as up to date, with how it stands. */
  readonly named: readonly string[];
  readonly rollout: string;
  /** From the commit to the last board that lived. */
  readonly virtualHours: number;
  readonly cuts: number;
  readonly interruptions: number;
  readonly events: number;
  readonly messages: number;
  readonly seconds: number;
  readonly violation: string | undefined;
}

function scenarioOfCampaign({ boards, seed }: Campaign, dead: number): Scenario {
  const chance = new Chance(seed);
  const ids = Array.from({ length: boards }, (_, index) => `hub-${String(index + 1).padStart(6, '0')}`);
  const troubles: Timed[] = ids.flatMap((_id, board) => {
    const atMs = (): number => chance.between(PUSH_MS, PUSH_MS + 4 * 24 * HOUR);
    return [
      ...(chance.happens(0.3)
        ? [{ atMs: atMs(), what: { kind: 'cut-off', board, forMs: chance.between(MINUTE, 3 * HOUR) } } as const]
        : []),
      ...(chance.happens(0.3)
        ? [{ atMs: atMs(), what: { kind: 'offline', board, forMs: chance.between(MINUTE, 3 * HOUR) } } as const]
        : []),
      ...(chance.happens(0.1) && board !== dead
        ? [{ atMs: PUSH_MS, what: { kind: 'power-cut-at-effect', board, nth: chance.between(1, 45) } } as const]
        : []),
    ];
  });
  return {
    seed,
    fleet: {
      release: 'r-1',
      boards: ids,
      stages: ['{ limit: 1%, soak: 12h }', '{ limit: 10%, soak: 24h }', '{ limit: 50%, soak: 24h }', '{ limit: 100% }'],
      successThreshold: 95,
      failureBudget: '1%',
      deviceTimeout: '12h',
      suspend: false,
      parked: false,
      windowHours: 0,
      bootTries: 3,
      isRemoved: false,
    },
    natures: ids.map(() => ({ os: [], firmware: [] })),
    happenings: [{ atMs: PUSH_MS, what: { kind: 'push', release: 'r-2' } as const }, ...troubles].sort(
      (a, b) => a.atMs - b.atMs,
    ),
  };
}

/** Throws nothing: what is not as it should be stands in the result. */
export async function runCampaign(campaign: Campaign): Promise<CampaignResult> {
  const beganMs = performance.now();
  const dead = new Chance(campaign.seed + 5).between(0, campaign.boards - 1);
  const scenario = scenarioOfCampaign(campaign, dead);
  const simulation = new Simulation(scenario, {}, { heartbeat: '24h' });
  const giveBack = simulation.time.install(new Chance(campaign.seed + 77));
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  let doneMs = 0;
  try {
    simulation.start();
    // An hour before the commit its hardware gives up.
    await simulation.runUntil(PUSH_MS - HOUR);
    const one = simulation.board(dead);
    one.isDead = true;
    one.cutPower(0);
    for (const { atMs, what } of scenario.happenings) {
      await simulation.runUntil(atMs);
      simulation.happen(what);
    }
    for (let atMs = PUSH_MS + HOUR; atMs <= DAYS_MS; atMs += HOUR) {
      if (simulation.time.elapsedMs() >= atMs) continue;
      await simulation.runUntil(atMs);
      const isDone = doneMs === 0 && simulation.boards.every(board => board.isDead || hasArrived(board));
      if (isDone) doneMs = simulation.time.elapsedMs();
    }
    const devices = need(simulation.controller.office, 'a controller').devices({ limit: campaign.boards + 1 }).devices;
    return {
      boards: campaign.boards,
      converged: simulation.boards.filter(hasArrived).length,
      bricks: simulation.boards.filter(board => board.device !== one.device && board.isDead).length,
      dead: one.device,
      named: devices
        .filter(({ standing }) => standing !== 'upToDate')
        .map(({ device, standing }) => `${device} ${standing}`),
      rollout: need(simulation.controller.office)
        .rollouts()
        .map(({ id, state }) => `${id} ${state.kind}: ${state.message}`)
        .join('; '),
      virtualHours: (doneMs - PUSH_MS) / HOUR,
      cuts: scenario.happenings.filter(({ what }) => what.kind.startsWith('power-cut')).length,
      interruptions: scenario.happenings.filter(({ what }) => what.kind === 'cut-off' || what.kind === 'offline')
        .length,
      events: simulation.time.events,
      messages: simulation.broker.messages,
      seconds: (performance.now() - beganMs) / 1000,
      violation: simulation.promises.violations[0]?.message,
    };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    giveBack();
  }
}

const hasArrived = ({ hardware }: Simulation['boards'][number]): boolean =>
  hardware.runningOs === RELEASES['r-2'].os &&
  hardware.flash.running === RELEASES['r-2'].firmware &&
  hardware.bootedEntry?.triesLeft === undefined &&
  !hardware.isOnTrial;
