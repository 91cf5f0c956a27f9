import { InvariantError } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { Schemas } from '../contract/schemas.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { cut, refsIn } from './cut.ts';
import { COMPONENT_KINDS, readDescription, resolveRef } from './description.ts';
import { OPERATIONS, SOURCE, WEBHOOKS } from './operations.ts';

const description = readDescription();
const { provenance, components, operations, webhooks } = description;
const parts: Json = JSON.parse(JSON.stringify([operations, webhooks, components]));

describe('when the extract is read', () => {
  test('then it says where it comes from', () => {
    expect(provenance).toMatchObject({ package: SOURCE.package, version: SOURCE.version, file: SOURCE.file });
    expect(provenance.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(provenance.extractedOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  test('then it holds just what is listed', () => {
    expect(Object.keys(operations)).toEqual([...OPERATIONS]);
    expect(Object.keys(webhooks)).toEqual([...WEBHOOKS]);
    expect(provenance.operations).toEqual(OPERATIONS);
    expect(provenance.webhooks).toEqual(WEBHOOKS);
    expect([...OPERATIONS]).toEqual([...OPERATIONS].sort());
  });

  test('then every reference leads somewhere, and no component is idle', () => {
    const refs = new Set(refsIn(parts));
    for (const ref of refs) expect(resolveRef({ components }, ref)).toBeDefined();
    const all = COMPONENT_KINDS.flatMap(kind =>
      Object.keys(components[kind]).map(name => `#/components/${kind}/${name}`),
    );
    expect([...refs].sort()).toEqual(all.sort());
  });

  test('then every schema compiles in strict mode', () => {
    const schemas = new Schemas(description);
    for (const schema of schemasIn(parts)) expect(() => schemas.check(schema)(null)).not.toThrow();
  });
});

describe('when a description is cut', () => {
  const whole = {
    paths: {
      '/a/{id}': {
        get: {
          operationId: 'a/get',
          summary: 'Get an a',
          parameters: [{ $ref: '#/components/parameters/id' }],
          responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/a' } } } } },
        },
      },
    },
    'x-webhooks': {},
    components: {
      parameters: { id: { name: 'id', in: 'path', description: 'Which', schema: { type: 'integer' } } },
      schemas: {
        a: { type: 'object', properties: { title: { type: 'string' }, b: { $ref: '#/components/schemas/b' } } },
        b: { type: 'object', properties: { a: { $ref: '#/components/schemas/a' } }, example: {} },
        c: { type: 'string' },
      },
    },
  } satisfies JsonObject;

  test('then what is referred to comes along, in circles too, and words for people do not', () => {
    const { operations: found, components: kept } = cut(whole, { operations: ['a/get'], webhooks: [] });
    expect(found['a/get']).toMatchObject({ method: 'GET', path: '/a/{id}' });
    expect(kept.parameters).toEqual({ id: { name: 'id', in: 'path', schema: { type: 'integer' } } });
    expect(kept.schemas).toEqual({
      a: { type: 'object', properties: { title: { type: 'string' }, b: { $ref: '#/components/schemas/b' } } },
      b: { type: 'object', properties: { a: { $ref: '#/components/schemas/a' } } },
    });
  });

  test('then an operation that it does not have is a defect', () => {
    expect(() => cut(whole, { operations: ['a/list'], webhooks: [] })).toThrow(InvariantError);
    expect(() => cut(whole, { operations: [], webhooks: ['push'] })).toThrow(InvariantError);
  });
});

/** Every `schema` of parameters and bodies, and every component and webhook. */
function schemasIn(value: Json): readonly JsonObject[] {
  const below = (at: Json | undefined): readonly JsonObject[] => {
    if (Array.isArray(at)) return at.flatMap(below);
    if (!isObject(at)) return [];
    const { schema } = at;
    return [...(isObject(schema) ? [schema] : []), ...Object.values(at).flatMap(below)];
  };
  return [...below(value), ...Object.values(components.schemas), ...Object.values(webhooks)];
}
