// The only file that knows everyone: fills the ports with real adapters, and offers what can be done with an agent.

import { readFile } from 'node:fs/promises';
import type { Issue, Result } from '@seatrial/spec';
import { artifactDirectory } from './adapters/artifact-directory.ts';
import { boardFacts } from './adapters/board-facts.ts';
import { boardRoot } from './adapters/board-root.ts';
import { efivarfs } from './adapters/efivarfs.ts';
import { espDirectory } from './adapters/esp-directory.ts';
import { esrtSysfs } from './adapters/esrt-sysfs.ts';
import { healthChecks } from './adapters/health-checks.ts';
import { loaderDirectory } from './adapters/loader-directory.ts';
import { mqttLink } from './adapters/mqtt-link.ts';
import { ostreeCommand } from './adapters/ostree-command.ts';
import { recordFiles } from './adapters/record-files.ts';
import { claimBoard } from './adapters/single-instance.ts';
import { stderrLog } from './adapters/stderr-log.ts';
import { systemTimer } from './adapters/system-timer.ts';
import { systemctl } from './adapters/systemctl.ts';
import { systemdBlessBoot } from './adapters/systemd-bless-boot.ts';
import { trustRootFile } from './adapters/trust-root-file.ts';
import { runDaemon } from './app/daemon.ts';
import { type OnceResult, runOnce } from './app/once.ts';
import { type PlanIntake, planIntake } from './app/plan-intake.ts';
import { type BoardStatus, boardStatus, type Explanation, explain } from './app/status.ts';
import type { AgentConfig } from './domain/config.ts';
import { parseAgentConfig } from './domain/parse-config.ts';
import { PortError } from './errors.ts';
import type { Log } from './ports/log.ts';
import type { Ports } from './ports/ports.ts';
import { AGENT_VERSION } from './version.ts';

export interface ConfigFile {
  readonly text: string;
  readonly parsed: Result<AgentConfig, readonly Issue[]>;
}

/** Reads agent.yaml. Fails with `config-unreadable`. */
export async function readAgentConfig(file: string): Promise<ConfigFile> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new PortError('config-unreadable', file, { cause: error });
  });
  return { text, parsed: parseAgentConfig(text, file) };
}

/** Real adapters for the board that the configuration describes. */
export function boardPorts(config: AgentConfig, log: Log = stderrLog): Ports {
  const { paths, commands, intervals } = config;
  const root = boardRoot(config.root);
  const timer = systemTimer(config.clockOffsetMs);
  const runDirectory = root(paths.run);
  const efiVariables = efivarfs({ root, chattr: commands.chattr });
  const loaderEntries = loaderDirectory(root);
  const stallMs = intervals.stall;
  return {
    timer,
    log,
    efiVariables,
    loaderEntries,
    firmwareTable: esrtSysfs(root),
    artifacts: artifactDirectory({ directory: root(paths.downloads), stallMs, timer }),
    ostree: ostreeCommand({ root, command: commands.ostree, loaderEntries, runDirectory, stallMs, timer }),
    bootAssessment: systemdBlessBoot({ command: commands.blessBoot, efiVariables, loaderEntries }),
    facts: boardFacts(root, paths.facts),
    services: systemctl(commands.systemctl),
    health: healthChecks(commands.systemctl),
    records: recordFiles({ stateDirectory: root(paths.state), runDirectory }),
    espAt: mountPoint => espDirectory(root, mountPoint),
  };
}

const intakeOf = (config: AgentConfig, ports: Ports): Promise<PlanIntake> =>
  planIntake({ device: config.device, trust: trustRootFile(boardRoot(config.root)(config.trustRoot)), ports });

/** The daemon, until the signal aborts. Fails with `broker-missing`, `board-busy`. */
export async function agentDaemon(config: AgentConfig, signal: AbortSignal): Promise<void> {
  const { broker, intervals, device } = config;
  if (broker === undefined) throw new PortError('broker-missing', 'broker');
  await claim(config);
  const ports = boardPorts(config);
  const { timer, log } = ports;
  const retry = { firstMs: intervals.retryFirst, longestMs: intervals.retryLongest };
  const agentVersion = AGENT_VERSION;
  const link = mqttLink({ device, agentVersion, broker, root: boardRoot(config.root), retry, timer, log });
  await runDaemon({ config, agentVersion, ports, link, intake: await intakeOf(config, ports) }, signal);
}

const claim = async ({ root }: AgentConfig): Promise<void> => {
  if (!(await claimBoard(root))) throw new PortError('board-busy', root);
};

/** One pass towards the plan in `message`, or towards the one that the board has. Fails with `board-busy`. */
export async function agentOnce(
  config: AgentConfig,
  { message, signal }: { readonly message: Uint8Array | undefined; readonly signal: AbortSignal },
): Promise<OnceResult> {
  await claim(config);
  const ports = boardPorts(config);
  return runOnce({ config, ports, intake: await intakeOf(config, ports), message, signal });
}

export async function agentStatus(config: AgentConfig): Promise<BoardStatus> {
  const ports = boardPorts(config);
  return boardStatus({ config, ports, intake: await intakeOf(config, ports) });
}

export const agentWhy = async (config: AgentConfig): Promise<Explanation> => explain(await agentStatus(config));
