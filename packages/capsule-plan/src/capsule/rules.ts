// Acceptance rules as ordered tables: the first rule that does not hold gives the refusal.

import { type CapsuleError, type CapsuleErrorCode, capsuleError } from './errors.ts';

/** The code to answer with, whether the rule holds, and what to say when it does not. */
export type Rule<F> = readonly [code: CapsuleErrorCode, holds: (facts: F) => boolean, detail: (facts: F) => string];

/** The refusal of the first broken rule. Later rules may rely on the earlier ones. */
export function firstBroken<F>(rules: readonly Rule<F>[], facts: F, offset?: number): CapsuleError | undefined {
  const broken = rules.find(([, holds]) => !holds(facts));
  return broken === undefined ? undefined : capsuleError(broken[0], broken[2](facts), offset);
}
