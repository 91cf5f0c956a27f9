// The life of one booted OS: the agent runs, is restarted when it falls, and ends by reboot, by death or with the power.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AgentExit, type AgentProcess, startAgent } from './agent-process.ts';
import type { BoardPaths } from './board-paths.ts';
import { BOARD_MARK } from './board-processes.ts';
import { SYSTEM_CALL_CUT_ENVIRONMENT, underSystemCallCut, wasCut } from './faults/system-call-cut.ts';
import { type Machine, tell } from './machine.ts';
import { OSTREE_ENVIRONMENT } from './ostree-command.ts';
import { type Power, PowerLost } from './power.ts';
import type { Behaviour } from './system/behaviour.ts';
import { SystemSignals } from './system/signals.ts';

/** How an OS ends while the power stays on. */
export type SystemEnd = 'reboot' | 'death';

const SHUTDOWN_BEGINS_MS = 20;
const SYSTEM_CALL_POLL_MS = 2;

/** Runs until the OS ends; throws the power's reason when that goes first. No process is left in either case. */
export async function runSystem(machine: Machine, behaviour: Behaviour, power: Power): Promise<SystemEnd> {
  const signals = new SystemSignals(machine.paths.signals);
  try {
    const ending = Promise.race([
      signals.given('reboot').then((): SystemEnd => 'reboot'),
      deathOf(behaviour, signals, power).then((): SystemEnd => 'death'),
    ]);
    return await superviseAgent(machine, ending, power);
  } finally {
    signals.close();
  }
}

/** Settles when an OS that passes and then dies has come to its end; never for any other. */
async function deathOf(behaviour: Behaviour, signals: SystemSignals, power: Power): Promise<void> {
  if (behaviour.health !== 'passes-then-dies') return new Promise(() => undefined);
  await signals.given(behaviour.diesAfter === 'bless' ? 'blessed' : 'health-passed');
  await Promise.race([sleep(behaviour.diesAfterMs), power.lost]);
}

/** Restart=always, until something ends the OS. */
async function superviseAgent(machine: Machine, ending: Promise<SystemEnd>, power: Power): Promise<SystemEnd> {
  for (;;) {
    const agent = start(machine, power);
    const first = await Promise.race([ending, power.lost, agent.exited]);
    if (typeof first === 'string') return endSystem(machine, agent, first);
    if (!power.isOn) return endWithPower(machine, agent, power);
    tellExit(machine, await agent.exited);
    const next = await Promise.race([ending, power.lost, sleep(machine.timing.agentRestartMs)]);
    power.require();
    if (typeof next === 'string') return next;
  }
}

async function endSystem(machine: Machine, agent: AgentProcess, end: SystemEnd): Promise<SystemEnd> {
  if (end === 'reboot') {
    tell(machine, { kind: 'reboot-requested' });
    await sleep(SHUTDOWN_BEGINS_MS); // systemctl reboot answers before anything is stopped
    tellExit(machine, await agent.terminate(machine.timing.agentStopMs));
  } else {
    agent.kill();
    tellExit(machine, await agent.exited);
  }
  return end;
}

async function endWithPower(machine: Machine, agent: AgentProcess, power: Power): Promise<never> {
  if (power.loss === 'off') await agent.terminate(machine.timing.agentStopMs);
  agent.kill();
  await agent.exited;
  throw new PowerLost();
}

/** What every process of the board finds in its environment: the stand-ins first on PATH. */
export const systemEnvironment = ({ bin, root }: BoardPaths): Readonly<Record<string, string>> => ({
  ...OSTREE_ENVIRONMENT,
  PATH: `${bin}:${process.env['PATH'] ?? '/usr/bin:/bin'}`,
  SEATRIAL_VIRTUAL_BIN: bin,
  [BOARD_MARK]: root,
});

function start(machine: Machine, power: Power): AgentProcess {
  const { paths, agent: setup, systemCallCut: cut } = machine;
  const plain = setup.command(paths);
  const cutLog = join(paths.directory, 'log/strace.log');
  const agent = startAgent({
    command: cut === undefined ? plain : underSystemCallCut(plain, cut, cutLog),
    environment: {
      ...systemEnvironment(paths),
      ...setup.environment,
      ...(cut === undefined ? {} : SYSTEM_CALL_CUT_ENVIRONMENT),
    },
    workingDirectory: paths.directory,
    boardRoot: paths.root,
    logFile: paths.agentLog,
    onLine: line => tell(machine, { kind: 'agent-output', line }),
  });
  tell(machine, { kind: 'agent-started', pid: agent.pid });
  if (cut !== undefined) cutPowerWithTheCall(machine, agent, power, cutLog);
  return agent;
}

/** The kill of one process becomes the end of power for all of them. */
function cutPowerWithTheCall(machine: Machine, agent: AgentProcess, power: Power, cutLog: string): void {
  const look = (): void => {
    if (!wasCut(cutLog)) return;
    machine.systemCallCut = undefined;
    clearInterval(timer);
    agent.kill();
    power.lose('cut');
  };
  const timer = setInterval(look, SYSTEM_CALL_POLL_MS);
  void agent.exited.then(() => {
    look();
    clearInterval(timer);
  });
}

const tellExit = (machine: Machine, { code, signal }: AgentExit): void =>
  tell(machine, { kind: 'agent-exited', code, signal });
