// The kinds as JSON Schema, for editors: laxer than the real schemas, never stricter.

import { z } from 'zod';
import type { Json } from './fingerprint.ts';
import { AnyKind } from './kinds/kinds.ts';

export type JsonSchema = { readonly [key: string]: Json | undefined };

/** JSON Schema 2020-12 of what may be written in YAML, all kinds told apart by `kind`: the source of schema/v1alpha1.json. */
export function specJsonSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(AnyKind, { io: 'input' }) as JsonSchema;
  return { $schema, $id: 'https://seatrial.dev/schema/v1alpha1.json', title: 'Seatrial v1alpha1', ...schema };
}
