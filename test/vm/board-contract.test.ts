// The board in a virtual machine does what every board does: the suite of the virtual board, word for word. Minutes for each
// test, so it runs when asked for: vitest run --project vm.

import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type ArtifactServer, startArtifactServer } from '@seatrial/virtual-board';
import { type BoardUnderTest, describeBoard } from '@seatrial/virtual-board/board-contract';
import { obstacle } from './host/machine-needs.ts';
import { DEVICE, FACTORY_FIRMWARE, FW_CLASS, openWorkbench, v, type Workbench } from './host/workbench.ts';
import { REMOTE, STATEROOT } from './image/board-files.ts';
import { BOOT_DEADLINE_MS, RealBoard } from './machine/real-board.ts';

interface Bench {
  readonly workbench: Workbench;
  readonly server: ArtifactServer;
}

let bench: Promise<Bench> | undefined;
let boards = 0;
const tell = (what: string): void => void process.stderr.write(`${what}\n`);

/** Fails where no board can be run: whoever asks for this suite asks for it in earnest. */
async function openBench(): Promise<Bench> {
  const why = await obstacle(tell);
  if (why !== undefined) throw new Error(`no board can be run here: ${why}`);
  const workbench = await openWorkbench(tell);
  const artifacts = join(workbench.directory, 'artifacts');
  mkdirSync(artifacts);
  symlinkSync(workbench.image.systems.repository, join(artifacts, 'ostree'));
  return { workbench, server: await startArtifactServer({ directory: artifacts }) };
}

async function make(): Promise<BoardUnderTest> {
  bench ??= openBench();
  const { workbench, server } = await bench;
  boards += 1;
  const services = { httpPort: Number(new URL(server.url).port), mqttPort: 9 };
  const directory = join(workbench.directory, `board-${boards}`);
  const board = await RealBoard.make({ id: DEVICE, directory, disk: workbench.disk, services });
  board.log.expectPanic();
  const { factory, good, panicking } = workbench.image.systems.commits;
  return {
    board,
    stateroot: STATEROOT,
    remote: REMOTE,
    commits: { factory, next: good, hanging: panicking },
    capsule: workbench.vendor.capsule({ fwClass: FW_CLASS, version: v(2), lowestSupported: v(0) }),
    versions: { factory: FACTORY_FIRMWARE.version, next: v(2) },
  };
}

const close = async (): Promise<void> => (await bench)?.server.close();

describeBoard('the board in a virtual machine', { make, close, bootDeadlineMs: BOOT_DEADLINE_MS });
