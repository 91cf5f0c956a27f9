// Translates schemas of OpenAPI 3.0 into JSON Schema 2020-12, closed: a member that the description does not name is an error.

import { isObject, type Json, type JsonObject } from '../json.ts';
import { deref } from '../openapi/description.ts';

/** Keywords that mean the same in both. */
const SAME = [
  'format',
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'required',
] as const;

const COMBINATORS = ['oneOf', 'anyOf', 'allOf'] as const;

/** Where a schema stands: for a value of its own, or as a part of the schema around it, whose members count together. */
type Place = 'value' | 'part';

/** Under which a component is registered with ajv: a URI of its own, so that no schema's base changes it. */
export const identifierOf = (ref: string): string => ref.replace(/^#\/components\/schemas\//, 'github:');

/** `root` holds the components. */
export class SchemaTranslator {
  readonly #root: JsonObject;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /** OpenAPI 3.0.3: members beside a `$ref` are ignored, and `nullable` adds null to a type (specification, Schema Object). */
  translate(schema: JsonObject, place: Place = 'value'): JsonObject {
    const { $ref } = schema;
    if (typeof $ref === 'string' && place === 'value') return { $ref: identifierOf($ref) };
    if (typeof $ref === 'string') return this.translate(deref(this.#root, schema), place);
    const open = { ...this.#keywords(schema), ...this.#members(schema, place), ...this.#combined(schema, place) };
    const closed =
      place === 'value' && this.#isClosable(schema) ? { ...open, type: 'object', unevaluatedProperties: false } : open;
    return schema['nullable'] === true ? orNull(closed) : closed;
  }

  #keywords(schema: JsonObject): JsonObject {
    const type = schema['type'] ?? (isObject(schema['properties']) || schema['required'] ? 'object' : undefined);
    const same = SAME.flatMap(keyword => (schema[keyword] === undefined ? [] : [[keyword, schema[keyword]] as const]));
    return { ...defined({ type, enum: schema['enum'] }), ...Object.fromEntries(same) };
  }

  #members(schema: JsonObject, place: Place): JsonObject {
    const { properties, items } = schema;
    // Of a text, members say nothing.
    const additionalProperties = schema['type'] === 'string' ? undefined : schema['additionalProperties'];
    return defined({
      properties: isObject(properties) ? this.#each(properties) : undefined,
      items: isObject(items) ? this.translate(items) : undefined,
      additionalProperties: isObject(additionalProperties)
        ? this.translate(additionalProperties)
        : // In a part, `true` only says that the members are named elsewhere.
          place === 'part' && additionalProperties === true
          ? undefined
          : additionalProperties,
    });
  }

  #combined(schema: JsonObject, place: Place): JsonObject {
    const present = COMBINATORS.flatMap(name => {
      const schemas = schema[name];
      if (!Array.isArray(schemas)) return [];
      const inner: Place = place === 'part' || this.#countTogether(schema) ? 'part' : 'value';
      return [[name, schemas.filter(isObject).map(part => this.translate(part, inner))] as const];
    });
    return Object.fromEntries(present);
  }

  /** Alternatives without members around them are values of their own, each closed. */
  #countTogether(schema: JsonObject): boolean {
    return isObject(schema['properties']) || Array.isArray(schema['allOf']);
  }

  #isClosable(schema: JsonObject): boolean {
    if (schema['additionalProperties'] !== undefined) return false;
    return isObject(schema['properties']) || Array.isArray(schema['allOf']);
  }

  #each(properties: JsonObject): JsonObject {
    return Object.fromEntries(
      Object.entries(properties).flatMap(([name, schema]) =>
        isObject(schema) ? [[name, this.translate(schema)]] : [],
      ),
    );
  }
}

/** Whatever the schema takes, or null. */
function orNull(schema: JsonObject): JsonObject {
  const { type, enum: values } = schema;
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const orNullValue = Array.isArray(values) && !values.includes(null) ? { enum: [...values, null] } : {};
  return { ...schema, type: [type, 'null'], ...orNullValue };
}

const defined = (members: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined));
