// How a review reads, how long it gets, and that nothing in YAML, file names or boards' words comes alive in Markdown.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CHECK_TEXT_LIMIT,
  COMMENT_LIMIT,
  REVIEW_MARKER,
  type Review,
  renderComment,
  renderReview,
} from '../../src/review/index.ts';
import { need } from '../support/told-board.ts';
import { desiredOf } from '../support/written-fleet.ts';
import { liveMarkup } from './live-markup.ts';
import { edited, reviewOf } from './scene.ts';

const payloadHash = need(desiredOf().releases.find(({ name }) => name === 'r-2')).payloadHash;
const TALE = reviewOf({
  head: {
    release: 'r-2',
    stages: ['{ limit: 1, soak: 24h }', '{ limit: 100% }'],
    successThreshold: '50%',
    failureBudget: '1',
    approvals: ['{ role: ground-crew, stage: 2 }'],
    gates: '{ parked: true }',
    devices: ['hub-1', 'hub-2', 'hub-3', 'hub-5'],
  },
  boards: [
    { device: 'hub-1' },
    { device: 'hub-2', espFreeBytes: 1024 },
    { device: 'hub-3', failed: { payloadHash } },
    { device: 'hub-4' },
  ],
  policy: '  warnings: { firmware-for-good: { approve: safety }, esp-too-small: block }\n',
});

describe('when a review is rendered', () => {
  test('then people read it in the terminal', async () => {
    await expect(renderReview(TALE, { format: 'text' })).toMatchFileSnapshot('../golden/review.txt');
  });

  test('then people read the same in a pull request', async () => {
    const { comment, full } = renderComment(TALE);
    await expect(`${comment}\n`).toMatchFileSnapshot('../golden/review.md');
    expect(`${REVIEW_MARKER}\n${full}`).toBe(comment);
  });

  test('then errors of the head are listed', async () => {
    const invalid = reviewOf({ head: edited({}, { 'board.yaml': undefined }) });
    await expect(renderReview(invalid, { format: 'markdown' })).toMatchFileSnapshot('../golden/review-invalid.md');
  });
});

/* ---- Bounds ---- */

/** The tale's fleet, many times over, each with many classes of boards. */
function large(fleets: number, classes: number): Review {
  const [fleet] = TALE.fleets;
  const [first] = need(fleet).classes;
  const [warning] = TALE.warnings;
  return {
    ...TALE,
    fleets: Array.from({ length: fleets }, (_, n) => ({
      ...need(fleet),
      fleet: `fleet-${n}` as never,
      classes: Array.from({ length: classes }, () => need(first)),
    })),
    warnings: Array.from({ length: fleets * 4 }, () => need(warning)),
  };
}

describe('when a review is large', () => {
  const sizes = [
    [1, 1],
    [1, 200],
    [30, 3],
    [300, 1],
    [3_000, 1],
  ] as const;
  test.each(sizes)('then %i fleets with %i classes of boards each stay within the limits', (fleets, classes) => {
    const { comment, full } = renderComment(large(fleets, classes));
    expect(Buffer.byteLength(comment)).toBeLessThanOrEqual(COMMENT_LIMIT);
    expect(Buffer.byteLength(full)).toBeLessThanOrEqual(CHECK_TEXT_LIMIT);
    expect(comment.startsWith(`${REVIEW_MARKER}\n`)).toBe(true);
    expect(liveMarkup(comment)).toEqual([]);
  });

  test('then what is left out is counted, and the reader is told where it is', () => {
    const { comment } = renderComment(large(300, 1), { fullTextUrl: 'https://github.com/a/b/runs/1' });
    expect(comment).toMatch(/\d+ more fleets' steps: see \[the check\]\(https:\/\/github\.com\/a\/b\/runs\/1\)\./);
    expect(comment.match(/<details>/g)?.length).toBe(comment.match(/<\/details>/g)?.length);
  });

  test('then a small limit is kept too, down to the verdict', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4_096, max: 70_000 }), limit => {
        const { comment, full } = renderComment(large(40, 2), { limit });
        expect(Math.max(Buffer.byteLength(comment), Buffer.byteLength(full))).toBeLessThanOrEqual(limit);
        expect(comment).toContain('Seatrial');
      }),
      { numRuns: 50 },
    );
  });

  test('then letters of several bytes count as such', () => {
    const review = large(100, 3);
    const wide = { ...review, warnings: review.warnings.map(warning => ({ ...warning, text: '漢'.repeat(200) })) };
    expect(Buffer.byteLength(renderComment(wide).comment)).toBeLessThanOrEqual(COMMENT_LIMIT);
  });
});

