// The board in a directory does what every board does.

import { firmwareVersion } from '@seatrial/spec';
import { createCapsuleFactory, trustingVerifier } from '../src/index.ts';
import { type BoardUnderTest, describeBoard } from './board-contract.ts';
import { FW_CLASS, Lab, STATEROOT, v } from './support/lab.ts';

const lab = new Lab();
const vendor = createCapsuleFactory();
const verifyCapsule = trustingVerifier(vendor.anchors);

async function make(): Promise<BoardUnderTest> {
  const commits = {
    factory: await lab.commit('1.0'),
    next: await lab.commit('2.0'),
    hanging: await lab.commit('3.0', { boot: 'hang' }),
  };
  return {
    board: await lab.board(commits.factory, { verifyCapsule }),
    stateroot: STATEROOT,
    remote: 'factory',
    commits,
    capsule: vendor.capsule({ fwClass: FW_CLASS, version: v(2), lowestSupported: firmwareVersion(0) }),
    versions: { factory: v(1), next: v(2) },
  };
}

describeBoard('a board in a directory', { make, close: () => lab.close(), bootDeadlineMs: 10_000 });
