// One GET over HTTP or HTTPS, with redirects, and a time limit on silence rather than on the whole.
// Touches: the network. Privileges: none.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';

export interface HttpGetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** The longest silence before the head and between two chunks of the body. */
  readonly stallMs: number;
  readonly signal?: AbortSignal;
  readonly tls?: {
    readonly ca?: string | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
  };
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Throws HttpSilence when the server falls silent, and an error when the connection ends early. */
  readonly body: AsyncIterable<Buffer>;
  /** Ends the connection where the body is not wanted. */
  discard(): void;
}

/** The server said nothing for the stall time. */
export class HttpSilence extends Error {
  override readonly name = 'HttpSilence';
}

const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Rejects when there is no answer at all; every status is an answer. */
export async function httpGet(url: string, options: HttpGetOptions, redirects = 0): Promise<HttpResponse> {
  const message = await head(new URL(url), options);
  const { location } = message.headers;
  if (!REDIRECTS.has(message.statusCode ?? 0) || location === undefined) return response(message, options.stallMs);
  message.destroy();
  const next = new URL(location, url);
  if (redirects >= MOST_REDIRECTS) throw new Error(`more than ${MOST_REDIRECTS} redirects`);
  if (url.startsWith('https:') && next.protocol !== 'https:') throw new Error('redirected from https to http');
  return httpGet(next.href, options, redirects + 1);
}

function head(url: URL, { headers, stallMs, signal, tls }: HttpGetOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const settings = {
      headers: { 'accept-encoding': 'identity', ...headers },
      ...(signal === undefined ? {} : { signal }),
    };
    const request =
      url.protocol === 'https:' ? https.get(url, { ...settings, ...given(tls) }) : http.get(url, settings);
    const silence = setTimeout(() => request.destroy(new HttpSilence('no answer')), stallMs);
    request.once('response', message => {
      clearTimeout(silence);
      resolve(message);
    });
    request.once('error', error => {
      clearTimeout(silence);
      reject(error);
    });
  });
}

const given = (tls: HttpGetOptions['tls']): { ca?: string; cert?: string; key?: string } => ({
  ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
  ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
  ...(tls?.key === undefined ? {} : { key: tls.key }),
});

const response = (message: IncomingMessage, stallMs: number): HttpResponse => ({
  status: message.statusCode ?? 0,
  headers: message.headers,
  body: chunksOf(message, stallMs),
  discard: () => message.destroy(),
});

/** Silence counts only while we wait for the server: a reader that takes its time does not end the connection. */
async function* chunksOf(message: IncomingMessage, stallMs: number): AsyncGenerator<Buffer> {
  const chunks = message[Symbol.asyncIterator]();
  try {
    while (true) {
      const silence = setTimeout(() => message.destroy(new HttpSilence('fell silent')), stallMs);
      const next: IteratorResult<Buffer> = await chunks.next().finally(() => clearTimeout(silence));
      if (next.done === true) break;
      yield next.value;
    }
    if (!message.complete) throw new Error('the connection ended early');
  } finally {
    message.destroy();
  }
}
