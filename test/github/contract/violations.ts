// What client and stand-in did that GitHub's description does not allow: collected, and held against the test at its end.

/** Whose fault it is: the client asked for it, or the stand-in answered or delivered it. */
export type ViolationKind =
  | 'undocumented-operation'
  | 'undocumented-query'
  | 'request-json'
  | 'request-body'
  | 'request-header'
  | 'path-parameter'
  | 'response-status'
  | 'response-body'
  | 'webhook-payload'
  | 'defect';

export interface Violation {
  readonly kind: ViolationKind;
  /** The operation's or webhook's name, or method and path where there is none. */
  readonly where: string;
  readonly details: readonly string[];
}

/** One line and its details indented below. */
const describeViolation = ({ kind, where, details }: Violation): string =>
  [`${where}: ${kind}`, ...details.map(line => `  ${line}`)].join('\n');

/** What fails a test. */
export class Undocumented extends Error {
  constructor(violations: readonly Violation[]) {
    const many = `${violations.length} things that GitHub's description does not allow`;
    super([many, ...violations.map(describeViolation)].join('\n'));
  }
}
