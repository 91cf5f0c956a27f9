// What GitHub's refusals mean: from a status and headers to one of our codes, and how long to stay away.

import { RequestError } from 'octokit';
import { type ControllerErrorCode, PortError } from '../../errors.ts';
import { redact } from './redact.ts';

export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

type ForgeCode = Extract<ControllerErrorCode, `forge-${string}`>;

const CODES: Readonly<Partial<Record<number, ForgeCode>>> = {
  400: 'forge-rejected',
  401: 'forge-refused',
  403: 'forge-refused',
  404: 'forge-missing',
  409: 'forge-conflict',
  410: 'forge-missing',
  412: 'forge-conflict',
  413: 'forge-rejected',
  422: 'forge-rejected',
  451: 'forge-refused',
};

/** After a limit that names no time [GITHUB-REST best practices]. */
const UNNAMED_REST_MS = 60_000;
/** A header that asks for more is not believed: limits are per hour. */
const LONGEST_REST_MS = 2 * 3_600_000;

export const codeOf = (refusal: Refusal): ForgeCode =>
  isRateLimit(refusal) ? 'forge-rate-limited' : (CODES[refusal.status] ?? 'forge-unreachable');

/** 403 and 429 are both used, for the hourly limit and for the secondary ones. */
export const isRateLimit = ({ status, headers, message }: Refusal): boolean =>
  status === 429 ||
  (status === 403 &&
    (headers['x-ratelimit-remaining']?.toString() === '0' ||
      headers['retry-after'] !== undefined ||
      /\bsecondary rate\b/i.test(message)));

/** How long no request must be sent after a limit was met. */
export function restAfter({ headers }: Refusal, nowMs: number): number {
  const seconds = Number(headers['retry-after']);
  const resetMs = Number(headers['x-ratelimit-reset']) * 1000 - nowMs;
  const isSpent = headers['x-ratelimit-remaining']?.toString() === '0';
  const restMs = seconds > 0 ? seconds * 1000 : isSpent && resetMs > 0 ? resetMs + 1000 : UNNAMED_REST_MS;
  return Math.min(restMs, LONGEST_REST_MS);
}

/** Undefined for what is no answer or failure of a request. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof RequestError)) return undefined;
  return { status: error.response?.status ?? 0, message: error.message, headers: error.response?.headers ?? {} };
}

/** One PortError, in words that hold no secret and name the request. The cause is left out: it carries bodies and headers. */
export function portErrorOf(
  refusal: Refusal,
  {
    element,
    request,
    secrets,
  }: { readonly element: string; readonly request: string; readonly secrets: readonly string[] },
): PortError {
  const answer = refusal.status === 0 ? 'got no answer' : `was answered ${refusal.status}`;
  const id = refusal.headers['x-github-request-id'];
  const said = redact(`${request} ${answer}: ${refusal.message}`, secrets);
  return new PortError(codeOf(refusal), element, { detail: id === undefined ? said : `${said} (request ${id})` });
}
