// The API from the other side: one function for each question and order, answers checked against the same schemas.

import { err, ok, type Result } from '@seatrial/spec';
import { z } from 'zod';
import {
  DevicePage,
  DeviceView,
  ErrorBody,
  EventView,
  FleetView,
  type OrderBody,
  ReleaseView,
  RolloutView,
  SnapshotView,
  StatusView,
  WhyView,
} from './domain/api.ts';
import type { DeviceQuery } from './domain/device-views.ts';
import type { OrderKind } from './domain/rollout-orders.ts';

export interface ClientOptions {
  /** `http://host:port` of the controller. */
  readonly url: string;
  /** For orders. */
  readonly token?: string;
  readonly timeoutMs?: number;
}

/** `code` is a ControllerErrorCode, or `controller-unreachable`, or `answer-malformed`. */
export interface ClientError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export type Answer<T> = Promise<Result<T, ClientError>>;

export interface EventFilter {
  readonly limit?: number;
  readonly after?: number;
  readonly fleet?: string;
  readonly device?: string;
}

export interface ControllerClient {
  status(): Answer<StatusView>;
  fleets(): Answer<readonly FleetView[]>;
  releases(): Answer<readonly ReleaseView[]>;
  rollouts(): Answer<readonly RolloutView[]>;
  /** One page; follow `next` for more. */
  devices(query?: Partial<DeviceQuery>): Answer<DevicePage>;
  device(id: string): Answer<DeviceView>;
  why(id: string): Answer<WhyView>;
  events(filter?: EventFilter): Answer<readonly EventView[]>;
  snapshot(): Answer<SnapshotView>;
  order(kind: OrderKind, fleet: string, order: OrderBody): Answer<RolloutView>;
  /** Has the controller look at git now. */
  lookAtGit(): Answer<{ readonly looking: true }>;
  /** Events as they happen, those after `after` first, until the signal aborts or the connection ends. */
  follow(options: { readonly after?: number; readonly signal: AbortSignal }): AsyncIterable<EventView>;
}

const DEFAULT_TIMEOUT_MS = 30_000;

export function controllerClient(options: ClientOptions): ControllerClient {
  const get = <T>(path: string, schema: z.ZodType<T>, query: object = {}) =>
    ask(options, { method: 'GET', path: `${path}${queryOf(query)}` }, schema);
  const post = <T>(path: string, body: unknown, schema: z.ZodType<T>) =>
    ask(options, { method: 'POST', path, body }, schema);
  const list = <T>(name: string, item: z.ZodType<T>) =>
    z.object({ [name]: z.array(item) }).transform(answer => answer[name] ?? []);
  const of = (id: string) => encodeURIComponent(id);
  return {
    status: () => get('/status', StatusView),
    fleets: () => get('/fleets', list('fleets', FleetView)),
    releases: () => get('/releases', list('releases', ReleaseView)),
    rollouts: () => get('/rollouts', list('rollouts', RolloutView)),
    devices: query => get('/devices', DevicePage, query),
    device: id => get(`/devices/${of(id)}`, DeviceView),
    why: id => get(`/devices/${of(id)}/why`, WhyView),
    events: filter => get('/events', list('events', EventView), filter),
    snapshot: () => get('/snapshot', SnapshotView),
    order: (kind, fleet, order) => post(`/rollouts/${of(fleet)}/${kind}`, order, RolloutView),
    lookAtGit: () => post('/source/look', {}, z.object({ looking: z.literal(true) })),
    follow: follow => followEvents(options, follow),
  };
}

interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

async function ask<T>(options: ClientOptions, { method, path, body }: Question, schema: z.ZodType<T>): Answer<T> {
  const { url, token, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  try {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer: unknown = await response.json();
    return response.ok ? read(schema, answer) : refusal(answer);
  } catch (error) {
    return unreachable(url, error);
  }
}

function read<T>(schema: z.ZodType<T>, answer: unknown): Result<T, ClientError> {
  const parsed = schema.safeParse(answer);
  return parsed.success ? ok(parsed.data) : malformed(parsed.error.issues[0]?.message ?? 'not what was expected');
}

function refusal(answer: unknown): Result<never, ClientError> {
  const parsed = ErrorBody.safeParse(answer);
  return parsed.success ? err(parsed.data.error) : malformed('an error without a code');
}

const malformed = (message: string): Result<never, ClientError> =>
  err({ code: 'answer-malformed', message, remedy: 'See that the address is that of a controller of this version.' });

const unreachable = (url: string, error: unknown): Result<never, ClientError> =>
  err({
    code: 'controller-unreachable',
    message: `${url}: ${reasonOf(error)}`,
    remedy: 'See that the controller runs and that the address is right.',
  });

/** What `fetch` says is "fetch failed"; the network's own words, such as connection refused, are in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message || error.cause.name}` : error.message;
}

const queryOf = (query: object): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const parameters = given.map(([key, value]): [string, string] => [key, String(value)]);
  return given.length === 0 ? '' : `?${new URLSearchParams(parameters).toString()}`;
};

async function* followEvents(
  { url }: ClientOptions,
  { after, signal }: { readonly after?: number; readonly signal: AbortSignal },
): AsyncIterable<EventView> {
  const headers = { accept: 'text/event-stream', ...(after === undefined ? {} : { 'last-event-id': String(after) }) };
  const response = await fetch(`${url}/api/v1/events`, { headers, signal });
  if (!response.ok || response.body === null) return;
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== undefined) yield event;
    }
  }
}

/** Undefined for progress and heartbeats. */
function eventOf(block: string): EventView | undefined {
  if (!block.includes('event: event\n')) return undefined;
  const data = block.split('\n').find(line => line.startsWith('data: '));
  const parsed = data === undefined ? undefined : EventView.safeParse(JSON.parse(data.slice(6)));
  return parsed?.data;
}
