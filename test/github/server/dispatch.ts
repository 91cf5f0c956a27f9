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
import type { Deliveries } from '../operations/call.ts';
import { HANDLERS } from '../operations/table.ts';
import { refuse, unprocessable } from '../refusal.ts';
import { authenticate } from './authenticate.ts';
import type { Exclusive } from './exclusive.ts';
import type { Failure, Failures } from './failures.ts';
import type { LimitReached, RateLimiter } from './limits.ts';
import { linkHeader } from './link-header.ts';
import { demandPermission } from './permissions.ts';
import { type Reply, replyOf, replyOfError, replyOfLimit, scriptedReply, textOf } from './reply.ts';

export interface Incoming {
  readonly method: string;
  /** Whole, with the query. */
  readonly url: URL;
  /** As it was sent, without what comes before the API's own. */
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
  /** Whether the answer reached the client whole. */
  readonly answered: boolean;
}

/** What stands behind every request. */
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

interface Request {
  readonly incoming: Incoming;
  readonly route: Route;
  readonly failure: Failure | undefined;
}

const NOBODY: Actor = { kind: 'nobody' };

/** Never throws: what goes wrong here is a violation of kind `defect`, and 500. */
export async function dispatch(desk: Desk, incoming: Incoming): Promise<Outgoing> {
  const { method, path, text } = incoming;
  const route = desk.contract.findRoute(method, path);
  const out =
    route === undefined
      ? undocumented(desk, incoming)
      : await serve(desk, { incoming, route, failure: desk.failures.take(route.id) }).catch(error =>
          defect(desk, route.id, error),
        );
  const { status, isCut } = out;
  const atMs = desk.world.clock.nowMs();
  desk.record({ operation: route?.id, method, path, status, body: parseJson(text), atMs, answered: !isCut });
  return out;
}

async function serve(desk: Desk, request: Request): Promise<Outgoing> {
  const { url, headers, text } = request.incoming;
  const read = desk.contract.readRequest(request.route, { query: url.searchParams, headers, text });
  desk.report(read.violations);
  try {
    const actor = authenticate(desk.world, headers['authorization']);
    return toWire(desk, request, { actor, reply: await answer(desk, request, { actor, read }) });
  } catch (error) {
    return toWire(desk, request, { actor: NOBODY, reply: replyOfError(error) });
  }
}

interface Asked {
  readonly actor: Actor;
  readonly read: Read;
}

/** A limit comes first, then what a test scripted; a request can be carried out although its answer is lost. */
async function answer(desk: Desk, { incoming, route, failure }: Request, asked: Asked): Promise<Reply> {
  const limit = limitOf(desk, { actor: asked.actor, id: route.id, failure, method: incoming.method });
  if (limit !== undefined) return replyOfLimit(limit);
  const scripted = scriptedReply(failure);
  const isLostBefore = failure?.kind === 'drop' && failure.carriedOut !== true;
  if (isLostBefore) return { kind: 'outage', status: 200 };
  if (scripted !== undefined && !(failure?.kind === 'status' && failure.carriedOut === true)) return scripted;
  const reply = await desk.exclusive.run(() => carryOut(desk, route.id, asked));
  return scripted ?? reply;
}

interface Limited {
  readonly actor: Actor;
  readonly id: OperationId;
  readonly failure: Failure | undefined;
  readonly method: string;
}

function limitOf({ limiter }: Desk, { actor, id, failure, method }: Limited): LimitReached | undefined {
  if (failure?.kind === 'primary-limit') limiter.exhaust(actor, failure.resetInS);
  if (failure?.kind === 'secondary-limit') return limiter.secondary(failure.retryAfterS);
  // Asking for the limits costs nothing.
  if (id === 'rate-limit/get') return undefined;
  const makesContent = method !== 'GET' && id !== 'apps/create-installation-access-token';
  return limiter.admit(actor, { makesContent });
}

async function carryOut(desk: Desk, id: OperationId, { actor, read }: Asked): Promise<Reply> {
  try {
    demandPermission(actor, id);
    demandValid(read);
    await takePushes(desk.world);
    const call = {
      world: desk.world,
      actor,
      path: new Members(read.path),
      query: new Members(read.query),
      body: new Members(read.body),
      rawBody: read.body,
      deliveries: desk.deliveries,
      rates: () => desk.limiter.overview(actor),
    };
    return replyOf(await HANDLERS[id](call));
  } catch (error) {
    return replyOfError(error);
  }
}

/** Refusals: 400 for what is no JSON, 422 for a body or query that the schema does not allow, 404 for a path that can be none. */
function demandValid({ violations }: Read): void {
  for (const { kind, details } of violations) {
    if (kind === 'request-json') throw refuse(400, 'Problems parsing JSON');
    if (kind === 'path-parameter') throw refuse(404, 'Not Found');
    if (kind === 'request-body' || kind === 'undocumented-query') {
      throw unprocessable(`Invalid request.\n\n${details.join('\n')}`);
    }
  }
}

interface Replied {
  readonly actor: Actor;
  readonly reply: Reply;
}

function toWire(desk: Desk, { incoming, route, failure }: Request, { actor, reply }: Replied): Outgoing {
  const isCut = failure?.kind === 'drop';
  const delayMs = failure?.kind === 'slow' ? failure.ms : 0;
  if (reply.kind === 'outage') {
    const text = `<!DOCTYPE html><html><body><h1>${reply.status}</h1></body></html>`;
    return { status: reply.status, headers: { 'content-type': 'text/html' }, text, isCut, delayMs };
  }
  const text = textOf(reply.body);
  desk.report(desk.contract.checkAnswer(route.id, reply.status, text === '' ? undefined : parseJson(text)));
  const isCacheable = incoming.method === 'GET' && reply.status === 200;
  const etag = `W/"${createHash('sha256').update(text).digest('hex')}"`;
  const isKnown = isCacheable && incoming.headers['if-none-match'] === etag;
  if (isKnown) desk.limiter.refund(actor);
  const headers = {
    ...desk.limiter.headers(actor),
    'x-github-media-type': 'github.v3; format=json',
    ...(isCacheable && { etag }),
    ...(!isKnown && text !== '' && JSON_TYPE),
    ...linkHeader(incoming.url, reply.pages),
    ...reply.headers,
  };
  return { status: isKnown ? 304 : reply.status, headers, text: isKnown ? '' : text, isCut, delayMs };
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

function undocumented({ report }: Desk, { method, path }: Incoming): Outgoing {
  const details = ['not among the operations of the extract'];
  report([{ kind: 'undocumented-operation', where: `${method} ${path}`, details }]);
  return failed(404, 'Not Found');
}

function defect({ report }: Desk, id: OperationId, error: unknown): Outgoing {
  const details = error instanceof Error ? (error.stack ?? error.message).split('\n') : [String(error)];
  report([{ kind: 'defect', where: id, details }]);
  return failed(500, 'Server Error');
}

const failed = (status: number, message: string): Outgoing => ({
  status,
  headers: JSON_TYPE,
  text: textOf(refuse(status, message).body),
  isCut: false,
  delayMs: 0,
});
