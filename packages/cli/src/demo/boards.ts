// The eight boards of the demonstration: each in a directory of its own, each with the real agent as its own process.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NEW_TRIAL_BOOT } from '@seatrial/capsule-plan';
import type { DeviceId, FirmwareVersion, Guid, OstreeCommit } from '@seatrial/spec';
import { createVirtualBoard, trustingVerifier, type VirtualBoard } from '@seatrial/virtual-board';
import type { Workshop } from './workshop.ts';

export interface BoardsSetup {
  readonly directory: string;
  readonly ids: readonly DeviceId[];
  readonly workshop: Workshop;
  readonly artifactUrl: string;
  readonly brokerUrl: string;
  /** JSON of whom the boards believe. */
  readonly trustRoot: string;
  /** Program and first arguments that start an agent. */
  readonly agent: readonly string[];
  readonly fwClass: Guid;
  readonly ref: string;
  readonly factory: {
    readonly version: FirmwareVersion;
    readonly lowestSupported: FirmwareVersion;
    readonly commit: OstreeCommit;
  };
}

const STATEROOT = 'lab';

export async function makeBoards(setup: BoardsSetup): Promise<readonly VirtualBoard[]> {
  const boards: VirtualBoard[] = [];
  for (const id of setup.ids) boards.push(await makeBoard(setup, id));
  return boards;
}

async function makeBoard(setup: BoardsSetup, id: DeviceId): Promise<VirtualBoard> {
  const { workshop, fwClass, ref, factory } = setup;
  const board = await createVirtualBoard({
    directory: join(setup.directory, id),
    id,
    agent: { command: paths => [...setup.agent, '--config', paths.agentConfig] },
    verifyCapsule: trustingVerifier(workshop.anchors),
    firmware: {
      fwClass,
      version: factory.version,
      lowestSupported: factory.lowestSupported,
      trial: NEW_TRIAL_BOOT,
    },
    system: {
      repository: workshop.ostreeRepository,
      ref,
      commit: factory.commit,
      stateroot: STATEROOT,
      remote: { name: 'lab', url: `${setup.artifactUrl}/ostree` },
    },
    agentConfig: ({ root, bin }) => agentConfig(setup, { id, root, bin }),
  });
  await writeFile(join(board.paths.agentState, 'root.json'), setup.trustRoot);
  return board;
}

/** The pace of seconds instead of minutes; everything else as on a board in the field. */
const agentConfig = (
  { brokerUrl, fwClass }: BoardsSetup,
  { id, root, bin }: { readonly id: DeviceId; readonly root: string; readonly bin: string },
): string => `device: ${id}
root: ${root}
broker:
  urls: [${brokerUrl}]
  keepAlive: 10s
commands:
  systemctl: [${bin}/systemctl]
  blessBoot: [${bin}/systemd-bless-boot]
intervals:
  poll: 1s
  heartbeat: 20s
  progress: 500ms
  retryFirst: 200ms
  retryLongest: 3s
  stall: 5s
  healthRetry: 500ms
  rebootGrace: 30s
board:
  fwClass: ${fwClass}
`;
