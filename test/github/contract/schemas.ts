// Compiles GitHub's schemas with ajv, each when it is first needed.

import { InvariantError } from '@seatrial/spec';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Description } from '../openapi/description.ts';
import { FORMATS } from './formats.ts';
import { identifierOf, SchemaTranslator } from './json-schema.ts';

/** One line per thing that a schema finds wrong with a value. */
export type Check = (value: Json | undefined) => readonly string[];

export class Schemas {
  readonly #ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    // GitHub's alternatives name required members that the schema around them describes.
    strictRequired: false,
    // `nullable` becomes a union of two types.
    allowUnionTypes: true,
    validateFormats: true,
    formats: FORMATS,
  });
  readonly #translator: SchemaTranslator;
  readonly #checks = new Map<JsonObject, Check>();

  constructor({ components }: Pick<Description, 'components'>) {
    this.#translator = new SchemaTranslator({ components });
    for (const [name, schema] of Object.entries(components.schemas)) {
      this.#ajv.addSchema(this.#translator.translate(schema), identifierOf(`#/components/schemas/${name}`));
    }
  }

  /** The check of an OpenAPI schema. */
  check(schema: JsonObject): Check {
    const known = this.#checks.get(schema);
    if (known !== undefined) return known;
    const validate = this.#ajv.compile(this.#translator.translate(schema));
    const check: Check = value => complaints(validate, value);
    this.#checks.set(schema, check);
    return check;
  }
}

function complaints(validate: ValidateFunction, value: Json | undefined): readonly string[] {
  if (validate(value)) return [];
  const lines = (validate.errors ?? []).map(({ instancePath, message, params, keyword }) => {
    if (!isObject(params)) throw new InvariantError('ajv names the parameters of an error');
    return `${instancePath || '/'} ${message ?? keyword} ${JSON.stringify(params)}`;
  });
  return [...new Set(lines)];
}
