// The HTTP API through fastify.
//
// Touches: one listening TCP port. Orders need the bearer token, compared in constant time; without a token there are no
// orders. Everything else is readable by whoever can connect.

import { createHash, timingSafeEqual } from 'node:crypto';
import { err, ok, type Result } from '@seatrial/spec';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type ControllerErrorCode, PortError } from '../../errors.ts';
import type { Office } from '../../ports/office.ts';
import { streamEvents } from './event-stream.ts';
import { openApiDocument } from './openapi.ts';
import { bodyOf, DEFECT, refuse } from './refusal.ts';
import { ROUTES, type Route, type RouteRequest } from './routes.ts';
import { addWebhook, type WebhookOptions } from './webhook.ts';

export interface ApiOptions {
  readonly office: Office;
  readonly version: string;
  /** Absent: no orders are taken. */
  readonly token?: string;
  /** Absent: nobody is listened to. */
  readonly webhook?: WebhookOptions;
}

const LARGEST_BODY_BYTES = 16 * 1024;

/** The server without a port: tests inject requests. */
export function buildApi(options: ApiOptions): FastifyInstance {
  const server = Fastify({ logger: false, bodyLimit: LARGEST_BODY_BYTES, forceCloseConnections: true });
  const document = openApiDocument(options.version);
  for (const route of ROUTES) {
    server.route({
      method: route.method,
      url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      handler: (request, reply) => handle(route, options, request, reply),
    });
  }
  if (options.webhook !== undefined) addWebhook(server, options.webhook);
  server.get('/api/v1/openapi.json', async () => document);
  server.get('/healthz', async () => ({ alive: true }));
  server.get('/readyz', async (_request, reply) => {
    const { ready, problems } = options.office.status();
    return reply.status(ready ? 200 : 503).send({ ready, problems });
  });
  server.get('/metrics', async (_request, reply) => {
    return reply.type('text/plain; version=0.0.4').send(await options.office.metrics());
  });
  server.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    (error.statusCode ?? 500) < 500
      ? refuse(reply, 'request-malformed', error.message)
      : reply.status(500).send(DEFECT),
  );
  server.setNotFoundHandler((_request, reply) =>
    reply.status(404).send(bodyOf('request-malformed', 'no such address')),
  );
  return server;
}

/** Listens, and returns `http://host:port` with the port that was really taken. Throws PortError `http-address-in-use`. */
export async function listen(
  server: FastifyInstance,
  address: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    return await server.listen(address);
  } catch (cause) {
    throw new PortError('http-address-in-use', `${address.host}:${address.port}`, { cause });
  }
}

async function handle(route: Route, options: ApiOptions, request: FastifyRequest, reply: FastifyReply) {
  if (route.isOrder) {
    const refusal = orderRefusal(options.token, request.headers.authorization);
    if (refusal !== undefined) return refuse(reply, refusal);
  }
  const read = readRequest(route, request);
  if (!read.ok) return refuse(reply, 'request-malformed', read.error);
  if (request.headers.accept?.includes('text/event-stream') && route.path.endsWith('/events')) {
    return streamEvents(options.office, request, reply);
  }
  const answer = await route.answer(options.office, read.value);
  return answer.ok ? reply.send(answer.value) : refuse(reply, answer.error);
}

function readRequest(route: Route, request: FastifyRequest): Result<RouteRequest, string> {
  const given = { path: request.params, query: request.query } as Record<string, Record<string, unknown> | undefined>; // fastify gives plain objects
  const parameters: Record<string, unknown> = {};
  for (const { in: where, name, schema } of route.parameters) {
    const parsed = schema.safeParse(given[where]?.[name]);
    if (!parsed.success) return err(`${name}: ${parsed.error.issues[0]?.message ?? 'malformed'}`);
    if (parsed.data !== undefined) parameters[name] = parsed.data;
  }
  const body = route.body?.safeParse(request.body);
  if (body?.success === false) {
    const [issue] = body.error.issues;
    return err(`${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'malformed'}`);
  }
  return ok({ parameters, body: body?.data });
}

function orderRefusal(token: string | undefined, authorization: string | undefined): ControllerErrorCode | undefined {
  if (token === undefined) return 'orders-disabled';
  const given = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token)) ? undefined : 'request-unauthorized';
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
