// The board in a virtual machine does what every board does: the suite of the virtual board, word for word. Minutes for each
// test, so it runs when asked for: vitest run --project vm.

import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { startArtifactServer } from '@seatrial/virtual-board';
import { describeBoard } from '@seatrial/virtual-board/board-contract';
import { describe, test } from 'vitest';
import { obstacle } from './host/machine-needs.ts';
import { DEVICE, FACTORY_FIRMWARE, FW_CLASS, openWorkbench, v, type Workbench } from './host/workbench.ts';
import { REMOTE, STATEROOT } from './image/board-files.ts';
import { BOOT_DEADLINE_MS, RealBoard } from './machine/real-board.ts';

const why = await obstacle(what => process.stderr.write(`${what}\n`));
if (why === undefined) registerSuite();
else describe('the board in a virtual machine', () => test(`can not be run here: ${why}`, context => context.skip()));

function registerSuite(): void {
  let opened: Promise<{ workbench: Workbench; server: Awaited<ReturnType<typeof startArtifactServer>> }> | undefined;
  let boards = 0;
  const open = async () => {
    const workbench = await openWorkbench(what => process.stderr.write(`${what}\n`));
    const artifacts = join(workbench.directory, 'artifacts');
    mkdirSync(artifacts);
    symlinkSync(workbench.image.systems.repository, join(artifacts, 'ostree'));
    return { workbench, server: await startArtifactServer({ directory: artifacts }) };
  };
  describeBoard('the board in a virtual machine', {
    bootDeadlineMs: BOOT_DEADLINE_MS,
    close: async () => (await opened)?.server.close(),
    make: async () => {
      opened ??= open();
      const { workbench, server } = await opened;
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
    },
  });
}
