// A file server on the loopback that behaves as badly as a test wants.

import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { need } from './values.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface Origin {
  readonly url: string;
  /** Paths that were asked for, with their Range. */
  readonly asked: string[];
  answer: Answer;
}

export async function httpOrigin(answer: Answer): Promise<Origin> {
  const asked: string[] = [];
  const origin = { url: '', asked, answer };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    asked.push([request.url, request.headers.range].filter(part => part !== undefined).join(' '));
    origin.answer(request, response);
  });
  server.on('connection', socket => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = need(server.address() ?? undefined);
  return Object.assign(origin, { url: `http://127.0.0.1:${typeof address === 'string' ? '' : address.port}` });
}

/** An honest server of one file, with ranges and a strong tag. */
export const honest =
  (content: Uint8Array, etag = '"v1"'): Answer =>
  (request, response) => {
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const fresh = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
    if (from === undefined || !fresh) {
      response.writeHead(200, { etag, 'content-length': content.byteLength }).end(content);
    } else if (Number(from) >= content.byteLength) {
      response.writeHead(416, { 'content-range': `bytes */${content.byteLength}` }).end();
    } else {
      const rest = content.subarray(Number(from));
      const range = `bytes ${from}-${content.byteLength - 1}/${content.byteLength}`;
      response.writeHead(206, { etag, 'content-range': range, 'content-length': rest.byteLength }).end(rest);
    }
  };

/** Serves a directory as it is. */
export const directoryOf =
  (directory: string): Answer =>
  (request, response) => {
    const path = join(directory, decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() !== true) response.writeHead(404).end();
    else createReadStream(path).pipe(response.writeHead(200, { 'content-length': found.size }));
  };
