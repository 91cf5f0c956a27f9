// The page is what the results say.

import { expect, test } from 'vitest';
import { BENCHMARKS } from '../benchmarks.ts';
import { PAGE, RESULTS } from '../house.ts';
import { renderPage } from '../page.ts';
import { inOrderOfPage, readResults } from '../result.ts';

test('when the page is made again from the results, then it is the one in the repository', async () => {
  await expect(renderPage(inOrderOfPage(readResults(RESULTS), BENCHMARKS))).toMatchFileSnapshot(PAGE);
});
