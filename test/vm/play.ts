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
  let stage: Stage | undefined;
  let why: readonly string[] = [];
  try {
    stage = await Stage.open(workbench, scenario.name, watch);
    await scenario.play(stage);
    stage.board.log.requireSound();
  } catch (error) {
    why = explain(error);
  }
  const starts = stage?.board.firmwareStarts ?? 0;
  await stage?.close();
  const seconds = Math.round((Date.now() - startedMs) / 1000);
  return { scenario, holds: why.length === 0, starts, seconds, why };
}

const explain = (error: unknown): readonly string[] => {
  if (error instanceof BoardFailure) return [error.message, ...error.log];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
};
