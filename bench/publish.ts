// Publishing a plan to each of 100,000 boards: the controller's way out, against Debian's C client with the same messages.

import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Benchmark, Findings, Setting } from './benchmark.ts';
import { roundsOf } from './benchmark.ts';
import { startMosquitto } from './board/mosquitto.ts';
import { signedPlans } from './fleet/signed-plans.ts';
import { subjectProgram } from './house.ts';
import { type Metric, measure, type Sample, type Subject } from './measure.ts';
import { runProgram } from './whole-process.ts';

const PLANS = { full: 100_000, quick: 500 } as const;
const ROUNDS = 5;
/** Publications that the broker has not acknowledged: the controller's default. */
const WINDOW = 2_000;

const METRICS = [
  { key: 'perSecond', label: 'plans per second', better: 'more' },
  { key: 'cpuMicros', label: 'CPU of the publisher per plan, µs', better: 'less' },
] as const satisfies readonly Metric[];

export const publish: Benchmark = {
  name: 'publish',
  title: 'Publishing plans',
  about: `${PLANS.full.toLocaleString('en-US')} retained plans at QoS 1, each on the topic of its board, to Debian's mosquitto on the same machine, until the last is acknowledged; the window is ${WINDOW}. The broker is started anew for each round.
The C client is a loop over libmosquitto (\`bench/subjects/publish-loop.c\`) that has every message in memory. *Prepared messages* does the same with the controller's own MQTT adapter. *From the outbox* is the whole of what a controller does: read the plans from SQLite, sign each with Ed25519, publish, and mark as published.`,
  run: runPublish,
};

async function runPublish(setting: Setting): Promise<Findings> {
  const count = PLANS[setting.size];
  const { messages, messageBytes } = signedPlans(count);
  const file = join(setting.directory, 'messages');
  writeFileSync(file, messages);
  const client = clientSubject({ file, count, directory: setting.directory });
  const controller = (name: string, work: string) =>
    onFreshBroker(name, count, port => {
      const args = [String(port), file, String(WINDOW), String(count), databaseFolder(setting)];
      return printed(process.execPath, [subjectProgram('publish-plans'), work, ...args]);
    });
  const comparison = await measure({
    title: `${count.toLocaleString('en-US')} plans of ${messageBytes} bytes`,
    metrics: METRICS,
    baseline: client.name,
    rounds: roundsOf(setting, ROUNDS),
    warmUps: setting.size === 'full' ? 1 : 0,
    tell: setting.tell,
    subjects: [
      client,
      controller('controller, prepared messages', 'prepared'),
      controller('controller, from the outbox', 'outbox'),
    ],
  });
  return { comparisons: [comparison] };
}

interface Prepared {
  readonly file: string;
  readonly count: number;
  readonly directory: string;
}

/** Without a compiler Debian's own program stands in, which has only one topic to publish to. */
function clientSubject({ file, count, directory }: Prepared): Subject {
  const program = join(directory, 'publish-loop');
  const source = join(import.meta.dirname, 'subjects/publish-loop.c');
  const built = spawnSync('cc', ['-O2', '-o', program, source, '-l:libmosquitto.so.1', '-lpthread']);
  if (built.status === 0) {
    return onFreshBroker('libmosquitto (C)', count, port => printed(program, [String(port), file, String(WINDOW)]));
  }
  const lines = join(directory, 'lines');
  writeFileSync(
    lines,
    readFileSync(file, 'latin1')
      .replace(/^seatrial.*\n\d+\n/gm, '')
      .replaceAll('}{', '}\n{'),
    'latin1',
  );
  const command = (port: number) => `mosquitto_pub -p ${port} -t seatrial -q 1 -r -l <'${lines}'`;
  return onFreshBroker('mosquitto_pub -l (C), one topic', count, port => runProgram(['bash', '-c', command(port)]));
}

/** A database for each round: what was published once is not published again. */
function databaseFolder({ directory }: Setting): string {
  const parent = join(directory, 'databases');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, 'round-'));
}

const onFreshBroker = (name: string, count: number, run: (port: number) => Promise<Sample>): Subject => ({
  name,
  round: async () => {
    const broker = await startMosquitto();
    try {
      const { wallMs = 0, cpuMs = 0 } = await run(broker.port);
      return { perSecond: (count * 1_000) / wallMs, cpuMicros: (cpuMs * 1_000) / count };
    } finally {
      await broker.stop();
    }
  },
});

const execute = promisify(execFile);

/** What the program says that it took. */
async function printed(program: string, args: readonly string[]): Promise<Sample> {
  const { stdout } = await execute(program, args);
  return JSON.parse(stdout);
}
