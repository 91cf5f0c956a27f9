// docs/review.md: its table is made of the warnings in the code, and its example is a policy.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parsePolicy, WARNING_CODES, WARNINGS } from '../../src/review/index.ts';
import { EFFECT_WORDS } from '../../src/review/render/words.ts';

const PAGE = new URL('../../../../docs/review.md', import.meta.url).pathname;

const table = (): string =>
  [
    '| Code | Cause | What to do | Effect |',
    '|---|---|---|---|',
    ...WARNING_CODES.map(code => {
      const { title, cause, remedy, effect } = WARNINGS[code];
      return `| \`${code}\` | **${title}.** ${cause} | ${remedy} | ${EFFECT_WORDS[effect]} |`;
    }),
  ].join('\n');

test('when a warning changes, then the page does', async () => {
  const renewed = readFileSync(PAGE, 'utf8').replace(
    /(<!-- warnings -->\n)[\s\S]*(<!-- end of warnings -->)/,
    `$1\n${table().replaceAll('$', '$$$$')}\n\n$2`,
  );
  expect(renewed).toContain(table());
  await expect(renewed).toMatchFileSnapshot(PAGE);
});

test('when the page shows a policy, then it is one, with every section that there is', () => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(PAGE, 'utf8')) ?? [];
  const { policy, issues } = parsePolicy(Buffer.from(example));
  expect(issues).toEqual([]);
  expect(Object.keys(policy ?? {}).sort()).toEqual(['bumps', 'snapshot', 'teams', 'warnings']);
});

test('when a warning is explained, then in sentences', () => {
  for (const { cause, remedy } of Object.values(WARNINGS))
    for (const text of [cause, remedy]) expect(text).toMatch(/^\S.*\.$/s);
});
