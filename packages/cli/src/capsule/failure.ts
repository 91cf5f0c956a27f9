// Carries a capsule error to the one place that reports failures, with its own code and remedy.

import { CAPSULE_ERRORS, type CapsuleError, type CapsuleErrorCode } from '@seatrial/capsule-plan/capsule';
import type { Result } from '@seatrial/spec';

/** Ends the command with exit code 2. */
export class CapsuleFailure extends Error {
  override readonly name = 'CapsuleFailure';
  readonly code: CapsuleErrorCode;
  readonly remedy: string;

  constructor(code: CapsuleErrorCode, detail: string, options: { readonly cause?: unknown } = {}) {
    super(`${CAPSULE_ERRORS[code].cause} ${detail}`.trim(), options);
    this.code = code;
    this.remedy = CAPSULE_ERRORS[code].remedy;
  }
}

/** The value, or the failure of the command. `where` names the file that the error is about. */
export function take<T>(result: Result<T, CapsuleError>, where?: string): T {
  if (result.ok) return result.value;
  const { code, detail, line, column } = result.error;
  const place = [where, line, column].filter(part => part !== undefined).join(':');
  throw new CapsuleFailure(code, place === '' ? `(${detail})` : `(${place}: ${detail})`);
}
