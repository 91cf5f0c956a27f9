import { expect, test } from 'vitest';
import { partOf, readHouse, rowsOf } from '../docs/page-parts.ts';
import { API_VERSION } from './contract/contract.ts';
import { readDescription } from './openapi/description.ts';
import { OPERATIONS, WEBHOOKS } from './openapi/operations.ts';

const PAGE = readHouse('docs/github-contract.md');
const inTicks = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

test('when the page on the contract is read, then it names the operations and webhooks of the extract', () => {
  expect(inTicks(partOf(PAGE, 'operations'))).toEqual([...OPERATIONS, ...WEBHOOKS]);
});

test('when the page on the contract is read, then it says where the extract comes from', () => {
  const { package: name, version, file, openapi, sha256, extractedOn, license } = readDescription().provenance;
  const rows = new Map(rowsOf(partOf(PAGE, 'provenance')).map(([what = '', said = '']) => [what, said]));
  expect(rows.get('package')).toContain(`\`${name}\` ${version}, ${license}`);
  expect(rows.get('file')).toBe(`\`${file}\`, OpenAPI ${openapi}`);
  expect(rows.get('SHA-256')).toBe(sha256);
  expect(rows.get('extracted on')).toBe(extractedOn);
  expect(rows.get('version of the API')).toBe(API_VERSION);
});
