// The fields of a kind as a table for its page, made from the JSON Schema so that page and schema can not disagree.

import type { Json } from '../src/fingerprint.ts';
import type { JsonSchema } from '../src/json-schema.ts';

export interface Field {
  /** `spec.rollout.stages[].limit`; `*` stands for a key of the writer's choosing. */
  readonly path: string;
  readonly type: string;
  /** Empty where the field must be written and where it may simply be absent. */
  readonly fallback: string;
  readonly required: boolean;
  readonly meaning: string;
}

/** Every field of a schema, parents before children. */
export function fieldsOf(schema: JsonSchema, path = ''): Field[] {
  const required = texts(schema['required']);
  const own = Object.entries(object(schema['properties'])).flatMap(([key, value]) => {
    const child = object(value);
    const at = path === '' ? key : `${path}.${key}`;
    return [field(at, child, required.includes(key)), ...fieldsOf(child, at)];
  });
  const items = object(schema['items']);
  const entries = object(schema['additionalProperties']);
  return [...own, ...fieldsUnder(items, `${path}[]`), ...fieldsUnder(entries, `${path}.*`)];
}

const fieldsUnder = (schema: JsonSchema, path: string): Field[] =>
  isObject(schema['properties']) ? fieldsOf(schema, path) : [];

const field = (path: string, schema: JsonSchema, required: boolean): Field => ({
  path,
  type: typeText(schema),
  fallback: schema['default'] === undefined ? '' : fallbackText(schema['default']),
  required,
  meaning: shown(schema['description']),
});

const fallbackText = (value: Json): string =>
  isObject(value) && Object.keys(value).length === 0 ? 'as below' : code(shown(value));

export function typeText(schema: JsonSchema): string {
  const members = schema['anyOf'];
  if (Array.isArray(members)) return members.map(member => typeText(object(member))).join(' or ');
  if (schema['const'] !== undefined) return code(shown(schema['const']));
  if (Array.isArray(schema['enum'])) return texts(schema['enum']).map(code).join(', ');
  if (schema['type'] === 'array') return listText(schema);
  if (schema['type'] === 'object') return isObject(schema['propertyNames']) ? mappingText(schema) : 'mapping';
  return scalarText(schema);
}

function listText(schema: JsonSchema): string {
  const items = typeText(object(schema['items']));
  const bounds = [
    schema['minItems'] === undefined ? '' : `at least ${shown(schema['minItems'])}`,
    upTo(schema['maxItems']),
  ];
  return [`list of ${items}`, ...bounds].filter(text => text !== '').join(', ');
}

const mappingText = (schema: JsonSchema): string =>
  `mapping of ${typeText(object(schema['propertyNames']))} to ${typeText(object(schema['additionalProperties']))}`;

function scalarText(schema: JsonSchema): string {
  const [example] = texts(schema['examples']);
  if (schema['type'] === 'string') return example === undefined ? 'text' : `text like ${code(example)}`;
  if (schema['type'] === 'boolean') return 'boolean';
  const bounds = [schema['minimum'], schema['maximum']].filter(
    bound => bound !== undefined && bound !== Number.MAX_SAFE_INTEGER,
  );
  const noun = schema['type'] === 'integer' ? 'whole number' : 'number';
  return [noun, bounds.length === 1 ? 'from' : '', bounds.map(shown).join(' to ')]
    .filter(text => text !== '')
    .join(' ');
}

const shown = (value: Json | undefined): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
const upTo = (bound: Json | undefined): string => (bound === undefined ? '' : `at most ${shown(bound)}`);
const code = (text: string): string => `\`${text.replace(/\|/g, '\\|')}\``;
const texts = (value: Json | undefined): string[] => (Array.isArray(value) ? value.map(shown) : []);
const isObject = (value: Json | undefined): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const object = (value: Json | undefined): JsonSchema => (isObject(value) ? value : {});

/** The table in Markdown. */
export function fieldTable(fields: readonly Field[]): string {
  const rows = fields.map(({ path, type, fallback, required, meaning }) => {
    const absent = required ? 'required' : fallback === '' ? 'optional' : fallback;
    return `| ${code(path)} | ${type} | ${absent} | ${meaning} |`;
  });
  return ['| field | type | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
