// The published JSON Schema: committed, and never stricter than what really validates.

import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Json } from '../src/fingerprint.ts';
import { AnyKind, specJsonSchema } from '../src/index.ts';
import { EXAMPLES } from './examples.ts';
import { mutated } from './mutations.ts';

const accepts = new Ajv2020({ strict: false, allErrors: false }).compile(specJsonSchema());

test('when the kinds change, then the committed schema shows it', async () => {
  await expect(`${JSON.stringify(specJsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../schema/v1alpha1.json');
});

test.each(Object.entries(EXAMPLES))('when %s is valid, then editors agree', (_path, text) => {
  expect(accepts(parse(text))).toBe(true);
});

test('when our schema accepts a document, then the published one does', () => {
  const documents = Object.values(EXAMPLES).map(text => parse(text) as Json);
  let accepted = 0;
  fc.assert(
    fc.property(fc.constantFrom(...documents).chain(mutated), document => {
      if (!AnyKind.safeParse(document).success) return;
      accepted += 1;
      expect(accepts(document)).toBe(true);
    }),
    { numRuns: 3_000 },
  );
  // Without accepted mutants the property would hold of any schema.
  expect(accepted).toBeGreaterThan(100);
});

test.each(['Board', 'Release', 'Fleet', 'DeviceList', 'Approval', 'TrustRoot'])(
  'when a %s has an unknown key, then editors refuse it as well',
  kind => {
    const texts = Object.values(EXAMPLES).filter(text => text.includes(`kind: ${kind}\n`));
    expect(texts).not.toHaveLength(0);
    for (const text of texts) expect(accepts({ ...(parse(text) as object), surprise: 1 })).toBe(false);
  },
);
