// One page for each kind, whose table of fields comes from the schema.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type JsonSchema, specJsonSchema } from '../src/json-schema.ts';
import { KIND_NAMES, type Kind } from '../src/kinds/kinds.ts';
import { parseDocument } from '../src/parse-document.ts';
import { readSource } from '../src/source.ts';
import { fieldsOf, fieldTable } from './field-table.ts';

const PAGES = new URL('../../../docs/spec/', import.meta.url);
const pageOf = (kind: Kind) => new URL(`${kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}.md`, PAGES).pathname;

function schemaOf(kind: Kind): JsonSchema {
  const kinds = specJsonSchema()['oneOf'] as readonly { properties: { kind: { const: string } } }[];
  return kinds.find(({ properties }) => properties.kind.const === kind) as unknown as JsonSchema;
}

test.each(KIND_NAMES)('when a field of %s changes, then its page does', async kind => {
  const page = readFileSync(pageOf(kind), 'utf8');
  const table = fieldTable(fieldsOf(schemaOf(kind)));
  const renewed = page.replace(
    /(<!-- fields -->\n)[\s\S]*(<!-- end of fields -->)/,
    `$1\n${table.replaceAll('$', '$$$$')}\n\n$2`,
  );
  expect(renewed).toContain(table);
  await expect(renewed).toMatchFileSnapshot(pageOf(kind));
});

test.each(KIND_NAMES)('when the page of %s shows an example, then it is valid', kind => {
  const examples = [...readFileSync(pageOf(kind), 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, text]) => text ?? '',
  );
  expect(examples).not.toHaveLength(0);
  const parses = examples.flatMap(text => readSource(text).documents.map(parseDocument));
  expect(parses.flatMap(({ findings }) => findings)).toEqual([]);
  expect(parses.map(({ document }) => document?.kind)).toContain(kind);
});

test('when a field is in the schema, then it has a meaning', () => {
  const silent = KIND_NAMES.flatMap(kind => fieldsOf(schemaOf(kind)).filter(({ meaning }) => meaning === ''));
  expect(silent).toEqual([]);
});
