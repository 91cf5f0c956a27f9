// A static HTTP server for capsules and OSTree repositories: ranges, entity tags, and faults on demand.
// Listens on the loopback interface; reads below one directory only.

import { createReadStream, type Stats, statSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { join, normalize } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InvariantError } from '@seatrial/spec';
import { type ArtifactFault, type ArtifactFaultRule, spoilBody } from './artifact-fault.ts';
import { answerRange, type RangeAnswer, type ServedFile } from './byte-range.ts';

export interface ServedRequest {
  readonly method: string;
  readonly path: string;
  readonly range?: string;
  readonly status: number;
}

export interface ArtifactServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** Everything asked for so far, oldest first. */
  readonly requests: readonly ServedRequest[];
  /** The newest rule that fits a request hits it. */
  inject(rule: ArtifactFaultRule): void;
  /** Forgets all rules. */
  mend(): void;
  close(): Promise<void>;
}

/** Serves `directory` on `port`, any free one by default. */
export async function startArtifactServer({
  directory,
  port = 0,
}: {
  readonly directory: string;
  readonly port?: number;
}): Promise<ArtifactServer> {
  const requests: ServedRequest[] = [];
  const rules = new FaultRules();
  const server = createServer((request, response) => {
    const path = decodePath(request.url ?? '/');
    const served = serve({ directory, path, request, response, fault: rules.hit(path) });
    requests.push({ ...served, path });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    requests,
    inject: rule => rules.add(rule),
    mend: () => rules.clear(),
    close: () => closeServer(server),
  };
}

interface Exchange {
  readonly directory: string;
  /** Undefined for a path that no file can have. */
  readonly path: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly fault: ArtifactFault | undefined;
}

type Served = Omit<ServedRequest, 'path'>;

function serve(exchange: Exchange): Served {
  const { request, response, fault } = exchange;
  const method = request.method ?? 'GET';
  const range = fault?.kind === 'no-ranges' ? undefined : request.headers.range;
  const served = (status: number): Served => ({ method, status, ...(range === undefined ? {} : { range }) });
  if (fault?.kind === 'no-answer') {
    response.destroy();
    return served(0);
  }
  const refusal = fault?.kind === 'status' ? fault.status : method === 'GET' || method === 'HEAD' ? undefined : 405;
  const file = refusal === undefined ? statFile(join(exchange.directory, exchange.path)) : undefined;
  if (file === undefined) {
    response.writeHead(refusal ?? 404).end();
    return served(refusal ?? 404);
  }
  return served(serveFile(exchange, file, range));
}

/** Answers with the status that it returns. */
function serveFile({ directory, path, request, response, fault }: Exchange, stats: Stats, range?: string): number {
  const file = { sizeBytes: stats.size, etag: entityTag(stats) };
  const { 'if-none-match': ifNoneMatch, 'if-range': ifRange } = request.headers;
  const answer = answerRange({ range, ifNoneMatch, ifRange: ifRange?.toString() }, file);
  response.writeHead(answer.status, headersOf(answer, file));
  const { part } = answer;
  if (part === undefined || part.end < part.start || request.method === 'HEAD') {
    response.end();
    return answer.status;
  }
  const chunks: AsyncIterable<Uint8Array> = createReadStream(join(directory, path), part);
  const body = { chunks, offset: part.start, fileBytes: stats.size };
  const sent = fault === undefined ? chunks : spoilBody(body, fault);
  pipeline(Readable.from(sent, { objectMode: false }), response).catch(() => response.destroy());
  return answer.status;
}

const entityTag = ({ size, mtimeMs }: Stats): string => `"${size.toString(16)}-${Math.floor(mtimeMs).toString(16)}"`;

function headersOf({ status, part }: RangeAnswer, { sizeBytes, etag }: ServedFile): OutgoingHttpHeaders {
  const common = { etag, 'accept-ranges': 'bytes', 'content-type': 'application/octet-stream' };
  if (status === 416) return { ...common, 'content-range': `bytes */${sizeBytes}` };
  if (part === undefined) return common;
  const whole = { ...common, 'content-length': part.end - part.start + 1 };
  return status === 200 ? whole : { ...whole, 'content-range': `bytes ${part.start}-${part.end}/${sizeBytes}` };
}

class FaultRules {
  readonly #rules: { readonly rule: ArtifactFaultRule; left: number }[] = [];

  add(rule: ArtifactFaultRule): void {
    this.#rules.unshift({ rule, left: rule.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#rules.length = 0;
  }

  hit(path: string): ArtifactFault | undefined {
    const found = this.#rules.find(({ rule, left }) => left > 0 && rule.path.test(path));
    if (found !== undefined) found.left -= 1;
    return found?.rule.fault;
  }
}

/** The path without query, free of dot segments, so that it stays below the directory. */
function decodePath(url: string): string {
  const { pathname } = new URL(url, 'http://localhost');
  try {
    return normalize(decodeURIComponent(pathname)).replaceAll('\0', '');
  } catch {
    return '/';
  }
}

/** Undefined for what is no file, or is not there, or has a name that none can have. */
function statFile(path: string): Stats | undefined {
  try {
    const stats = statSync(path);
    return stats.isFile() ? stats : undefined;
  } catch {
    return undefined;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new InvariantError('the artifact server has no port');
  return address.port;
}

const closeServer = (server: Server): Promise<void> =>
  new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
