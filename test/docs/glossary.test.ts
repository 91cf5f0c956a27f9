// docs/glossary.md has one meaning for each word, and knows the closed sets of words that the code uses.

import { type Phase, STEP_KINDS, type VerdictKind } from '@seatrial/capsule-plan';
import { HOLD_KINDS, STANDINGS } from '@seatrial/controller';
import { describe, expect, test } from 'vitest';
import { partOf, readHouse, rowsOf } from './page-parts.ts';

const PAGE = readHouse('docs/glossary.md');

const PHASES = {
  idle: true,
  fetching: true,
  waiting: true,
  installing: true,
  trial: true,
  goingBack: true,
  converged: true,
  failed: true,
} as const satisfies Record<Phase, true>;

const VERDICTS = {
  upToDate: true,
  pending: true,
  updating: true,
  gated: true,
  blocked: true,
  failed: true,
} as const satisfies Record<VerdictKind, true>;

const wordsOf = (markdown: string): readonly string[] => rowsOf(markdown).map(([word = '']) => word);
const TABLES = [...PAGE.matchAll(/<!-- words -->([\s\S]*?)<!-- end of words -->/g)].map(([, inside = '']) =>
  wordsOf(inside),
);
const plain = (word: string): string => word.replace(/[`*]/g, '').toLowerCase();

describe('when a word is looked up', () => {
  test('then it has one meaning', () => {
    const words = TABLES.flat().map(plain);
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  });

  test('then it stands where the alphabet puts it', () => {
    for (const words of TABLES) {
      expect(words).toEqual(words.toSorted((a, b) => plain(a).localeCompare(plain(b), 'en')));
    }
  });

  test.each([
    ['steps', STEP_KINDS],
    ['phases', Object.keys(PHASES)],
    ['verdicts', Object.keys(VERDICTS)],
    ['standings', STANDINGS],
    ['holds', HOLD_KINDS],
  ])('then the %s are all there, and no other', (part, words) => {
    expect(wordsOf(partOf(PAGE, part)).toSorted()).toEqual([...words].sort());
  });
});
