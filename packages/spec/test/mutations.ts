// Documents that are nearly right: a valid one with one place changed.

import fc from 'fast-check';
import type { Json } from '../src/fingerprint.ts';

const REPLACEMENTS: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, 1, 3, 12, 15, 16, -1, 1.5, '', [], {}, 'any', ['wifi'], 'x'.repeat(64)),
  fc.constantFrom('30s', '15m', '0s', '7d', '200MiB', '1B', '512KiB/s', '1%', '0.5%', '100%', '0.0.1.2', '>=0.0.1.2'),
  fc.constantFrom('* * * * *', '0 2 * * 1-5', 'Europe/Berlin', 'UTC', 'device', 'http://a/b', 'a', 'A', 'a.b-c'),
  fc.string({ maxLength: 12 }),
  fc.nat(),
);

type Step = string | number;

/** One node of the document, at any depth, replaced or removed. */
export function mutated(document: Json): fc.Arbitrary<Json> {
  return fc
    .tuple(fc.constantFrom(...pathsOf(document)), REPLACEMENTS, fc.boolean())
    .map(([path, replacement, remove]) => changeAt(document, path, remove ? undefined : replacement) ?? null);
}

function pathsOf(value: Json): Step[][] {
  const children: [Step, Json][] = Array.isArray(value)
    ? value.map((item: Json, index): [Step, Json] => [index, item])
    : typeof value === 'object' && value !== null
      ? Object.entries(value).map(([key, member]): [Step, Json] => [key, member ?? null])
      : [];
  return children.flatMap(([step, child]) => [[step], ...pathsOf(child).map(path => [step, ...path])]);
}

function changeAt(value: Json, [step, ...rest]: readonly Step[], replacement: Json | undefined): Json | undefined {
  if (step === undefined) return replacement;
  if (Array.isArray(value)) {
    return value.flatMap((item: Json, index) => {
      const changed = index === step ? changeAt(item, rest, replacement) : item;
      return changed === undefined ? [] : [changed];
    });
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [
    key,
    key === step ? changeAt(member ?? null, rest, replacement) : member,
  ]);
  return Object.fromEntries(entries.filter(([, member]) => member !== undefined)) as Json;
}
