// The API held against its own OpenAPI document, and against people who ask for the wrong thing.

import { Ajv2020 } from 'ajv/dist/2020.js';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES } from '../../src/adapters/http/routes.ts';
import { buildApi } from '../../src/adapters/http/server.ts';
import { CONTROLLER_ERRORS } from '../../src/errors.ts';
import { controllerClient } from '../../src/index.ts';
import { eventually } from '../support/eventually.ts';
import { answered, Lab, TOKEN } from '../support/lab.ts';

const HUBS = ['hub-1', 'hub-2', 'hub-3', 'hub-4'];
const ajv = new Ajv2020({ strict: false });

let lab: Lab;
let api: FastifyInstance;
let document: OpenApi;

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { readonly responses: Record<string, Response> }>>;
}
interface Response {
  readonly content: Record<string, { readonly schema: object }>;
}

beforeAll(async () => {
  lab = new Lab();
  lab.commit({ release: 'r-1', devices: [...HUBS.slice(0, 3), { id: 'hub-4', pin: 'r-1' }] });
  await lab.start();
  lab.boot([...HUBS, 'stray-1']);
  await lab.untilAtRest('r-1');
  await eventually(async () => answered(await lab.client.devices()).devices.length === 5);
  api = buildApi({ office: lab.controller.office, version: '1.2.3', token: TOKEN });
  document = (await api.inject('/api/v1/openapi.json')).json();
});
afterAll(async () => {
  await api.close();
  await lab.close();
});

const order = (path: string, body: unknown = { by: 'Ada', reason: 'a test' }, token: string | undefined = TOKEN) =>
  api.inject({
    method: 'POST',
    url: path,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    payload: body as object,
  });

/** What the document says about this answer. */
function complaints(path: string, method: string, answer: { readonly statusCode: number; json(): unknown }) {
  const schema = document.paths[path]?.[method]?.responses[answer.statusCode]?.content['application/json']?.schema;
  if (schema === undefined) return [`${method} ${path} does not document ${answer.statusCode}`];
  const validate = ajv.compile(schema);
  return validate(answer.json()) ? [] : validate.errors;
}

describe('when the API is asked', () => {
  const GETS = ROUTES.filter(({ method }) => method === 'GET').map(({ path }) => path);

  test.each(GETS)('then %s answers as the document says', async path => {
    const answer = await api.inject(path.replace('{device}', 'hub-1'));
    expect(answer.statusCode).toBe(200);
    expect(complaints(path, 'get', answer)).toEqual([]);
  });

  test('then the document is OpenAPI 3.1 and has every route', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toEqual([...new Set(ROUTES.map(({ path }) => path))].sort());
  });

  test.each([
    [
      'the pinned board',
      '/api/v1/devices?standing=upToDate&limit=2',
      { devices: [{ device: 'hub-1' }, { device: 'hub-2' }], total: 4, next: 'hub-2' },
    ],
    [
      'the next page',
      '/api/v1/devices?standing=upToDate&limit=2&after=hub-2',
      { devices: [{ device: 'hub-3' }, { device: 'hub-4', pinned: true }] },
    ],
    ['boards of a fleet', '/api/v1/devices?fleet=field', { total: 4 }],
    ['boards of no such fleet', '/api/v1/devices?fleet=nowhere', { devices: [], total: 0 }],
    ['boards of a release', '/api/v1/devices?release=r-1', { total: 4 }],
    [
      'one board',
      '/api/v1/devices/hub-4',
      { device: 'hub-4', fleet: 'field', pinned: true, report: { firmware: '0.0.1.1' } },
    ],
    ['why a stray is not updated', '/api/v1/devices/stray-1/why', { holds: [{ kind: 'unclaimed' }] }],
    [
      'the fleet',
      '/api/v1/fleets',
      { fleets: [{ name: 'field', boards: 4, standings: { upToDate: 4 }, pinned: { upToDate: 1 } }] },
    ],
    [
      'the releases',
      '/api/v1/releases',
      { releases: [{ name: 'r-1', wantedBy: 4, upToDate: 4, fleets: ['field'] }, {}, {}] },
    ],
  ])('for %s, then that is what comes', async (_what, url, expected) => {
    expect((await api.inject(url)).json()).toMatchObject(expected);
  });

  test('for the last page, then there is no next', async () => {
    expect((await api.inject('/api/v1/devices?limit=5')).json()).not.toHaveProperty('next');
  });

  test('for the snapshot, then it holds what every board has reported', async () => {
    const snapshot = (await api.inject('/api/v1/snapshot')).json();
    expect(snapshot).toMatchObject({
      schema: 1,
      devices: [...HUBS, 'stray-1'].map(device => ({ device, failures: [] })),
    });
    expect(snapshot.devices[0].observed.firmware.osIndications).toBeDefined();
  });

  test('for its health and its figures, then it answers', async () => {
    expect((await api.inject('/healthz')).statusCode).toBe(200);
    await eventually(async () => (await api.inject('/readyz')).statusCode === 200);
    const metrics = (await api.inject('/metrics')).body;
    expect(metrics).toContain('seatrial_boards{fleet="field",standing="upToDate"} 4');
    expect(metrics).toContain('seatrial_boards_unclaimed 1');
    expect(metrics).toContain('seatrial_ready 1');
  });
});

