// How an issue is shown to people.

import { describe, expect, test } from 'vitest';
import { ISSUE_TABLE, isIssueCode, issueOf, type Problem, renderIssue } from '../src/index.ts';

const problem = (change: Partial<Problem> = {}): Problem => ({
  code: 'bad-duration',
  line: 2,
  column: 9,
  message: 'spec.soak must look like 15m',
  ...change,
});
const TEXT = 'spec:\n  soak: 24\n';

test('when an issue is rendered, then place, message, excerpt with caret and remedy are there', () => {
  expect(renderIssue(issueOf('a/b.yaml', problem()), TEXT)).toBe(`a/b.yaml:2:9 error bad-duration
  spec.soak must look like 15m
  2 |   soak: 24
    |         ^
  ${ISSUE_TABLE['bad-duration'].remedy}`);
});

test('when there is no text, then there is no excerpt', () => {
  expect(renderIssue(issueOf('a.yaml', problem())).split('\n')).toHaveLength(3);
});

test('when the line is beyond the text, then there is no excerpt', () => {
  expect(renderIssue(issueOf('a.yaml', problem({ line: 99 })), TEXT).split('\n')).toHaveLength(3);
});

test('when the line is long, then the caret still stands under the column', () => {
  const text = `${'x'.repeat(500)}Y${'z'.repeat(500)}`;
  const lines = renderIssue(issueOf('a.yaml', problem({ line: 1, column: 501 })), text).split('\n');
  const [source = '', caret = ''] = lines.slice(2);
  expect(source[caret.indexOf('^')]).toBe('Y');
  expect(source.length).toBeLessThan(120);
});

describe('when the source would steer a terminal, then it does not', () => {
  const sneaky = 'a: \u001b[2J\u202eb\t"c"';

  test('in the excerpt', () => {
    const rendered = renderIssue(issueOf('a.yaml', problem({ line: 1, column: 1 })), sneaky);
    expect(rendered.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('in the message and the file name', () => {
    const rendered = renderIssue(issueOf('\u001b.yaml', problem({ message: `has no field ${sneaky}\n  fake: line` })));
    expect(rendered.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(rendered.split('\n')).toHaveLength(3);
  });

  test('by its length', () => {
    expect(issueOf('a.yaml', problem({ message: 'x'.repeat(100_000) })).message.length).toBeLessThanOrEqual(300);
  });
});

test('when a caller makes a warning binding, then the issue is an error', () => {
  expect(issueOf('a', problem({ code: 'signature-missing' })).severity).toBe('warning');
  expect(issueOf('a', problem({ code: 'signature-missing' }), 'error').severity).toBe('error');
});

test('when a code is in the table, then it is known, and nothing else is', () => {
  expect(Object.keys(ISSUE_TABLE).every(isIssueCode)).toBe(true);
  expect(isIssueCode('toString')).toBe(false);
});

test.each(Object.entries(ISSUE_TABLE))(
  'when %s is shown, then cause and remedy are sentences',
  (code, { title, cause, remedy }) => {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
    expect(title).not.toMatch(/\.$/);
    expect([cause, remedy].every(text => /\.$/.test(text))).toBe(true);
  },
);
