// What is wrong right now, by the part of the controller that met it.

import type { Clock } from '@seatrial/spec';
import type { StatusView } from '../domain/api.ts';
import { errorRow } from '../errors.ts';
import type { Problem } from './loop.ts';

export class Problems {
  readonly #clock: Clock;
  readonly #current = new Map<string, StatusView['problems'][number]>();
  readonly #onChange: (part: string, problem: Problem | undefined) => void;

  constructor(clock: Clock, onChange: (part: string, problem: Problem | undefined) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Undefined ends the part's problem. The same problem again changes nothing. */
  report(part: string, problem: Problem | undefined): void {
    const before = this.#current.get(part);
    if (before?.code === problem?.code && before?.element === problem?.element) return;
    if (problem === undefined) this.#current.delete(part);
    else this.#current.set(part, { part, ...problem, remedy: remedyOf(problem), sinceMs: this.#clock.now() });
    this.#onChange(part, problem);
  }

  get all(): StatusView['problems'] {
    return [...this.#current.values()];
  }
}

const remedyOf = ({ code }: Problem): string =>
  code === 'defect' ? 'Report this as a defect, with the log.' : errorRow(code).remedy;
