// One request of the API from the wire to its answer: held against the description, authenticated, limited, carried out.

import { createHash } from 'node:crypto';
import { takePushes } from '../actions/pushes.ts';
import type { Contract, Read } from '../contract/contract.ts';
import type { Route } from '../contract/route.ts';
import type { Violation } from '../contract/violations.ts';
import { type Json, Members, parseJson } from '../json.ts';
import type { Actor } from '../model/accounts.ts';
import type { World } from '../model/world.ts';
import type { OperationId } from '../openapi/operations.ts';
import type { Answer, Deliveries } from '../operations/call.ts';
import { HANDLERS } from '../operations/table.ts';
import { Refusal, refuse, unprocessable } from '../refusal.ts';
import { authenticate } from './authenticate.ts';
import type { Exclusive } from './exclusive.ts';
import type { Failure, Failures } from './failures.ts';
import type { LimitReached, RateLimiter } from './limits.ts';
import { linkHeader } from './link-header.ts';
import { demandPermission } from './permissions.ts';

export interface Incoming {
  readonly method: string;
  /** Whole, with the query. */
  readonly url: URL;
  /** Without what comes before the API's own. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

export interface Outgoing {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The connection ends in the middle. */
  readonly isCut: boolean;
  readonly delayMs: number;
}

/** One request as tests look back at it. */
export interface Asking {
  readonly operation: OperationId | undefined;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: Json | undefined;
  readonly atMs: number;
  /** Whether the answer reached the client. */
  readonly answered: boolean;
}

export interface Desk {
  readonly world: World;
  readonly contract: Contract;
  readonly failures: Failures;
  readonly limiter: RateLimiter;
  readonly exclusive: Exclusive;
  readonly deliveries: Deliveries;
  readonly report: (violations: readonly Violation[]) => void;
  readonly record: (asking: Asking) => void;
}

/** Never throws: what goes wrong here is a violation of kind `defect`, and 500. */
export async function dispatch(desk: Desk, incoming: Incoming): Promise<Outgoing> {
  const route = desk.contract.findRoute(incoming.method, incoming.path);
  const body = incoming.text === '' ? undefined : parseJson(incoming.text);
  const failure = route === undefined ? undefined : desk.failures.take(route.id);
  const out =
    route === undefined
      ? undocumented(desk, incoming)
      : await serve(desk, { incoming, route, body, failure }).catch(error => defect(desk, route.id, error));
  const { method, path } = incoming;
  desk.record({
    operation: route?.id,
    method,
    path,
    status: out.status,
    body,
    atMs: desk.world.clock.nowMs(),
    answered: !out.isCut,
  });
  return out;
}

interface Request {
  readonly incoming: Incoming;
  readonly route: Route;
  readonly body: Json | undefined;
  readonly failure: Failure | undefined;
}

async function serve(desk: Desk, request: Request): Promise<Outgoing> {
  const { incoming, route, body, failure } = request;
  const read = desk.contract.readRequest(route, { query: incoming.url.searchParams, headers: incoming.headers, body });
  const isText = incoming.text !== '' && body === undefined;
  desk.report(
    isText ? [{ kind: 'request-body', where: route.id, details: ['no JSON'] }, ...read.violations] : read.violations,
  );
  const actor = whoAsks(desk, incoming);
  if (actor instanceof Refusal) return finish(desk, request, { answer: actor, actor: { kind: 'nobody' } });
  const limited = limitOf(desk, { actor, id: route.id, failure, method: incoming.method });
  if (limited !== undefined) return finish(desk, request, { answer: limited, actor });
  const scripted = scriptedAnswer(failure);
  if (scripted !== undefined && !isCarriedOut(failure)) return finish(desk, request, { answer: scripted, actor });
  const answer = await desk.exclusive.run(() => carryOut(desk, { route, read, actor, isText }));
  // A connection that breaks cuts the answer that there was.
  return finish(desk, request, { answer: failure?.kind === 'drop' ? answer : (scripted ?? answer), actor });
}

const isCarriedOut = (failure: Failure | undefined): boolean =>
  (failure?.kind === 'status' || failure?.kind === 'drop') && failure.carriedOut === true;

type Answered = Answer | Refusal | (LimitReached & { readonly kind: 'primary' | 'secondary' }) | Outage;

/** What stands in front of the API answered: no JSON, and nothing that a description could know. */
interface Outage {
  readonly kind: 'outage';
  readonly status: number;
}

function whoAsks({ world }: Desk, { headers }: Incoming): Actor | Refusal {
  return refusalOf(() => authenticate(world, headers['authorization']));
}

