// Reads the repository and the boards, rehearses, prints and draws.

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { journalOf, type Snapshot } from '@seatrial/controller/review';
import {
  FAILURES,
  type FailureKind,
  missingHalf,
  type Network,
  type Rehearsal,
  type RehearsalWish,
  rehearse,
  type SeenBoard,
  USUAL_RATE,
} from '@seatrial/simulator';
import { type DesiredState, type DeviceId, millis, NETWORK_CLASSES, parseName } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import type { SimulateOptions } from '../commands/simulate.ts';
import { CliError } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { printJson } from '../output/format.ts';
import { startProgress } from '../output/progress.ts';
import { readDesired, readSnapshot } from '../plan/read-input.ts';
import { assumptionsOf } from './assumptions.ts';
import { chooseBoards } from './choose-boards.ts';
import { readCount, readFailures, readFaults, readMoment, readNetwork, readSize } from './read-options.ts';
import { rehearsalJson } from './rehearsal-json.ts';
import { renderMarkdown } from './render-markdown.ts';
import { renderRehearsal } from './render-rehearsal.ts';
import { timelineSvg } from './timeline-svg.ts';

const DAY = 86_400_000;
/** A Monday, so that a rehearsal without a snapshot is the same today and tomorrow. */
const SOME_MONDAY = Date.UTC(2026, 0, 5, 9);

export async function runSimulate(cli: Cli, directory: string, options: SimulateOptions): Promise<ExitCode> {
  const snapshot = options.observed === undefined ? undefined : readSnapshot(cli, options.observed);
  const boards =
    options.boards === undefined ? undefined : readCount('boards', options.boards, { least: 1, most: MOST_BOARDS });
  if (boards !== undefined && snapshot !== undefined)
    throw new CliError('usage', '--boards makes boards up and --observed knows them: give one');
  const repository = await readDesired(cli, directory);
  const desired = chooseBoards(repository, { fleets: options.fleet, boards });
  const wish = wishOf(desired, snapshot, options);
  const rehearsal = await withProgress(cli, wish);
  const told = { rehearsal, assumptions: assumptionsOf(wish, { madeUp: boards !== undefined }) };
  if (options.timeline !== undefined) draw(cli, options.timeline, timelineSvg(rehearsal));
  if (options.output === 'json') printJson(cli, rehearsalJson(told));
  else if (options.output === 'markdown') cli.out.write(renderMarkdown(told));
  else cli.out.write(renderRehearsal(cli.out, told));
  return rehearsal.completes ? 0 : 1;
}

const MOST_BOARDS = 100_000;
const MOST_DAYS = 3_650;

function wishOf(desired: DesiredState, snapshot: Snapshot | undefined, options: SimulateOptions): RehearsalWish {
  const seen = snapshot && seenBoards(desired, snapshot);
  const from = options.from === undefined ? undefined : releaseNamed(desired, options.from);
  return {
    desired,
    ...(seen && { seen }),
    ...(from !== undefined && { from }),
    seed: readCount('seed', options.seed, { least: 0, most: 2 ** 31 }),
    mergedAtMs: millis(options.at === undefined ? mergeMoment(seen) : readMoment('at', options.at)),
    longestMs: DAY * readCount('days', options.days, { least: 1, most: MOST_DAYS }),
    failures: failuresOf(desired, options.releaseFailure),
    faults: readFaults(options.faults),
    network: options.network === undefined ? usualNetwork(desired) : readNetwork(options.network),
    commitBytes: readSize('os-bytes', options.osBytes),
    gates: options.gates,
    approvals: options.approvals,
  };
}

/** Fails with `rehearsal-empty` when the snapshot has none of the boards. */
function seenBoards({ targets }: DesiredState, { devices }: Snapshot): ReadonlyMap<DeviceId, SeenBoard> {
  const wanted = new Set(targets.map(({ device }) => device));
  const seen = devices.filter(({ device }) => wanted.has(device));
  if (seen.length === 0) throw new CliError('rehearsal-empty', 'the snapshot has no board of these fleets');
  return new Map(seen.map(board => [board.device, { observed: board.observed, journal: journalOf(board) }]));
}

/** When the boards were seen: the middle of their clocks, of which some may be far off. */
function mergeMoment(seen: ReadonlyMap<DeviceId, SeenBoard> | undefined): number {
  const moments = [...(seen?.values() ?? [])].map(({ observed }) => observed.clock.nowMs).sort((a, b) => a - b);
  return moments[Math.floor(moments.length / 2)] ?? SOME_MONDAY;
}

function releaseNamed({ releases }: DesiredState, text: string) {
  const name = parseName(text);
  if (name !== undefined && releases.some(release => release.name === name)) return name;
  throw new CliError('name-unknown', `git has no release ${text}`);
}

/** A number alone is health checks that fail, or a refused capsule where there is no OS to check. */
function failuresOf({ targets }: DesiredState, text: string): RehearsalWish['failures'] {
  const hasOs = targets.some(({ payload }) => payload.os !== undefined);
  const failures = readFailures(text, hasOs ? 'unhealthy' : 'refused');
  const kinds = Object.keys(failures) as readonly FailureKind[]; // as they were read
  const wrong = kinds.find(kind => targets.every(({ payload }) => missingHalf(kind, payload) !== undefined));
  refuseTheHopeless(targets, failures);
  if (wrong === undefined) return failures;
  const half = FAILURES[wrong].half === 'os' ? 'OS' : 'firmware';
  throw new CliError('usage', `--release-failure ${wrong}: no release has ${half}`);
}

/** What the Board has accepted in writing needs no rehearsal. */
function refuseTheHopeless(targets: DesiredState['targets'], { dead = 0 }: RehearsalWish['failures']): void {
  const board = targets.find(target => target.board.trial === 'unavailable')?.board.name;
  if (dead > 0 && board !== undefined)
    throw new CliError(
      'usage',
      `--release-failure dead: boards of type ${board} have no firmware trial and no way back`,
    );
}

/** The first class on which every fleet may both download and install. */
function usualNetwork({ fleets }: DesiredState): Network {
  const allowed = fleets.flatMap(({ policy: { gates, download } }) => [gates.network, download.networks]);
  const fitting = NETWORK_CLASSES.find(one => allowed.every(some => some === 'any' || some.includes(one)));
  const kind = fitting ?? 'ethernet';
  return { class: kind, bytesPerSecond: USUAL_RATE[kind] };
}

const STEPS = 1_000;

async function withProgress(cli: Cli, wish: RehearsalWish): Promise<Rehearsal> {
  const progress = startProgress(cli, 'rehearsing', STEPS, { withoutTimers: true });
  let shown = 0;
  const onProgress = (share: number): void => {
    const steps = Math.max(0, Math.floor(share * STEPS) - shown);
    shown += steps;
    progress.advance(steps);
  };
  try {
    return await rehearse({ ...wish, onProgress, stop: cli.stop });
  } finally {
    progress.end();
  }
}

function draw({ cwd }: Cli, file: string, svg: string): void {
  try {
    writeFileSync(resolve(cwd, file), svg);
  } catch (cause) {
    throw new CliError('output-failed', `${file} could not be written`, { cause });
  }
}
