// The field campaign from the command line: what came of it, whether that is what was promised, and what each board cost.
//
//   node test/simulation/campaign.ts --boards 1250 --seed 1
//   node test/simulation/campaign.ts --sizes 1250,12500,125000      (each in a process of its own)

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { type CampaignResult, runCampaign } from '@seatrial/simulator';

const { values } = parseArgs({
  options: {
    boards: { type: 'string', default: '1250' },
    seed: { type: 'string', default: '1' },
    sizes: { type: 'string' },
  },
});

/** For this process alone, with everything that it has loaded. */
interface Cost {
  readonly processorSeconds: number;
  readonly millisecondsPerBoard: number;
  readonly eventsPerBoard: number;
  readonly peakMebibytes: number;
  readonly kibibytesPerBoard: number;
}

function costOf({ boards, events }: CampaignResult, emptyKibibytes: number): Cost {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const seconds = (userCPUTime + systemCPUTime) / 1e6;
  return {
    processorSeconds: rounded(seconds),
    millisecondsPerBoard: rounded((1000 * seconds) / boards),
    eventsPerBoard: rounded(events / boards),
    peakMebibytes: rounded(maxRSS / 1024),
    kibibytesPerBoard: rounded((maxRSS - emptyKibibytes) / boards),
  };
}

const rounded = (value: number): number => Number(value.toPrecision(4));

const isAsPromised = ({ converged, boards, bricks, violation, named, dead }: CampaignResult): boolean =>
  converged === boards - 1 && bricks === 0 && violation === undefined && named.every(line => line.startsWith(dead));

async function runOne(boards: number): Promise<boolean> {
  const emptyKibibytes = process.resourceUsage().maxRSS;
  const result = await runCampaign({ boards, seed: Number(values.seed) });
  console.info(JSON.stringify({ ...result, ...costOf(result, emptyKibibytes) }, undefined, 2));
  return isAsPromised(result);
}

/** One size after the other: is a board of a large fleet as cheap as one of a small fleet? */
function runSizes(sizes: readonly string[]): boolean {
  const rows = sizes.map(size => {
    const words = [...process.execArgv, import.meta.filename, '--boards', size, '--seed', values.seed];
    const { status, stdout } = spawnSync(process.execPath, words, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 2 ** 28,
    });
    const told = status === null || stdout === '' ? {} : (JSON.parse(stdout) as Partial<CampaignResult & Cost>); // our own output
    return {
      boards: size,
      converged: told.converged,
      'virtual h': told.virtualHours,
      'processor s': told.processorSeconds,
      'ms/board': told.millisecondsPerBoard,
      'events/board': told.eventsPerBoard,
      'KiB/board': told.kibibytesPerBoard,
      'as promised': status === 0,
    };
  });
  console.table(rows);
  return rows.every(row => row['as promised']);
}

const isWell = values.sizes === undefined ? await runOne(Number(values.boards)) : runSizes(values.sizes.split(','));
process.exitCode = isWell ? 0 : 1;
