// What is said on the very lines of the YAML: issues of the head that the base has not, and warnings that have a place.

import { ISSUE_TABLE, type Issue } from '@seatrial/spec';
import { repositoryPath } from './places.ts';
import type { Annotation, Side, Warning } from './review.ts';
import { WARNINGS } from './warnings.ts';

/** More would be read by nobody; those that bind come first. */
export const MOST_ANNOTATIONS = 300;

/** By path and line. */
export function annotationsOf(
  { base, head, directory }: { readonly base: Side; readonly head: Side; readonly directory: string },
  warnings: readonly Warning[],
): readonly Annotation[] {
  const known = new Set(base.issues.map(issueKey));
  const fresh = head.issues.filter(issue => issue.severity === 'error' || !known.has(issueKey(issue)));
  const all = [...fresh.map(issue => fromIssue(issue, directory)), ...warnings.flatMap(fromWarning)];
  return all
    .sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level))
    .slice(0, MOST_ANNOTATIONS)
    .sort((a, b) => (a.path === b.path ? a.startLine - b.startLine : a.path < b.path ? -1 : 1));
}

const LEVELS: readonly Annotation['level'][] = ['failure', 'warning', 'notice'];

/** Lines move; what is said about a file stays the same. */
const issueKey = ({ code, file, message }: Issue): string => `${code} ${file} ${message}`;

function fromIssue({ code, severity, file, line, message, remedy }: Issue, directory: string): Annotation {
  return {
    path: repositoryPath(directory, file),
    startLine: line,
    endLine: line,
    level: severity === 'error' ? 'failure' : 'warning',
    title: `${ISSUE_TABLE[code].title} (${code})`,
    message: remedy === undefined ? message : `${message}\n${remedy}`,
  };
}

const EFFECT_LEVELS = { block: 'failure', approve: 'warning', tell: 'notice' } as const satisfies Record<
  Warning['effect'],
  Annotation['level']
>;

const fromWarning = ({ code, effect, text, place }: Warning): readonly Annotation[] =>
  place === undefined
    ? []
    : [
        {
          ...place,
          level: EFFECT_LEVELS[effect],
          title: `${WARNINGS[code].title} (${code})`,
          message: `${text}\n${WARNINGS[code].remedy}`,
        },
      ];
