// Runs one stage of the gate, shows what it says as it says it, and measures its time.

import { spawn } from 'node:child_process';
import { ENVIRONMENT, HOME } from '../setup/run.mjs';

/** `check` returns what is wrong, or nothing; `command` succeeds with exit code 0. */
export async function runStage({ name, command, check, reports = [] }) {
  console.log(`\n== ${name}${command === undefined ? '' : `: ${command.join(' ')}`}`);
  const started = performance.now();
  const ok = command === undefined ? report(check()) : await succeeds(command);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`== ${name}: ${ok ? 'ok' : 'FAILED'} after ${seconds} s`);
  return { name, ok, seconds, reports };
}

function report(complaint) {
  if (complaint !== undefined) console.log(complaint);
  return complaint === undefined;
}

function succeeds([program, ...args]) {
  const { promise, resolve } = Promise.withResolvers();
  const child = spawn(program, args, { cwd: HOME, env: ENVIRONMENT, stdio: ['ignore', 'inherit', 'inherit'] });
  child.on('error', error => {
    console.log(`${program} could not be started: ${error.message}`);
    resolve(false);
  });
  child.on('close', code => resolve(code === 0));
  return promise;
}
