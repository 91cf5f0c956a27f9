// Binary structures declared once as an ordered record of fields, and read, written and measured from that declaration.

import { InvariantError } from '@seatrial/spec';
import type { ConstantField, Field } from './fields.ts';

type Fields = Readonly<Record<string, Field<unknown>>>;
type Value<F> = F extends Field<infer T> ? T : never;
type ConstantName<F extends Fields> = {
  [K in keyof F]: F[K] extends ConstantField<unknown> ? K : never;
}[keyof F];

/** What reading gives: every field, constants too, since a wrong constant is for the reader to judge. */
export type ValuesOf<F extends Fields> = { readonly [K in keyof F]: Value<F[K]> };
/** What writing wants: every field that is not constant. */
export type InputOf<F extends Fields> = {
  readonly [K in Exclude<keyof F, ConstantName<F>>]: Value<F[K]>;
} & { readonly [K in ConstantName<F>]?: Value<F[K]> };

export interface Layout<F extends Fields> {
  readonly sizeBytes: number;
  /** Bytes from the start of the structure to each field. */
  readonly offsetOf: Readonly<Record<keyof F, number>>;
  /** The one right value of each constant field. */
  readonly constants: { readonly [K in ConstantName<F>]: Value<F[K]> };
  /** The structure at `at`, or undefined when the bytes end before it does. */
  read(bytes: Uint8Array, at?: number): ValuesOf<F> | undefined;
  /** The structure's bytes. A value that does not fit its field is a defect of the caller. */
  write(values: InputOf<F>): Uint8Array;
  /** True where every constant field holds its constant. */
  hasConstants(values: ValuesOf<F>): boolean;
}

/** The values that a layout reads. */
export type LayoutValues<L> = L extends Layout<infer F> ? ValuesOf<F> : never;

function constantsOf<F extends Fields>(fields: F): Layout<F>['constants'] {
  const constants = Object.entries(fields).flatMap(([name, field]) =>
    isConstant(field) ? [[name, field.constant] as const] : [],
  );
  return Object.fromEntries(constants) as Layout<F>['constants'];
}

const isConstant = (field: Field<unknown>): field is ConstantField<unknown> => 'constant' in field;

export function layout<const F extends Fields>(fields: F): Layout<F> {
  const names = Object.keys(fields);
  const offsets: Record<string, number> = {};
  let sizeBytes = 0;
  for (const name of names) {
    offsets[name] = sizeBytes;
    sizeBytes += fields[name]?.sizeBytes ?? 0;
  }
  const each = names.map(name => {
    const field = fields[name];
    if (field === undefined) throw new InvariantError(`no field ${name}`);
    return { name, field, at: offsets[name] ?? 0 };
  });
  return {
    sizeBytes,
    // The loops above visit every key of F, which the compiler can not see: the `as` in this object say so.
    offsetOf: offsets as Record<keyof F, number>,
    constants: constantsOf(fields),
    read(bytes, at = 0) {
      if (at < 0 || at + sizeBytes > bytes.length) return undefined;
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, sizeBytes);
      return Object.fromEntries(
        each.map(({ name, field, at: offset }) => [name, field.get(view, offset)]),
      ) as ValuesOf<F>;
    },
    write(values) {
      const given = values as Readonly<Record<string, unknown>>;
      const bytes = new Uint8Array(sizeBytes);
      const view = new DataView(bytes.buffer);
      for (const { name, field, at } of each)
        field.put(view, at, given[name] ?? (isConstant(field) ? field.constant : undefined));
      return bytes;
    },
    hasConstants: values => each.every(({ name, field }) => !isConstant(field) || field.constant === values[name]),
  };
}

/** A structure inside a structure. */
export const struct = <F extends Fields>(inner: Layout<F>): Field<ValuesOf<F>> => ({
  sizeBytes: inner.sizeBytes,
  get: (view, at) => {
    const values = inner.read(new Uint8Array(view.buffer, view.byteOffset + at, inner.sizeBytes));
    if (values === undefined) throw new InvariantError('a nested structure was cut');
    return values;
  },
  put: (view, at, values) => new Uint8Array(view.buffer, view.byteOffset + at).set(inner.write(values)),
});

/** `count` equal fields in a row. */
export const times = <T>(count: number, field: Field<T>): Field<readonly T[]> => ({
  sizeBytes: count * field.sizeBytes,
  get: (view, at) => Array.from({ length: count }, (_, n) => field.get(view, at + n * field.sizeBytes)),
  put: (view, at, values) => {
    if (values.length !== count) throw new InvariantError(`${values.length} values for ${count} places`);
    for (const [n, value] of values.entries()) field.put(view, at + n * field.sizeBytes, value);
  },
});
