import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { Schemas } from './schemas.ts';

const text = { type: 'string' } as const;

const components = {
  schemas: {
    person: { type: 'object', properties: { name: text }, required: ['name'] },
    'nullable-person': { type: 'object', properties: { name: text }, required: ['name'], nullable: true },
    tree: { type: 'object', properties: { below: { type: 'array', items: { $ref: '#/components/schemas/tree' } } } },
  },
  parameters: {},
  responses: {},
  headers: {},
} satisfies Record<string, Record<string, JsonObject>>;

const schemas = new Schemas({ components });

describe('when a schema of OpenAPI 3.0 is translated', () => {
  const cases: readonly (readonly [string, JsonObject, readonly Json[], readonly Json[]])[] = [
    ['a type', text, ['a', ''], [null, 1]],
    ['a type that may be null', { ...text, nullable: true }, ['a', null], [1]],
    ['values that may be null', { ...text, enum: ['a'], nullable: true }, ['a', null], ['b']],
    ['values of which one is null', { ...text, enum: ['a', null], nullable: true }, ['a', null], ['b']],
    ['an alternative that may be null', { oneOf: [text, { type: 'integer' }], nullable: true }, ['a', 1, null], [true]],
    ['a reference', { $ref: '#/components/schemas/person' }, [{ name: 'a' }], [null, {}, { name: 'a', age: 1 }]],
    ['a reference to what may be null', { $ref: '#/components/schemas/nullable-person' }, [null, { name: 'a' }], [1]],
    ['members beside a reference', { $ref: '#/components/schemas/person', nullable: true }, [{ name: 'a' }], [null]],
    [
      'a reference to itself',
      { $ref: '#/components/schemas/tree' },
      [{ below: [{ below: [] }] }],
      [{ below: [{ a: 1 }] }],
    ],
    ['an object', { type: 'object', properties: { a: text } }, [{}, { a: 'x' }], [{ b: 1 }, { a: 1 }, []]],
    ['an object without a type', { properties: { a: text }, required: ['a'] }, [{ a: 'x' }], ['x', {}]],
    ['any object', { type: 'object' }, [{}, { a: 1 }], [1]],
    [
      'an object that is open',
      { type: 'object', properties: { a: text }, additionalProperties: true },
      [{ b: 1 }],
      [{ a: 1 }],
    ],
    ['a map', { type: 'object', additionalProperties: text }, [{ b: 'x' }], [{ b: 1 }]],
    [
      'an object in parts',
      {
        allOf: [{ $ref: '#/components/schemas/person' }, { type: 'object', properties: { age: { type: 'integer' } } }],
      },
      [{ name: 'a', age: 1 }, { name: 'a' }],
      [{ name: 'a', size: 1 }, { age: 1 }],
    ],
    [
      'an object with alternatives of which each names members',
      {
        type: 'object',
        properties: { a: text },
        oneOf: [
          { properties: { b: { enum: ['x'] } }, required: ['b'], additionalProperties: true },
          { properties: { b: { enum: ['y'] } }, additionalProperties: true },
        ],
      },
      [{ a: 'p', b: 'x' }, {}],
      [{ b: 'z' }, { a: 'p', b: 'x', c: 1 }],
    ],
    [
      'alternatives that stand alone',
      {
        oneOf: [
          { type: 'object', properties: { a: text }, required: ['a'] },
          { type: 'array', items: text },
        ],
      },
      [{ a: 'x' }, ['x']],
      [{ a: 'x', b: 1 }, [1]],
    ],
    [
      'whole seconds',
      { ...text, format: 'date-time' },
      ['2026-11-21T17:00:00Z'],
      ['2026-11-21', '2026-13-01T00:00:00Z', 'now'],
    ],
    ['an address', { ...text, format: 'uri' }, ['https://a.example/b'], ['/b', 'a b:c', '']],
    [
      'an address with a blank to fill in',
      { ...text, format: 'uri-template' },
      ['https://a/{b}'],
      ['https://a/{b', '{b}'],
    ],
    ['a length', { ...text, maxLength: 2 }, ['ab'], ['abc']],
  ];

  test.each(cases)('then %s takes what it should, and nothing else', (_name, schema, good, bad) => {
    const check = schemas.check(schema);
    expect(good.filter(value => check(value).length > 0)).toEqual([]);
    expect(bad.filter(value => check(value).length === 0)).toEqual([]);
  });

  test('then a format that nobody knows is a defect, not a pass', () => {
    expect(() => schemas.check({ ...text, format: 'moon-phase' })).toThrow(Error);
  });
});
