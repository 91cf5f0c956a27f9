// Every address of the API in one table: the server is built from it, and so is its OpenAPI document.

import { type DeviceId, err, ok, parseDeviceId, parseName, type Result } from '@seatrial/spec';
import { z } from 'zod';
import {
  DevicePage,
  DeviceView,
  EventView,
  FleetView,
  OrderBody,
  ReleaseView,
  RolloutView,
  SnapshotView,
  StatusView,
  WhyView,
} from '../../domain/api.ts';
import type { OrderKind } from '../../domain/rollout-orders.ts';
import { STANDINGS } from '../../domain/standing.ts';
import type { ControllerErrorCode } from '../../errors.ts';
import type { Office } from '../../ports/office.ts';

export interface Route {
  readonly method: 'GET' | 'POST';
  /** In OpenAPI's form, below the root. */
  readonly path: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly body?: z.ZodType;
  readonly response: z.ZodType;
  /** Changes something: needs the bearer token. */
  readonly isOrder: boolean;
  readonly errors: readonly ControllerErrorCode[];
  readonly answer: (office: Office, request: RouteRequest) => Promise<Result<unknown, ControllerErrorCode>>;
}

export interface Parameter {
  readonly in: 'path' | 'query';
  readonly name: string;
  readonly schema: z.ZodType;
}

/** Parameters have passed their schemas. */
export interface RouteRequest {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

const API = '/api/v1';
const MOST_PER_PAGE = 1_000;

const id = z.string().min(1).max(64);
const optional = (name: string, schema: z.ZodType): Parameter => ({ in: 'query', name, schema: schema.optional() });
const limit: Parameter = {
  in: 'query',
  name: 'limit',
  schema: z.coerce.number().pipe(z.int().min(1).max(MOST_PER_PAGE)).default(100),
};
const listOf = <T extends z.ZodType>(name: string, item: T) => z.object({ [name]: z.array(item) });

/** A route that only reads. */
const get = (route: Omit<Route, 'method' | 'isOrder' | 'parameters' | 'errors'> & Partial<Route>): Route => ({
  method: 'GET',
  isOrder: false,
  parameters: [],
  errors: [],
  ...route,
});

const ofDevice = {
  parameters: [{ in: 'path', name: 'device', schema: id }] as const,
  errors: ['device-unknown'] as const,
};

const found = <T>(value: T | undefined, code: ControllerErrorCode): Result<T, ControllerErrorCode> =>
  value === undefined ? err(code) : ok(value);

const deviceOf = ({ parameters }: RouteRequest): DeviceId | undefined => parseDeviceId(String(parameters['device']));

const READS: readonly Route[] = [
  get({
    path: `${API}/status`,
    summary: 'The repository, the broker, the audit branch, and what is wrong with any of them',
    response: StatusView,
    answer: async office => ok(office.status()),
  }),
  get({
    path: `${API}/fleets`,
    summary: 'Every fleet with its boards by standing and its rollout',
    response: listOf('fleets', FleetView),
    answer: async office => ok({ fleets: office.fleets() }),
  }),
  get({
    path: `${API}/releases`,
    summary: 'Every release and how many boards run it',
    response: listOf('releases', ReleaseView),
    answer: async office => ok({ releases: office.releases() }),
  }),
  get({
    path: `${API}/rollouts`,
    summary: 'The newest rollout of every fleet',
    response: listOf('rollouts', RolloutView),
    answer: async office => ok({ rollouts: office.rollouts() }),
  }),
  get({
    path: `${API}/devices`,
    summary: 'Boards in the order of their ids, page by page',
    parameters: [
      limit,
      optional('after', id),
      optional('fleet', z.string().max(63)),
      optional('release', z.string().max(63)),
      optional('standing', z.enum(STANDINGS)),
    ],
    response: DevicePage,
    answer: async (office, { parameters }) =>
      ok(office.devices(parameters as unknown as Parameters<Office['devices']>[0])), // the parameters above
  }),
  get({
    ...ofDevice,
    path: `${API}/devices/{device}`,
    summary: 'One board with its plan and its last report',
    response: DeviceView,
    answer: async (office, request) => {
      const device = deviceOf(request);
      return found(device && (await office.device(device)), 'device-unknown');
    },
  }),
  get({
    ...ofDevice,
    path: `${API}/devices/{device}/why`,
    summary: 'What holds a board from where git wants it',
    response: WhyView,
    answer: async (office, request) => {
      const device = deviceOf(request);
      return found(device && (await office.why(device)), 'device-unknown');
    },
  }),
  get({
    path: `${API}/events`,
    summary: 'The newest events, or those after one; a stream of them for `Accept: text/event-stream`',
    parameters: [
      limit,
      optional('after', z.coerce.number().pipe(z.int().min(0))),
      optional('fleet', z.string().max(63)),
      optional('device', id),
    ],
    response: listOf('events', EventView),
    answer: async (office, { parameters }) =>
      ok({ events: await office.events(parameters as unknown as Parameters<Office['events']>[0]) }), // the parameters above
  }),
  get({
    path: `${API}/snapshot`,
    summary: 'The reported state of every board, as `seatrial plan --observed` reads it',
    response: SnapshotView,
    answer: async office => ok(await office.snapshot()),
  }),
];

const ORDERS = {
  pause: 'Lets no further board in; those in motion go on',
  resume: 'Goes on after a pause; what has failed until now is accepted',
  promote: 'Lets the stage pass whatever it shows; approvals are still needed',
  retry: 'Lets the boards that failed try again',
} as const satisfies Record<OrderKind, string>;

const order = ([kind, summary]: readonly [string, string]): Route => ({
  method: 'POST',
  path: `${API}/rollouts/{fleet}/${kind}`,
  summary,
  parameters: [{ in: 'path', name: 'fleet', schema: z.string().min(1).max(63) }],
  body: OrderBody,
  response: RolloutView,
  isOrder: true,
  errors: [
    'fleet-unknown',
    'rollout-unknown',
    'rollout-done',
    'rollout-paused',
    'rollout-not-paused',
    'rollout-not-begun',
    'controller-not-ready',
  ],
  answer: async (office, { parameters, body }) => {
    const fleet = parseName(String(parameters['fleet']));
    if (fleet === undefined) return err('fleet-unknown');
    return office.order(kind as OrderKind, fleet, body as OrderBody); // a key of ORDERS, and a body that passed its schema
  },
});

const LOOK: Route = {
  method: 'POST',
  path: `${API}/source/look`,
  summary: 'Has the repository looked at now; for a webhook',
  parameters: [],
  response: z.object({ looking: z.literal(true) }),
  isOrder: true,
  errors: [],
  answer: async office => {
    office.lookAtGit();
    return ok({ looking: true });
  },
};

export const ROUTES: readonly Route[] = [...READS, ...Object.entries(ORDERS).map(order), LOOK];
