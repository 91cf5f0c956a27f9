// The agent's expected failures as one error with a code; what each code means stands in the table.

import { AGENT_ERRORS, type ErrorRow } from './error-table.ts';

export { AGENT_ERRORS, type ErrorClass, type ErrorRow } from './error-table.ts';

/** The closed union of codes. */
export type AgentErrorCode = keyof typeof AGENT_ERRORS;

export const errorRow = (code: AgentErrorCode): ErrorRow => AGENT_ERRORS[code];

/** What an adapter throws: which rule was broken, and by which file, variable, unit or URL. */
export class PortError extends Error {
  override readonly name = 'PortError';
  readonly code: AgentErrorCode;
  /** The outside thing that it happened to. Never holds a secret. */
  readonly element: string;
  readonly remedy: string;

  constructor(
    code: AgentErrorCode,
    element: string,
    options: { readonly detail?: string; readonly cause?: unknown } = {},
  ) {
    super(`${element}: ${options.detail ?? AGENT_ERRORS[code].cause}`, { cause: options.cause });
    this.code = code;
    this.element = element;
    this.remedy = AGENT_ERRORS[code].remedy;
  }
}
