// What every kind has around its spec: apiVersion, kind and metadata.

import { z } from 'zod';
import type { Name } from '../ids.ts';
import { name } from './text.ts';

export const API_VERSION = 'seatrial.dev/v1alpha1';

/** The schema of one kind; unknown keys are errors at every level. */
export const documentOf = <K extends string, S extends z.ZodType>(kind: K, spec: S) =>
  z.strictObject({
    apiVersion: z.literal(API_VERSION).describe('The version of this language.'),
    kind: z.literal(kind).describe('What the document describes.'),
    metadata: z
      .strictObject({ name: name.describe('How other documents refer to it; unique among its kind.') })
      .describe('Who the document is.'),
    spec: spec.describe('What is wanted.'),
  });

/** A mapping with keys of the writer's own choosing, at most `max` of them. */
export const mapping = <K extends z.core.$ZodRecordKey, V extends z.ZodType>(key: K, value: V, max: number) =>
  z.record(key, value).refine(entries => Object.keys(entries).length <= max, {
    message: `may have at most ${max} entries`,
    params: { issue: 'too-long' },
  });

/** A list of at most `max` members. */
export const list = <V extends z.ZodType>(value: V, max: number) => z.array(value).max(max);

export type Labels = Readonly<Record<string, string>>;

export interface AnyDocument {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: string;
  readonly metadata: { readonly name: Name };
}
