// The policy file: what it may say, where it is wrong, and its published schema.

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_POLICY, parsePolicy, policyJsonSchema, ReviewPolicy, WARNING_CODES } from '../../src/review/index.ts';
import { filesOf } from '../support/written-fleet.ts';
import { policyWith, reviewOf, side } from './scene.ts';

const HEAD = 'apiVersion: seatrial.dev/v1alpha1\nkind: ReviewPolicy\nmetadata: { name: house }\n';
const WHOLE = `${HEAD}spec:
  warnings:
    firmware-for-good: { approve: safety }
    boards-unreachable: block
    below-floor: tell
  teams:
    safety: [acme/firmware-safety]
  snapshot: { maxAge: 2h }
  bumps: { group: all, notes: false, fleets: [lab], labels: [bump] }
`;
const accepts = new Ajv2020({ strict: false }).compile(policyJsonSchema());
const issuesOf = (text: string) =>
  parsePolicy(Buffer.from(text)).issues.map(({ code, file, line, column }) => [code, `${file}:${line}:${column}`]);

describe('when a policy is written', () => {
  test('then everything it says is read', () => {
    expect(parsePolicy(Buffer.from(WHOLE))).toEqual({
      issues: [],
      policy: {
        warnings: { 'firmware-for-good': { approve: 'safety' }, 'boards-unreachable': 'block', 'below-floor': 'tell' },
        teams: { safety: ['acme/firmware-safety'] },
        snapshot: { maxAge: 7_200_000 },
        bumps: { propose: true, group: 'all', notes: false, fleets: ['lab'], labels: ['bump'] },
      },
    });
  });

  test('then what it leaves out is the default', () => {
    expect(parsePolicy(Buffer.from(`${HEAD}spec: {}\n`)).policy).toEqual(DEFAULT_POLICY);
  });

  test('then every warning can be given an effect', () => {
    for (const code of WARNING_CODES)
      expect(policyWith(`  warnings: { ${code}: block }\n`).warnings[code]).toBe('block');
  });
});

describe('when a policy is wrong', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['an unknown warning', `${HEAD}spec:\n  warnings:\n    firmware-for-bad: block\n`, 'unknown-key', '6:5'],
    ['an unknown effect', `${HEAD}spec:\n  warnings:\n    downgrade: perhaps\n`, 'wrong-value', '6:16'],
    ['an unknown key', `${HEAD}spec:\n  snapshots: {}\n`, 'unknown-key', '5:3'],
    ['a team without its organisation', `${HEAD}spec:\n  teams: { safety: ["@safety"] }\n`, 'wrong-value', '5:21'],
    ['a length of time without a unit', `${HEAD}spec:\n  snapshot: { maxAge: "5" }\n`, 'bad-duration', '5:23'],
    [
      'another kind',
      'apiVersion: seatrial.dev/v1alpha1\nkind: Fleet\nmetadata: { name: a }\nspec: {}\n',
      'wrong-value',
      '2:7',
    ],
    ['nothing', '', 'not-a-document', '1:1'],
    ['two documents', `${HEAD}spec: {}\n---\n${HEAD}spec: {}\n`, 'not-a-document', '6:1'],
    ['an alias', `${HEAD}spec: &a {}\n`, 'alias-refused', '4:7'],
  ];
  test.each(cases)('then %s is found where it stands', (_name, text, code, place) => {
    expect(parsePolicy(Buffer.from(text)).policy).toBeUndefined();
    expect(issuesOf(text)[0]).toEqual([code, `seatrial.policy.yaml:${place}`]);
  });

  test('then bytes that are no text are refused as well', () => {
    expect(parsePolicy(new Uint8Array([0xff, 0xfe])).issues).toMatchObject([{ code: 'bad-utf8' }]);
  });
});

describe('when editors read the schema', () => {
  test('then it is the one that is published', async () => {
    await expect(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../schema/review-policy.v1alpha1.json',
    );
  });

  test('then it accepts what we accept, and no unknown key', () => {
    expect(accepts(parse(WHOLE))).toBe(true);
    expect(accepts({ ...(parse(WHOLE) as object), surprise: 1 })).toBe(false);
    expect(ReviewPolicy.safeParse({ ...(parse(WHOLE) as object), surprise: 1 }).success).toBe(false);
  });
});

test('when a policy lies beside the fleet, then it is no document of the fleet', () => {
  const files = new Map([...filesOf(), ['seatrial.policy.yaml', WHOLE]]);
  expect(side(files).issues).toEqual(side(filesOf()).issues);
  expect(reviewOf({ base: files, head: files }).verdict.kind).toBe('nothing');
});