describe('when a request is wrong', () => {
  test.each([
    ['/api/v1/devices?limit=0', 400, 'request-malformed'],
    ['/api/v1/devices?limit=many', 400, 'request-malformed'],
    ['/api/v1/devices?standing=lost', 400, 'request-malformed'],
    ['/api/v1/devices/no-such-board', 404, 'device-unknown'],
    ['/api/v1/devices/..%2F..', 404, 'device-unknown'],
    ['/api/v1/events?after=-1', 400, 'request-malformed'],
    ['/api/v1/nothing', 404, 'request-malformed'],
  ])('%s, then it is answered with %i %s', async (url, status, code) => {
    const answer = await api.inject(url);
    expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
    expect(answer.json().error.remedy).toBe(CONTROLLER_ERRORS[code as keyof typeof CONTROLLER_ERRORS].remedy);
  });

  test.each([
    ['without a token', '/api/v1/rollouts/field/pause', undefined, undefined, 401, 'request-unauthorized'],
    ['with a wrong token', '/api/v1/rollouts/field/pause', undefined, 'guess', 401, 'request-unauthorized'],
    ['without a reason', '/api/v1/rollouts/field/pause', { by: 'Ada' }, TOKEN, 400, 'request-malformed'],
    [
      'with more than is asked',
      '/api/v1/rollouts/field/pause',
      { by: 'Ada', reason: 'x', force: true },
      TOKEN,
      400,
      'request-malformed',
    ],
    [
      'with a body too large',
      '/api/v1/rollouts/field/pause',
      { by: 'Ada', reason: 'x'.repeat(20_000) },
      TOKEN,
      400,
      'request-malformed',
    ],
    ['for no such fleet', '/api/v1/rollouts/nowhere/pause', undefined, TOKEN, 404, 'fleet-unknown'],
    ['for what is no name', '/api/v1/rollouts/NO%20NAME/pause', undefined, TOKEN, 404, 'fleet-unknown'],
    ['for a rollout that is done', '/api/v1/rollouts/field/pause', undefined, TOKEN, 409, 'rollout-done'],
  ] as const)('an order %s, then it is answered as the document says', async (_how, url, body, token, status, code) => {
    const answer =
      token === undefined
        ? await api.inject({ method: 'POST', url, payload: { by: 'Ada', reason: 'x' } })
        : await order(url, body, token);
    expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
    expect(complaints('/api/v1/rollouts/{fleet}/pause', 'post', answer)).toEqual([]);
  });

  test('and the controller has no token, then it takes no orders', async () => {
    const closed = buildApi({ office: lab.controller.office, version: '1.2.3' });
    const answer = await closed.inject({
      method: 'POST',
      url: '/api/v1/rollouts/field/pause',
      payload: {},
      headers: { authorization: 'Bearer x' },
    });
    expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'orders-disabled']);
    await closed.close();
  });
});

describe('when the client asks', () => {
  test('then it has every answer in hand', async () => {
    const { client } = lab;
    expect(answered(await client.fleets())[0]).toMatchObject({ name: 'field' });
    expect(answered(await client.releases())).toHaveLength(3);
    expect(answered(await client.rollouts())[0]).toMatchObject({ id: 'field-r1' });
    expect(answered(await client.device('hub-1'))).toMatchObject({ device: 'hub-1' });
    expect(answered(await client.snapshot()).devices).toHaveLength(5);
    expect(answered(await client.lookAtGit())).toEqual({ looking: true });
    expect(await client.device('no-such-board')).toMatchObject({ error: { code: 'device-unknown' } });
    expect(
      await controllerClient({ url: lab.controller.url }).order('pause', 'field', { by: 'x', reason: 'y' }),
    ).toMatchObject({
      error: { code: 'request-unauthorized' },
    });
    expect(await controllerClient({ url: 'http://127.0.0.1:1' }).status()).toMatchObject({
      error: { code: 'controller-unreachable' },
    });
  });

  test('then it can follow events, from one that it knows on', async () => {
    const [first] = answered(await lab.client.events({ limit: 1000 }));
    const stop = new AbortController();
    const seen: number[] = [];
    const following = (async () => {
      for await (const event of lab.client.follow({ after: first?.seq ?? 0, signal: stop.signal }))
        seen.push(event.seq);
    })().catch(() => {});
    await eventually(() => seen.length > 2);
    const known = seen.length;
    lab.board('stray-1').send('presence', Buffer.from('nonsense'));
    await eventually(() => seen.length > known);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen[0]).toBe((first?.seq ?? 0) + 1);
    stop.abort();
    await following;
  });
});
