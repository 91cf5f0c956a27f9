// Plays one scenario on a board of its own, and says what came of it.

import { Stage } from './host/stage.ts';
import type { Workbench } from './host/workbench.ts';
import { BoardFailure } from './machine/board-failure.ts';
import type { Scenario } from './scenarios/scenario.ts';

export interface Played {
  readonly scenario: Scenario;
  readonly holds: boolean;
  /** Firmware starts. */
  readonly starts: number;
  readonly seconds: number;
  /** Where it does not hold: what was awaited, and the log that explains it. */
  readonly why: readonly string[];
}

export async function play(workbench: Workbench, scenario: Scenario, watch: (line: string) => void): Promise<Played> {
  const startedMs = Date.now();
  const stage = await Stage.open(workbench, scenario.name, watch);
  const ended = (why: readonly string[] | undefined): Played => ({
    scenario,
    holds: why === undefined,
    starts: stage.board.firmwareStarts,
    seconds: Math.round((Date.now() - startedMs) / 1000),
    why: why ?? [],
  });
  try {
    await scenario.play(stage);
    stage.board.log.requireSound();
    return ended(undefined);
  } catch (error) {
    return ended(explain(error));
  } finally {
    await stage.close();
  }
}

const explain = (error: unknown): readonly string[] => {
  if (error instanceof BoardFailure) return [error.message, ...error.log];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
};
