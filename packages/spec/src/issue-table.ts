// Every code under which a fleet repository can be refused or warned about, with cause and remedy: docs/errors.md is this table.

import { REFERENCE_ISSUES } from './issues/reference-issues.ts';
import { SHAPE_ISSUES } from './issues/shape-issues.ts';
import { SYNTAX_ISSUES } from './issues/syntax-issues.ts';
import { TRUST_ISSUES } from './issues/trust-issues.ts';

export type Severity = 'error' | 'warning';

export interface IssueKind {
  readonly severity: Severity;
  /** A heading of a few words. */
  readonly title: string;
  /** How one comes to see this. */
  readonly cause: string;
  /** What to do about it. */
  readonly remedy: string;
}

export const ISSUE_TABLE = {
  ...SYNTAX_ISSUES,
  ...SHAPE_ISSUES,
  ...REFERENCE_ISSUES,
  ...TRUST_ISSUES,
} as const satisfies Readonly<Record<string, IssueKind>>;

/** The closed union of codes; scripts may rely on them. */
export type IssueCode = keyof typeof ISSUE_TABLE;

export const isIssueCode = (text: string): text is IssueCode => Object.hasOwn(ISSUE_TABLE, text);