function refusalOf<T>(act: () => T): T | Refusal {
  try {
    return act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

interface Limited {
  readonly actor: Actor;
  readonly id: OperationId;
  readonly failure: Failure | undefined;
  readonly method: string;
}

function limitOf({ limiter }: Desk, { actor, id, failure, method }: Limited): LimitReached | undefined {
  if (failure?.kind === 'primary-limit') limiter.exhaust(actor, failure.resetInS);
  if (failure?.kind === 'secondary-limit') {
    const reached = limiter.secondary();
    const { retryAfterS } = failure;
    return retryAfterS === undefined ? reached : { ...reached, headers: { 'retry-after': String(retryAfterS) } };
  }
  if (id === 'rate-limit/get') return undefined;
  const makesContent = method !== 'GET' && id !== 'apps/create-installation-access-token';
  return limiter.admit(actor, { makesContent });
}

/** Undefined where the request is to be carried out and answered as ever. */
function scriptedAnswer(failure: Failure | undefined): Answered | undefined {
  if (failure?.kind === 'answer') return { status: failure.status, body: failure.body };
  if (failure?.kind === 'drop') return { kind: 'outage', status: 200 };
  if (failure?.kind !== 'status') return undefined;
  const { status, message } = failure;
  if (status === 502 || status === 504) return { kind: 'outage', status };
  if (status === 422) return unprocessable(message ?? 'Validation Failed');
  return refuse(status, message ?? MESSAGES[status] ?? 'Server Error');
}

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Bad credentials',
  403: 'Resource not accessible by integration',
  404: 'Not Found',
  409: 'Conflict',
};

interface Work {
  readonly route: Route;
  readonly read: Read;
  readonly actor: Actor;
  readonly isText: boolean;
}

async function carryOut(desk: Desk, { route, read, actor, isText }: Work): Promise<Answer | Refusal> {
  try {
    demandPermission(actor, route.id);
    if (isText) throw refuse(400, 'Problems parsing JSON');
    demandValid(read);
    await takePushes(desk.world);
    return await HANDLERS[route.id]({
      world: desk.world,
      actor,
      path: new Members(read.path),
      query: new Members(read.query),
      body: new Members(read.body),
      rawBody: read.body,
      deliveries: desk.deliveries,
      rates: () => desk.limiter.overview(actor),
    });
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** Refusals: 422 for a body that the schema does not allow, 404 for a path that can not be one. */
function demandValid({ violations }: Read): void {
  for (const { kind, details } of violations) {
    if (kind === 'request-body') throw unprocessable(`Invalid request.\n\n${details.join('\n')}`);
    if (kind === 'path-parameter') throw refuse(404, 'Not Found');
    if (kind === 'undocumented-query') throw unprocessable(`Invalid query.\n\n${details.join('\n')}`);
  }
}

async function finish(
  desk: Desk,
  { incoming, route, failure }: Request,
  { answer, actor }: { readonly answer: Answered; readonly actor: Actor },
): Promise<Outgoing> {
  const usual = { ...desk.limiter.headers(actor), 'x-github-media-type': 'github.v3; format=json' };
  const isCut = failure?.kind === 'drop';
  const delayMs = failure?.kind === 'slow' ? failure.ms : 0;
  if ('kind' in answer && answer.kind === 'outage') {
    const text = `<!DOCTYPE html><html><body>${answer.status}</body></html>`;
    return { status: answer.status, headers: { 'content-type': 'text/html' }, text, isCut, delayMs };
  }
  const { status, body, headers } = inJson(answer);
  const text = body === undefined ? '' : JSON.stringify(body);
  desk.report(desk.contract.checkAnswer(route.id, status, text === '' ? undefined : parseJson(text)));
  const etag = `W/"${createHash('sha256').update(text).digest('hex')}"`;
  const isConditional = incoming.method === 'GET' && status === 200;
  if (isConditional && incoming.headers['if-none-match'] === etag) {
    desk.limiter.refund(actor);
    return { status: 304, headers: { ...usual, ...desk.limiter.headers(actor), etag }, text: '', isCut, delayMs };
  }
  const pages = 'pages' in answer && answer.pages !== undefined ? linkHeader(incoming.url, answer.pages) : undefined;
  const all = {
    ...usual,
    ...(text !== '' && { 'content-type': 'application/json; charset=utf-8' }),
    ...(isConditional && { etag }),
    ...(pages !== undefined && { link: pages }),
    ...headers,
  };
  return { status, headers: all, text, isCut, delayMs };
}

interface InJson {
  readonly status: number;
  readonly body: Json | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

function inJson(answer: Exclude<Answered, Outage>): InJson {
  if (answer instanceof Refusal) return { status: answer.status, body: answer.body, headers: {} };
  if ('kind' in answer) {
    const documentation = 'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api';
    const body = { message: answer.message, documentation_url: documentation };
    return { status: answer.status, body, headers: answer.headers };
  }
  return { status: answer.status, body: answer.body, headers: answer.headers ?? {} };
}

function undocumented({ report }: Desk, { method, path }: Incoming): Outgoing {
  report([
    {
      kind: 'undocumented-operation',
      where: `${method} ${path}`,
      details: ['not among the operations of the extract'],
    },
  ]);
  const text = JSON.stringify(refuse(404, 'Not Found').body);
  return {
    status: 404,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    text,
    isCut: false,
    delayMs: 0,
  };
}

function defect({ report }: Desk, id: OperationId, error: unknown): Outgoing {
  const details = error instanceof Error ? (error.stack ?? error.message).split('\n') : [String(error)];
  report([{ kind: 'defect', where: id, details }]);
  const text = JSON.stringify(refuse(500, 'Server Error').body);
  return {
    status: 500,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    text,
    isCut: false,
    delayMs: 0,
  };
}
