// One virtual board that runs what its plan wants, with the real bundled agent connected to a real mosquitto: what almost
// every board of a fleet is, almost all of the time.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeReport, encodePlan, NEW_TRIAL_BOOT, type Report, topic } from '@seatrial/capsule-plan';
import { type DeviceTarget, InvariantError } from '@seatrial/spec';
import {
  type BoardPaths,
  commitSystem,
  createOstreeRepository,
  createVirtualBoard,
  nextEvent,
  trustingVerifier,
  type VirtualBoard,
} from '@seatrial/virtual-board';
import { connectAsync, type MqttClient } from 'mqtt';
import { HOUSE } from '../house.ts';
import { type AgentLaunch, unitLaunch } from './agent-unit.ts';
import { oneBoardTarget, planFor } from './hub-plan.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';
import { makeTrust } from './trust.ts';

export const AGENT_BUNDLE = join(HOUSE, 'packages/device-reconciler/dist/bundle/agent.js');
const CONVERGE_DEADLINE_MS = 60_000;

export interface ConvergedBoardOptions {
  /** Empty: everything is made below it. */
  readonly directory: string;
  /** The Node that runs the agent. */
  readonly node: string;
  /** Default: as the unit of systemd does. */
  readonly launch?: AgentLaunch;
  /** Program and arguments that start that Node in their turn: `strace …`. */
  readonly wrapper?: readonly string[];
  /** Members of `intervals` in agent.yaml; the agent's own defaults where nothing is said. */
  readonly intervals?: Readonly<Record<string, string>>;
}

export interface ConvergedBoard {
  readonly paths: BoardPaths;
  readonly agentPid: number;
  /** How many reports have come since the board was on. */
  readonly reports: () => number;
  stop(): Promise<void>;
}

/** Resolves once the broker has a report that says `converged`. Fails when none comes within a minute. */
export async function startConvergedBoard(options: ConvergedBoardOptions): Promise<ConvergedBoard> {
  const repository = join(options.directory, 'repository');
  await createOstreeRepository(repository);
  const commit = await commitSystem(repository, { ref: 'hub/stable', version: '1.0.0' });
  const target = oneBoardTarget(commit);
  const trust = makeTrust();
  const broker = await startMosquitto();
  const board = await makeBoard(options, { target, repository, brokerUrl: broker.url });
  await writeFile(join(board.paths.agentState, 'root.json'), trust.root);
  const client = await connectAsync(broker.url);
  await client.publishAsync(
    topic(target.device, 'plan'),
    Buffer.from(encodePlan(planFor(target, Date.now()), [trust.signer])),
    { qos: 1, retain: true },
  );
  return powerOn({ board, target, client, broker });
}

interface World {
  readonly board: VirtualBoard;
  readonly target: DeviceTarget;
  readonly client: MqttClient;
  readonly broker: Mosquitto;
}

async function powerOn({ board, target, client, broker }: World): Promise<ConvergedBoard> {
  let reports = 0;
  const converged = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the board did not converge')), CONVERGE_DEADLINE_MS);
    client.on('message', (_topic, message) => {
      reports += 1;
      if (!isConverged(message)) return;
      clearTimeout(timer);
      resolve();
    });
  });
  await client.subscribeAsync(topic(target.device, 'report'), { qos: 1 });
  const started = nextEvent(board, 'agent-started');
  const stop = async (): Promise<void> => {
    await board.stop();
    await client.endAsync();
    await broker.stop();
  };
  try {
    await board.powerOn();
    const { pid } = await started;
    await converged;
    if (pid === undefined) throw new InvariantError('an agent that reports has a process');
    return { paths: board.paths, agentPid: pid, reports: () => reports, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function isConverged(message: Buffer): boolean {
  const report = decodeReport(message);
  return report.ok && (report.value.phase satisfies Report['phase']) === 'converged';
}

const makeBoard = (
  { directory, node, launch = unitLaunch(), wrapper = [], intervals = {} }: ConvergedBoardOptions,
  {
    target,
    repository,
    brokerUrl,
  }: { readonly target: DeviceTarget; readonly repository: string; readonly brokerUrl: string },
): Promise<VirtualBoard> => {
  const { firmware, os } = target.payload;
  if (firmware === undefined || os === undefined) throw new InvariantError('the release has both halves');
  const { fwClass } = target.board;
  return createVirtualBoard({
    directory: join(directory, 'board'),
    id: target.device,
    agent: {
      command: ({ agentConfig }) => [...wrapper, node, ...launch.flags, AGENT_BUNDLE, '--config', agentConfig],
      environment: launch.environment,
    },
    verifyCapsule: trustingVerifier([]),
    firmware: {
      fwClass,
      version: firmware.version,
      lowestSupported: firmware.lowestSupported,
      trial: NEW_TRIAL_BOOT,
    },
    system: {
      repository,
      ref: 'hub/stable',
      commit: os.commit,
      stateroot: target.board.os.stateroot,
      remote: { name: os.remote, url: `file://${repository}` },
    },
    agentConfig: ({ root, bin }) => `device: ${target.device}
root: ${root}
broker: { urls: ['${brokerUrl}'] }
commands:
  systemctl: [${bin}/systemctl]
  blessBoot: [${bin}/systemd-bless-boot]
intervals: ${JSON.stringify(intervals)}
board: { fwClass: ${fwClass} }
`,
  });
};
