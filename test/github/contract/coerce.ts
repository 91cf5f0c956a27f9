// Parameters in paths and queries are texts; the schemas speak of numbers and booleans.

import type { Json, JsonObject } from '../json.ts';

/** A text that does not fit stays a text, for the schema to refuse. */
export function coerce(text: string, { type }: JsonObject): Json {
  if ((type === 'integer' || type === 'number') && /^-?\d+$/.test(text)) return Number(text);
  if (type === 'boolean' && /^(?:true|false)$/.test(text)) return text === 'true';
  return text;
}
