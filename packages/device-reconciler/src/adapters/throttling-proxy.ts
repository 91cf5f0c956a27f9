// A reverse proxy on the loopback between `ostree pull` and the repository: holds it to a rate, ends silent connections,
// and knows why a pull failed, which the command's exit code does not say.
// Touches: a listening socket on 127.0.0.1, the network. Privileges: none.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { InvariantError } from '@seatrial/spec';
import { type HttpGetOptions, HttpSilence, httpGet } from './http-get.ts';
import type { RateLimiter } from './rate-limiter.ts';

export interface ProxyOptions {
  /** The repository's URL. */
  readonly upstream: string;
  readonly limiter: RateLimiter;
  readonly stallMs: number;
  readonly tls?: HttpGetOptions['tls'];
  readonly onBytes: (total: number) => void;
}

/** What went wrong upstream, worst last; objects are what a commit can not do without. */
export interface UpstreamTroubles {
  readonly unreachable: boolean;
  readonly stalled: boolean;
  readonly missingObject: boolean;
}

export interface ThrottlingProxy {
  readonly url: string;
  troubles(): UpstreamTroubles;
  close(): Promise<void>;
}

const PASSED_ON = ['content-type', 'content-length', 'content-range', 'etag', 'last-modified'] as const;

export async function throttlingProxy(options: ProxyOptions): Promise<ThrottlingProxy> {
  const troubles = { unreachable: false, stalled: false, missingObject: false };
  let total = 0;
  const count = (bytes: number) => {
    total += bytes;
    options.onBytes(total);
  };
  const server = createServer((request, response) => {
    forward(request, response, { options, troubles, count }).catch((error: unknown) => {
      if (error instanceof HttpSilence) troubles.stalled = true;
      else if (!response.destroyed) troubles.unreachable = true;
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    troubles: () => ({ ...troubles }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Exchange {
  readonly options: ProxyOptions;
  readonly troubles: { unreachable: boolean; stalled: boolean; missingObject: boolean };
  readonly count: (bytes: number) => void;
}

async function forward(request: IncomingMessage, response: ServerResponse, exchange: Exchange): Promise<void> {
  const { options, troubles, count } = exchange;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const path = request.url ?? '/';
  const { range } = request.headers;
  const upstream = await httpGet(`${options.upstream.replace(/\/+$/, '')}${path}`, {
    stallMs: options.stallMs,
    signal: gone.signal,
    headers: range === undefined ? {} : { range },
    ...(options.tls === undefined ? {} : { tls: options.tls }),
  });
  if (upstream.status >= 500) troubles.unreachable = true;
  // libostree probes for detached metadata, which a commit may well not have.
  if (upstream.status === 404 && path.startsWith('/objects/') && !path.endsWith('.commitmeta'))
    troubles.missingObject = true;
  response.writeHead(upstream.status, Object.fromEntries(PASSED_ON.flatMap(name => headerOf(upstream.headers, name))));
  for await (const chunk of upstream.body) {
    count(chunk.byteLength);
    await options.limiter.pass(chunk.byteLength, gone.signal);
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    if (gone.signal.aborted) return;
  }
  response.end();
}

const headerOf = (headers: IncomingMessage['headers'], name: (typeof PASSED_ON)[number]): [string, string][] => {
  const value = headers[name];
  return typeof value === 'string' ? [[name, value]] : [];
};

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new InvariantError('a listening server has a port');
  return address.port;
}
