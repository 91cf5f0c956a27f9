// Failures that a test scripts for the next requests of an operation.

import type { Json } from '../json.ts';
import type { OperationId } from '../openapi/operations.ts';

/**
 * `status`: that answer, in the shape that GitHub gives it. `answer`: that very answer, valid or not. `drop`: the connection ends
 * in the middle of the answer. `slow`: the answer comes late. The two limits: as if they were spent.
 * With `carriedOut` the request is carried out all the same, and only the answer is lost.
 */
export type Failure =
  | { readonly kind: 'status'; readonly status: number; readonly message?: string; readonly carriedOut?: boolean }
  | { readonly kind: 'answer'; readonly status: number; readonly body: Json }
  | { readonly kind: 'drop'; readonly carriedOut?: boolean }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'primary-limit'; readonly resetInS: number }
  | { readonly kind: 'secondary-limit'; readonly retryAfterS?: number };

/** An operation, or any. */
export type FailureTarget = OperationId | '*';

export class Failures {
  readonly #scripted: { readonly target: FailureTarget; readonly failure: Failure; left: number }[] = [];

  script(target: FailureTarget, failure: Failure, times: number): void {
    this.#scripted.push({ target, failure, left: times });
  }

  /** In the order in which they were scripted. */
  take(id: OperationId): Failure | undefined {
    const found = this.#scripted.find(({ target, left }) => left > 0 && (target === '*' || target === id));
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.failure;
  }

  /** What was scripted and never met; one without an end need not be. */
  unmet(): readonly string[] {
    return this.#scripted
      .filter(({ left }) => left > 0 && left !== Number.POSITIVE_INFINITY)
      .map(({ target, failure, left }) => `${target}: ${failure.kind}, ${left} times`);
  }
}

/** A test that scripts a failure means it to be met. */
export class NotMet extends Error {
  constructor(unmet: readonly string[]) {
    super(`failures that nobody ran into: ${unmet.join('; ')}`);
  }
}
