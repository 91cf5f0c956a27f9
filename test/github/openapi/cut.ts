// Cuts the operations that are used, and all that they refer to, out of GitHub's whole description.

import { InvariantError } from '@seatrial/spec';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { type ComponentKind, resolveRef } from './description.ts';

/** Words for people, and examples: they constrain nothing. */
export const LEFT_OUT = [
  'description',
  'example',
  'examples',
  'externalDocs',
  'summary',
  'tags',
  'title',
  'x-github',
  'x-github-breaking-changes',
  'x-octokit',
];

const METHODS = ['get', 'post', 'patch', 'put', 'delete'] as const;

export interface Cut {
  readonly operations: Readonly<Record<string, JsonObject>>;
  readonly webhooks: Readonly<Record<string, JsonObject>>;
  readonly components: Readonly<Record<ComponentKind, Readonly<Record<string, JsonObject>>>>;
}

/** Throws InvariantError for an operation or a webhook that the description does not have. */
export function cut(
  whole: JsonObject,
  wanted: { readonly operations: readonly string[]; readonly webhooks: readonly string[] },
): Cut {
  const operations = Object.fromEntries(wanted.operations.map(id => [id, findOperation(whole, id)]));
  const webhooks = Object.fromEntries(wanted.webhooks.map(name => [name, findWebhook(whole, name)]));
  return { operations, webhooks, components: closure(whole, [operations, webhooks]) };
}

function findOperation(whole: JsonObject, id: string): JsonObject {
  for (const [path, item] of Object.entries(objectAt(whole, 'paths'))) {
    for (const method of METHODS) {
      const operation = isObject(item) ? item[method] : undefined;
      if (!isObject(operation) || operation['operationId'] !== id) continue;
      const { parameters = [], requestBody, responses } = operation;
      return plainObject({ method: method.toUpperCase(), path, parameters, requestBody, responses });
    }
  }
  throw new InvariantError(`no operation ${id}`);
}

function findWebhook(whole: JsonObject, name: string): JsonObject {
  const post = objectAt(objectAt(objectAt(whole, 'x-webhooks'), name), 'post');
  return plainObject(
    objectAt(objectAt(objectAt(objectAt(post, 'requestBody'), 'content'), 'application/json'), 'schema'),
  );
}

/** Everything that is referred to, directly or by what is referred to; each kind sorted by name. */
function closure(whole: JsonObject, roots: readonly Json[]): Cut['components'] {
  const found = new Map<string, JsonObject>();
  const pending = roots.flatMap(refsIn);
  for (let ref = pending.pop(); ref !== undefined; ref = pending.pop()) {
    if (found.has(ref)) continue;
    const component = plainObject(resolveRef(whole, ref));
    found.set(ref, component);
    pending.push(...refsIn(component));
  }
  const of = (kind: ComponentKind): Record<string, JsonObject> => {
    const prefix = `#/components/${kind}/`;
    const named = [...found].flatMap(([ref, component]) =>
      ref.startsWith(prefix) ? [[ref.slice(prefix.length), component] as const] : [],
    );
    return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return { schemas: of('schemas'), parameters: of('parameters'), responses: of('responses'), headers: of('headers') };
}

/** Every `$ref` below a value. */
export function refsIn(value: Json | undefined): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(refsIn);
  if (!isObject(value)) return [];
  const { $ref } = value;
  return [...(typeof $ref === 'string' ? [$ref] : []), ...Object.values(value).flatMap(refsIn)];
}

function plainObject(value: JsonObject): JsonObject {
  const plain = withoutWords(value);
  if (!isObject(plain)) throw new InvariantError('an object stays an object');
  return plain;
}

/** Members named `title` and the like stay where they are names of properties. */
function withoutWords(value: Json, holds: 'keywords' | 'names' = 'keywords'): Json {
  if (Array.isArray(value)) return value.map(item => withoutWords(item));
  if (!isObject(value)) return value;
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined || (holds === 'keywords' && LEFT_OUT.includes(name))
      ? []
      : [[name, withoutWords(member, holds === 'keywords' && name === 'properties' ? 'names' : 'keywords')] as const],
  );
  return Object.fromEntries(members);
}

function objectAt(object: JsonObject, name: string): JsonObject {
  const member = object[name];
  if (!isObject(member)) throw new InvariantError(`the description has no ${name}`);
  return member;
}
