// The pass that is under way, and the two ways to end it early.

import type { StepKind } from '@seatrial/capsule-plan';
import { isBackground } from '../domain/background.ts';
import type { PassNews } from '../domain/pass-result.ts';

export class RunningPass {
  readonly #controller = new AbortController();
  #step: StepKind | undefined;
  #superseded = false;
  /** Before that nothing is known that could be reported. */
  hasLooked = false;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  hear(news: PassNews): void {
    this.#step = news.kind === 'started' || news.kind === 'progress' ? news.step.kind : undefined;
    if (this.#superseded) this.supersede();
  }

  /** There is a newer plan: ends a step in the background, now or as soon as one begins. */
  supersede(): void {
    this.#superseded = true;
    if (this.#step !== undefined && isBackground(this.#step)) this.end();
  }

  end(): void {
    this.#controller.abort();
  }
}
