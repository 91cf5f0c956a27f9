// What goes back for a request, before it is bytes: an answer of the API, or an outage in front of it.

import type { Json } from '../json.ts';
import type { Answer } from '../operations/call.ts';
import { Refusal, refusePlainly } from '../refusal.ts';
import type { Failure } from './failures.ts';
import type { LimitReached } from './limits.ts';

export type Reply =
  | ({ readonly kind: 'answer' } & Answer)
  /** Of a proxy: no JSON, and nothing that a description could know. */
  | { readonly kind: 'outage'; readonly status: number };

export const replyOf = (answer: Answer): Reply => ({ kind: 'answer', ...answer });

/** A refusal becomes its answer; whatever else was thrown is a defect and goes on. */
export function replyOfError(error: unknown): Reply {
  if (error instanceof Refusal) return { kind: 'answer', status: error.status, body: error.body };
  throw error;
}

const LIMITS_PAGE = 'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api';

export const replyOfLimit = ({ status, message, headers }: LimitReached): Reply => ({
  kind: 'answer',
  status,
  body: { message, documentation_url: LIMITS_PAGE },
  headers,
});

/** What a test scripted, where that is an answer at all. */
export function scriptedReply(failure: Failure | undefined): Reply | undefined {
  if (failure?.kind === 'answer') return { kind: 'answer', status: failure.status, body: failure.body };
  if (failure?.kind !== 'status') return undefined;
  const { status, message = MESSAGES[status] ?? 'Server Error' } = failure;
  if (status === 502 || status === 504) return { kind: 'outage', status };
  // A sentence and an address: what every shape of a refusal has in common.
  return replyOfError(refusePlainly(status, message));
}

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Bad credentials',
  403: 'Resource not accessible by integration',
  404: 'Not Found',
  409: 'Conflict',
  422: 'Validation Failed',
};

export const textOf = (body: Json | undefined): string => (body === undefined ? '' : JSON.stringify(body));
