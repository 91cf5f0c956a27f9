// The story of a fleet on this machine, from its first release to its rest.

import type { BoardEvent } from '@seatrial/virtual-board';
import type { Cli } from '../cli.ts';
import type { ExitCode } from '../exit-code.ts';
import { type Format, printJson } from '../output/format.ts';
import { boardLine } from './board-line.ts';
import type { EvidenceRow } from './evidence.ts';
import { type Lab, newSeed, openLab, REF, seeded } from './lab.ts';
import { type Narrator, narrate } from './narrator.ts';
import type { PowerCut } from './power-cuts.ts';
import { lookAtAll, playScenario, type Scenario, type ScenarioResult, type Stage, type Story } from './scenario.ts';
import { gitRevert } from './scenarios/git-revert.ts';
import { goodRelease } from './scenarios/good-release.ts';
import { refusedCapsule } from './scenarios/refused-capsule.ts';
import { unhealthySystem } from './scenarios/unhealthy-system.ts';

export interface DemoOptions {
  readonly cli: Cli;
  readonly output: Format;
  /** End by itself when the story has been told, instead of staying for a look around. */
  readonly exit: boolean;
  /** Chooses where the power fails; a random one is told. */
  readonly seed?: number | undefined;
}

export interface DemoSummary {
  readonly seed: number;
  readonly holds: boolean;
  readonly seconds: number;
  readonly scenarios: readonly ScenarioResult[];
  readonly powerCuts: readonly Pick<PowerCut, 'device' | 'during'>[];
  readonly boards: readonly EvidenceRow[];
}

/** 0 when every scenario ended as it must, 1 otherwise. */
export async function runDemo({ cli, output, exit, seed = newSeed() }: DemoOptions): Promise<ExitCode> {
  const startedAtMs = Date.now();
  // A script reads JSON from standard output; the story then goes to standard error.
  const voice = output === 'json' ? cli.err : cli.out;
  const narrator = narrate(line => voice.write(`${line}\n`), voice);
  narrator.say(`Seed ${seed}: it chooses where the power fails.`);
  const lab = await openLab({ tell: what => narrator.say(`… ${what}`) });
  try {
    const told = await tell(lab, { cli, narrator, random: seeded(seed) });
    const seconds = Math.round((Date.now() - startedAtMs) / 1000);
    const summary = { seed, seconds, holds: told.scenarios.every(({ holds }) => holds), ...told };
    conclude(summary, narrator);
    if (output === 'json') printJson(cli, summary);
    if (!exit && output !== 'json') await lookAround(lab, cli, narrator);
    return summary.holds ? 0 : 1;
  } finally {
    await lab.close();
  }
}

const ACTS: readonly Scenario[] = [goodRelease, unhealthySystem, refusedCapsule, gitRevert];

interface Telling {
  readonly cli: Cli;
  readonly narrator: Narrator;
  readonly random: () => number;
}

async function tell(
  lab: Lab,
  { cli, narrator, random }: Telling,
): Promise<Pick<DemoSummary, 'scenarios' | 'powerCuts' | 'boards'>> {
  const { repository, workshop, boards, controller } = lab;
  const story: Story = { good: lab.factory, bad: [], cuts: [] };
  const stage: Stage = {
    repository,
    workshop,
    boards,
    narrator,
    random,
    story,
    fleet: controller.fleet,
    ref: REF,
    stop: cli.stop,
  };
  const followed = boards.map(board => board.onEvent(event => tellBoard(narrator, board.id, event)));
  const scenarios: ScenarioResult[] = [];
  for (const act of ACTS) {
    if (cli.stop.aborted) break;
    scenarios.push(await playScenario(act, stage));
  }
  for (const stop of followed) stop();
  const powerCuts = story.cuts.map(({ device, during }) => ({ device, during }));
  return { scenarios, powerCuts, boards: await lookAtAll(boards) };
}

function tellBoard(narrator: Narrator, id: string, event: BoardEvent): void {
  const line = boardLine(event);
  if (line !== undefined) narrator.board(id, line);
}

function conclude({ scenarios, seconds, holds }: DemoSummary, narrator: Narrator): void {
  narrator.say('');
  for (const { name, holds: held, seconds: taken, checks } of scenarios) {
    const failed = checks.filter(check => !check.holds).length;
    narrator.check(`${name}: ${checks.length - failed} of ${checks.length} checks hold, ${taken} s`, { holds: held });
  }
  narrator.say(
    holds ? `Everything went as it must, in ${seconds} s.` : `Something went otherwise; see above (${seconds} s).`,
  );
}

/** The fleet stays for a look around until the user ends it. */
async function lookAround({ controller, repository }: Lab, { stop }: Cli, narrator: Narrator): Promise<void> {
  if (stop.aborted) return;
  narrator.say('');
  narrator.say('The fleet keeps running. In another terminal:');
  narrator.command(`export SEATRIAL_SERVER=${controller.url}`);
  narrator.command('node_modules/.bin/seatrial get devices');
  narrator.command('node_modules/.bin/seatrial describe rollout lab');
  narrator.command(`git -C ${repository.directory} log --oneline seatrial/audit`);
  narrator.say('Ctrl-C ends it.');
  await new Promise<void>(resolve => stop.addEventListener('abort', () => resolve(), { once: true }));
}
