// The address that GitHub sends webhooks to. A webhook counts when its body is signed with the shared secret and comes for the
// first time; then it rings, and nothing of what it says is used [GITHUB-WEBHOOKS].
//
// Touches: one route of the API's server. Reads bodies of at most a mebibyte, before anything is known of who sends them.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PortError } from '../../errors.ts';
import { DEFECT, refuse } from './refusal.ts';

export interface WebhookOptions {
  readonly path: string;
  readonly secret: string;
  /** `owner/name`; webhooks of other repositories ring for nobody here. */
  readonly repository: string;
  readonly ring: (ring: {
    readonly event: string;
    readonly delivery: string;
    readonly digest: string;
  }) => Promise<'woken' | 'replayed'>;
}

/** The largest that GitHub sends is 25 MiB; one that is larger than this is found by polling. */
const LARGEST_BODY_BYTES = 1024 * 1024;

const Headers = z.object({
  'x-github-event': z.string().regex(/^[a-z_]{1,64}$/),
  'x-github-delivery': z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
});
const Body = z.object({ repository: z.object({ full_name: z.string() }).optional() });

export function addWebhook(server: FastifyInstance, options: WebhookOptions): void {
  void server.register(async scope => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
      if (error instanceof PortError) return refuse(reply, error.code);
      if (error.statusCode === 413) return refuse(reply, 'webhook-oversized');
      return (error.statusCode ?? 500) < 500 ? refuse(reply, 'request-malformed') : reply.status(500).send(DEFECT);
    });
    scope.post(options.path, { bodyLimit: LARGEST_BODY_BYTES }, (request, reply) => take(options, request, reply));
  });
}

async function take(options: WebhookOptions, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (!isSigned(body, request.headers['x-hub-signature-256'], options.secret)) return refuse(reply, 'webhook-unsigned');
  const headers = Headers.safeParse(request.headers);
  const content = readBody(body);
  if (!headers.success || content === undefined) return refuse(reply, 'request-malformed', 'not a webhook of GitHub');
  const { 'x-github-event': event, 'x-github-delivery': delivery } = headers.data;
  const isOurs = content.repository?.full_name.toLowerCase() === options.repository.toLowerCase();
  if (!isOurs) return reply.status(202).send({ woken: false });
  const digest = createHash('sha256').update(body).digest('hex');
  const rung = await options.ring({ event, delivery, digest });
  return rung === 'replayed' ? refuse(reply, 'webhook-replayed') : reply.status(202).send({ woken: true });
}

/** `sha256=` and the HMAC of the body as it came, in hexadecimal. */
function isSigned(body: Uint8Array, header: string | readonly string[] | undefined, secret: string): boolean {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const given = Buffer.from(typeof header === 'string' ? header : '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function readBody(body: Uint8Array): z.output<typeof Body> | undefined {
  try {
    return Body.safeParse(JSON.parse(Buffer.from(body).toString())).data;
  } catch {
    return undefined;
  }
}