/* ---- Hostile words ---- */

const HOSTILE = [
  '@acme/security',
  'cc @octocat!',
  '<!-- seatrial:review -->',
  '<img src=x onerror=alert(1)>',
  '</details></code><script>',
  '[click](javascript:alert(1))',
  '![x](https://evil.example/p.png)',
  '[ref]: https://evil.example',
  'https://evil.example/?q=1',
  'www.evil.example',
  'ftp://evil.example',
  'someone@evil.example',
  '`code` ``x``',
  '```\n# heading',
  '~~~',
  '| a | b |',
  '# heading',
  '- [x] done',
  '> quote',
  '***bold*** __x__ ~~y~~',
  'acme/fleet#12 #34 GH-56',
  ':rocket: $x^2$',
  '&lt;b&gt; &#64;team',
  '\\@team \\<b>',
  'fixes #1',
  'a\u202eb\u0000c\u2028d\r\ne',
  `${'ab12'.repeat(10)}`,
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'grapheme' })), { maxLength: 4 })
  .map(parts => parts.join(' '));

/** Every text of a review that did not come out of our own mouth. */
function poisoned(texts: readonly string[]): Review {
  const say = (n: number): string => texts[n % texts.length] ?? '';
  const [fleet] = TALE.fleets;
  return {
    ...TALE,
    verdict: { kind: 'invalid', line: say(0) },
    warnings: TALE.warnings.map((warning, n) => ({
      ...warning,
      text: say(n),
      fleet: say(n + 1) as never,
      role: say(n + 2) as never,
      boards: { count: 9, first: [say(n + 3) as never] },
      place: { path: say(n + 4), startLine: 1, endLine: 1 },
    })),
    annotations: [{ path: say(1), startLine: 1, endLine: 1, level: 'failure', title: say(2), message: say(3) }],
    fleets: [
      {
        ...need(fleet),
        fleet: say(0) as never,
        rollout: { stages: [], halts: say(1) },
        classes: need(fleet).classes.map(each => ({
          ...each,
          release: say(2) as never,
          boards: { count: 2, first: [say(3) as never] },
          failure: { reason: 'os-unhealthy', message: say(4), atMs: 0 as never },
          steps: each.steps.map((step, n) => ({ ...step, description: say(n) })),
        })),
      },
    ],
  };
}

describe('when YAML, file names and boards say what they like', () => {
  test('then nothing of it comes alive in a comment', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 5, maxLength: 5 }), texts => {
        const { comment, full } = renderComment(poisoned(texts));
        expect(liveMarkup(comment)).toEqual([]);
        expect(liveMarkup(full)).toEqual([]);
        expect(comment.match(/<!--/g)).toHaveLength(1);
      }),
      { numRuns: 1_000 },
    );
  });

  test('then nothing of it steers a terminal', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 5, maxLength: 5 }), texts => {
        const text = renderReview(poisoned(texts), { format: 'text' });
        expect(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u.test(text)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['a mention', 'hi @acme'],
    ['a link', 'see [a](b)'],
    ['an address', 'see https://a.example'],
    ['a bare address', 'see www.a.example'],
    ['a reference', 'fixes #1'],
    ['HTML', 'a <b> c'],
    ['a comment', 'a <!-- b'],
    ['a code span', 'a `b'],
    ['emphasis', 'a *b* c'],
  ])('then the judge of all this sees %s', (_name, text) => {
    expect(liveMarkup(text)).not.toEqual([]);
  });
});
