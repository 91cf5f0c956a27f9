// The parts of a review in Markdown, each whole in itself, so that they can be left out one by one.

import { fold } from '../../domain/talk/markdown.ts';
import type { Annotation, FleetReview, Review, Warning } from '../review.ts';
import { codeBlock, codeSpan, prose } from './prose.ts';
import { basisLine, COLUMNS, classHeading, rowCells, stageLines, stepLines, warningWords } from './words.ts';

const SIGNS = {
  nothing: '⚪',
  changes: '🔵',
  blocked: '⛔',
  invalid: '❌',
} as const satisfies Record<Review['verdict']['kind'], string>;

/** Lines of the verdict: never left out. */
export const verdictPart = ({ verdict }: Review): readonly string[] => [
  `### ${SIGNS[verdict.kind]} Seatrial: ${prose(verdict.line)}`,
];

export const tableHead = (): readonly string[] => [`| ${COLUMNS.join(' | ')} |`, `|${'---|'.repeat(COLUMNS.length)}`];

/** One line of the table. Names, versions and commits stand as code. */
export function tableRow(fleet: FleetReview): string {
  const [name = '', boards = '', firmware = '', os = '', toFetch = '', stages = ''] = rowCells(fleet);
  return `| ${[codeSpan(name), prose(boards), coded(firmware), coded(os), prose(toFetch), prose(stages)].join(' | ')} |`;
}

const coded = (cell: string): string => (cell.includes('→') ? codeSpan(cell) : prose(cell));

const EFFECT_SIGNS = { block: '⛔', approve: '✋', tell: 'ℹ️' } as const satisfies Record<Warning['effect'], string>;

/** One item of a list. */
export function warningItem(warning: Warning): string {
  const { effect, title, text, where } = warningWords(warning);
  return `- ${EFFECT_SIGNS[warning.effect]} **${prose(title)}** (${prose(effect)}): ${prose(text)}<br>${where.map(word => codeSpan(word)).join(' ')}`;
}

/** One item of a list. */
export const issueItem = ({ path, startLine, title, message }: Annotation): string =>
  `- ${codeSpan(`${path}:${startLine}`)} ${prose(title)}: ${prose(message)}`;

/** The errors of a head that can not come into force. */
export const issuesOf = ({ verdict, annotations }: Review): readonly Annotation[] =>
  verdict.kind === 'invalid' ? annotations.filter(({ level }) => level === 'failure') : [];

/** Stages and steps of one fleet, at most so many classes of boards; nothing where it has neither. */
export function fleetFold(review: FleetReview, most: number = Number.POSITIVE_INFINITY): readonly string[] {
  const stages = stageLines(review);
  const classes = review.classes.slice(0, most).map(each => [classHeading(each), ...stepLines(each)]);
  const left = review.classes.length - classes.length;
  const blocks = [stages, ...classes, left > 0 ? [`and ${left} more classes of boards`] : []];
  const lines = blocks.filter(block => block.length > 0).flatMap((block, at) => (at === 0 ? block : ['', ...block]));
  if (lines.length === 0) return [];
  const summary = `<b>${htmlText(review.fleet)}</b>: stages, and the steps of each class of boards`;
  return fold(summary, codeBlock(lines));
}

/** Inside of HTML nothing is Markdown. */
const htmlText = (text: string): string => text.replace(/[^A-Za-z0-9 .-]/g, sign => `&#${sign.codePointAt(0)};`);

export const basisPart = (review: Review): readonly string[] => [`<sub>${prose(basisLine(review))}</sub>`];
