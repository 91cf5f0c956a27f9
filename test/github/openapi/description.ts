// The extract of GitHub's description, as it is read from the file and written by `extract.ts`.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvariantError } from '@seatrial/spec';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { OperationId, WebhookName } from './operations.ts';

export const EXTRACT = join(import.meta.dirname, 'github.json');

export interface Description {
  readonly provenance: Provenance;
  readonly operations: Readonly<Record<OperationId, Operation>>;
  /** The schema of each payload. */
  readonly webhooks: Readonly<Record<WebhookName, JsonObject>>;
  readonly components: Readonly<Record<ComponentKind, Readonly<Record<string, JsonObject>>>>;
}

export const COMPONENT_KINDS = ['schemas', 'parameters', 'responses', 'headers'] as const;
export type ComponentKind = (typeof COMPONENT_KINDS)[number];

/** Where the extract comes from, and which parts of it were taken. */
export interface Provenance {
  readonly package: string;
  readonly version: string;
  readonly file: string;
  readonly sha256: string;
  readonly openapi: string;
  readonly license: string;
  /** YYYY-MM-DD. */
  readonly extractedOn: string;
  readonly operations: readonly string[];
  readonly webhooks: readonly string[];
  /** Members of the description that were left out everywhere: they constrain nothing. */
  readonly leftOut: readonly string[];
}

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** With `{name}` for each parameter. */
  readonly path: string;
  readonly parameters: readonly JsonObject[];
  readonly requestBody?: JsonObject;
  /** By status. */
  readonly responses: Readonly<Record<string, JsonObject>>;
}

/** The committed extract. */
export const readDescription = (): Description => {
  // Written by extract.ts and held against its list by a test.
  const description: Description = JSON.parse(readFileSync(EXTRACT, 'utf8'));
  return description;
};

/** What a `$ref` points at: `#/components/<kind>/<name>`, escaped as in RFC 6901. */
export function resolveRef(root: JsonObject, ref: string): JsonObject {
  const names = ref.replace(/^#\//, '').split('/').map(unescapePointer);
  const found = names.reduce<Json | undefined>((at, name) => (isObject(at) ? at[name] : undefined), root);
  if (!ref.startsWith('#/') || !isObject(found)) throw new InvariantError(`nothing stands at ${ref}`);
  return found;
}

/** The object itself, or what its `$ref` leads to. */
export const deref = (root: JsonObject, object: JsonObject): JsonObject => {
  const { $ref } = object;
  return typeof $ref === 'string' ? deref(root, resolveRef(root, $ref)) : object;
};

const unescapePointer = (name: string): string => name.replaceAll('~1', '/').replaceAll('~0', '~');
