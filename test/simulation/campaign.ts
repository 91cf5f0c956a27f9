// The field campaign from the command line: what came of it, and whether that is what was promised.
//
//   node test/simulation/campaign.ts --boards 1250 --seed 1

import { parseArgs } from 'node:util';
import { runCampaign } from '@seatrial/simulator';

const { values } = parseArgs({
  options: { boards: { type: 'string', default: '1250' }, seed: { type: 'string', default: '1' } },
});
const result = await runCampaign({ boards: Number(values.boards), seed: Number(values.seed) });
console.info(JSON.stringify(result, undefined, 2));
const isAsPromised =
  result.converged === result.boards - 1 &&
  result.bricks === 0 &&
  result.violation === undefined &&
  result.named.every(line => line.startsWith(result.dead));
process.exitCode = isAsPromised ? 0 : 1;
