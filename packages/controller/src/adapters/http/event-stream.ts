// Events as they happen, as server-sent events: those after `Last-Event-ID` first, then everything new, until the reader
// goes away [HTML, 9.2 Server-sent events].

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EventView } from '../../domain/api.ts';
import type { Office, Progress } from '../../ports/office.ts';

const MOST_BACKLOG = 1_000;
const HEARTBEAT_MS = 15_000;
/** A reader that is this far behind is sent away; it comes back with Last-Event-ID and loses nothing. */
const MOST_BUFFERED_BYTES = 1024 * 1024;

export async function streamEvents(
  office: Office,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'keep-alive' });
  const send = (text: string): void => {
    raw.write(text);
    if (raw.writableLength > MOST_BUFFERED_BYTES) raw.destroy();
  };
  const held: EventView[] = [];
  let last = -1;
  let onEvent = (event: EventView): void => void held.push(event);
  const stop = office.follow({
    onEvent: event => onEvent(event),
    onProgress: progress => send(progressText(progress)),
  });
  const heartbeat = setInterval(() => send(': still here\n\n'), HEARTBEAT_MS);
  raw.on('close', () => {
    clearInterval(heartbeat);
    stop();
  });
  for (const event of [...(await backlog(office, request)), ...held]) {
    if (event.seq > last) send(eventText(event));
    last = Math.max(last, event.seq);
  }
  onEvent = event => send(eventText(event));
  return reply;
}

const backlog = async (office: Office, request: FastifyRequest): Promise<readonly EventView[]> => {
  const since = Number(request.headers['last-event-id'] ?? Number.NaN);
  return Number.isSafeInteger(since) ? office.events({ limit: MOST_BACKLOG, after: since }) : [];
};

const eventText = (event: EventView): string => `id: ${event.seq}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`;
const progressText = (progress: Progress): string => `event: progress\ndata: ${JSON.stringify(progress)}\n\n`;
