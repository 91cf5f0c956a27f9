// What a schema's complaint means to the person who wrote the YAML: our code, and a sentence that names what is wanted.

import type { z } from 'zod';
import { type IssueCode, isIssueCode } from './issue-table.ts';

export interface SchemaProblem {
  readonly code: IssueCode;
  readonly message: string;
}

type Complaint = z.core.$ZodIssue;

/** `unquoted` is the written text of a plain scalar that YAML reads as something other than text. */
export function describeIssue(issue: Complaint, unquoted: string | undefined): SchemaProblem {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, unquoted);
    case 'invalid_value':
      return { code: 'wrong-value', message: `must be ${alternatives(issue.values)}` };
    case 'too_big':
      return outOfBounds(issue.origin, `at most ${issue.maximum}`, 'too-long');
    case 'too_small':
      return outOfBounds(issue.origin, `at least ${issue.minimum}`, 'too-short');
    case 'invalid_union':
      return describeUnion(issue.errors);
    case 'invalid_key':
      return describeFirst(issue.issues, unquoted);
    case 'custom':
      return { code: customCode(issue.params), message: issue.message };
    case 'unrecognized_keys':
      return { code: 'unknown-key', message: `has no field ${issue.keys.join(', ')}` };
    case 'invalid_format':
    case 'invalid_element':
    case 'not_multiple_of':
      return { code: 'wrong-value', message: issue.message };
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function wrongType(expected: string, unquoted: string | undefined): SchemaProblem {
  if (expected === 'string' && unquoted !== undefined) {
    return { code: 'unquoted-text', message: `must be text: write "${unquoted}" in double quotes` };
  }
  return { code: 'wrong-type', message: `must be ${TYPE_NAMES[expected] ?? expected}` };
}

function outOfBounds(origin: string, bound: string, lengthCode: 'too-long' | 'too-short'): SchemaProblem {
  if (origin === 'string') return { code: lengthCode, message: `must have ${bound} characters` };
  if (origin === 'array') return { code: lengthCode, message: `must have ${bound} members` };
  return { code: 'out-of-range', message: `must be ${bound}` };
}

/** What the member of a union complains about that the value was meant for: one whose type fits, at best also as a whole. */
export const meantMember = (members: readonly Complaint[][]): readonly Complaint[] | undefined => {
  const fitting = members.filter(complaints => !complaints.some(isTypeMismatch));
  return fitting.find(complaints => !complaints.some(isOtherValue)) ?? fitting[0];
};

const isOtherValue = (issue: Complaint): boolean => issue.code === 'invalid_value' && issue.path.length === 0;

/** No member's type fits. */
function describeUnion(members: readonly (readonly Complaint[])[]): SchemaProblem {
  const wanted = members.flat().flatMap(expectation);
  return { code: 'wrong-type', message: `must be ${[...new Set(wanted)].join(' or ')}` };
}

const isTypeMismatch = (issue: Complaint): boolean => issue.code === 'invalid_type' && issue.path.length === 0;

function expectation(issue: Complaint): string[] {
  if (issue.code === 'invalid_type') return [TYPE_NAMES[issue.expected] ?? issue.expected];
  return issue.code === 'invalid_value' ? [alternatives(issue.values)] : [];
}

function describeFirst(issues: readonly Complaint[], unquoted: string | undefined): SchemaProblem {
  const [first] = issues;
  return first === undefined ? { code: 'wrong-value', message: 'is not accepted' } : describeIssue(first, unquoted);
}

const alternatives = (values: readonly unknown[]): string =>
  values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(', ')}`;

function customCode(params: Readonly<Record<string, unknown>> | undefined): IssueCode {
  const code = params?.['issue'];
  return typeof code === 'string' && isIssueCode(code) ? code : 'wrong-value';
}
