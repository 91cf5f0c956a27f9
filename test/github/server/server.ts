// The HTTP server: hands requests to the API or to git, and lets connections be slow or break.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { InvariantError } from '@seatrial/spec';
import { takePushes } from '../actions/pushes.ts';
import { type Desk, dispatch, type Outgoing } from './dispatch.ts';
import { isGitRequest, serveGit } from './smart-http.ts';

export interface Listening {
  readonly origin: string;
  close(): Promise<void>;
}

/** On the loopback, at a port that is free. `base` is what comes before every path of the API. */
export async function listen(desk: Desk, base: string): Promise<Listening> {
  const server = createServer((request, response) => {
    void answer(desk, base, { request, response }).catch(error => {
      desk.report([{ kind: 'defect', where: request.url ?? '', details: [String(error)] }]);
      response.destroy();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new InvariantError('the server listens at a port');
  return { origin: `http://127.0.0.1:${address.port}`, close: () => close(server) };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function answer(desk: Desk, base: string, { request, response }: Exchange): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
  if (isGitRequest(url)) {
    await serveGit(desk.world, url, { request, response });
    await desk.exclusive.run(() => takePushes(desk.world));
    return;
  }
  const text = await readText(request);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]));
  // The raw path: a parameter may hold an encoded slash.
  const raw = (request.url ?? '/').split('?')[0] ?? '/';
  const path = raw.startsWith(`${base}/`) ? raw.slice(base.length) : `outside ${base}: ${raw}`;
  const out = await dispatch(desk, { method: request.method ?? 'GET', url, path, headers, text });
  await send(response, out, new Date(desk.world.clock.nowMs()));
}

async function send(response: ServerResponse, out: Outgoing, now: Date): Promise<void> {
  // A late answer keeps nothing alive that waits for it no more.
  if (out.delayMs > 0) await delay(out.delayMs, undefined, { ref: false });
  const bytes = Buffer.from(out.text, 'utf8');
  response.writeHead(out.status, {
    ...out.headers,
    date: now.toUTCString(),
    'x-github-request-id': Math.random().toString(16).slice(2).toUpperCase(),
    ...(out.status !== 204 && out.status !== 304 && { 'content-length': String(bytes.length) }),
  });
  if (!out.isCut) {
    response.end(bytes);
    return;
  }
  await new Promise<void>(resolve => response.write(bytes.subarray(0, bytes.length / 2), () => resolve()));
  response.destroy();
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

const close = (server: Server): Promise<void> =>
  new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
