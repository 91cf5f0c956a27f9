// Runs one stage of the gate, shows what it says as it says it, and measures its time.

import { spawn } from 'node:child_process';
import { ENVIRONMENT, HOME } from '../setup/run.mjs';
import type { Stage } from './stages.ts';

export interface StageResult {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: string;
  readonly reports: readonly string[];
}

export const runStage = ({ name, command, reports = [] }: Stage): Promise<StageResult> =>
  timed(`${name}: ${command.join(' ')}`, async () => ({ name, reports, ok: await succeeds(command) }));

/** A stage that only looks: what it returns is what is wrong. */
export const runCheck = (name: string, complaint: () => string | undefined): Promise<StageResult> =>
  timed(name, async () => {
    const found = complaint();
    if (found !== undefined) console.log(found);
    return { name, reports: [], ok: found === undefined };
  });

async function timed(title: string, run: () => Promise<Omit<StageResult, 'seconds'>>): Promise<StageResult> {
  console.log(`\n== ${title}`);
  const started = performance.now();
  const result = await run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`== ${result.name}: ${result.ok ? 'ok' : 'FAILED'} after ${seconds} s`);
  return { ...result, seconds };
}

const succeeds = ([program, ...args]: Stage['command']): Promise<boolean> =>
  new Promise(resolve => {
    const child = spawn(program, args, { cwd: HOME, env: ENVIRONMENT, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', error => {
      console.log(`${program} could not be started: ${error.message}`);
      resolve(false);
    });
    child.on('close', code => resolve(code === 0));
  });
