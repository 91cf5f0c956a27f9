// Power fails before, during and after every act of whole transactions; the next start must lead to the same end.

import { isOnTrial } from '@seatrial/capsule-plan';
import type { Payload } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { type Behaviour, FakeBoard } from '../world/fake-board.ts';
import { settle } from '../world/settle.ts';
import { firmwareHalf, NEW_FW, NEW_OS, OLD_FW, OLD_OS, osHalf, target } from '../world/values.ts';

interface Story {
  readonly name: string;
  readonly behaviour: Behaviour;
  readonly payload: Payload;
  readonly ends: 'converged' | 'failed';
  readonly runs: readonly [typeof OLD_FW, typeof OLD_OS];
}

const good: Behaviour = { capsule: 'applies', newOs: 'healthy' };
const both = { firmware: firmwareHalf(), os: osHalf() };
const coupled: Payload = { transaction: 'coupled', ...both };

const COUPLED: Story = {
  name: 'a coupled release',
  behaviour: good,
  payload: coupled,
  ends: 'converged',
  runs: [NEW_FW, NEW_OS],
};

const STORIES: readonly Story[] = [
  COUPLED,
  {
    name: 'firmware before the OS',
    behaviour: good,
    payload: { transaction: 'firmwareFirst', ...both },
    ends: 'converged',
    runs: [NEW_FW, NEW_OS],
  },
  {
    name: 'firmware alone',
    behaviour: good,
    payload: { transaction: 'coupled', firmware: firmwareHalf() },
    ends: 'converged',
    runs: [NEW_FW, OLD_OS],
  },
  {
    name: 'an OS alone',
    behaviour: good,
    payload: { transaction: 'coupled', os: osHalf() },
    ends: 'converged',
    runs: [OLD_FW, NEW_OS],
  },
  {
    name: 'an OS that is not healthy',
    behaviour: { ...good, newOs: 'unhealthy' },
    payload: coupled,
    ends: 'failed',
    runs: [OLD_FW, OLD_OS],
  },
  {
    name: 'an OS that panics',
    behaviour: { ...good, newOs: 'panics' },
    payload: coupled,
    ends: 'failed',
    runs: [OLD_FW, OLD_OS],
  },
  {
    name: 'a capsule that is refused',
    behaviour: { ...good, capsule: 'refused' },
    payload: coupled,
    ends: 'failed',
    runs: [OLD_FW, OLD_OS],
  },
];

/** What was passed when nothing failed: every one of these is a moment at which power can. */
async function pointsOf({ behaviour, payload }: Story): Promise<readonly string[]> {
  const board = new FakeBoard(behaviour);
  await settle(board, target({ payload }));
  return board.power.passed;
}

describe.each(STORIES)('when power fails during $name', story => {
  test('then, wherever it does, the board comes to the same end', async () => {
    const points = await pointsOf(story);
    expect(points.length).toBeGreaterThan(15);
    for (const [at, point] of points.entries()) {
      const board = new FakeBoard(story.behaviour);
      board.power.failAt(at);
      const { inference, cuts } = await settle(board, target({ payload: story.payload }));
      const where = `cut ${at}, ${point}`;
      expect([where, cuts]).toEqual([where, 1]);
      expect([where, inference.kind]).toEqual([where, story.ends]);
      expect([where, board.esrt.fwVersion, board.runningOs]).toEqual([where, ...story.runs]);
      expect([where, isOnTrial(board.trial), [...board.esp.files.keys()]]).toEqual([where, false, []]);
      expect([where, board.boot.deployed.filter(({ entry }) => entry.triesLeft !== undefined)]).toEqual([where, []]);
    }
  });

  test('then, wherever it does twice, the board still comes to rest', async () => {
    const points = await pointsOf(story);
    for (let at = 0; at < points.length; at += 3) {
      const board = new FakeBoard(story.behaviour);
      board.power.failAt(at, at + 3);
      const { inference } = await settle(board, target({ payload: story.payload }));
      expect([at, inference.kind === 'converged' || inference.kind === 'failed']).toEqual([at, true]);
      expect([at, isOnTrial(board.trial)]).toEqual([at, false]);
    }
  });
});

describe('when power fails at a moment that matters', () => {
  test('then the running system is blessed at every moment', async () => {
    const points = await pointsOf(COUPLED);
    for (const at of points.keys()) {
      const board = new FakeBoard(good);
      board.power.failAt(at);
      await settle(board, target()).catch(() => undefined);
      expect(board.boot.deployed.some(({ entry }) => entry.triesLeft === undefined)).toBe(true);
    }
  });

  test('then a deployment that is not counted yet is not booted', async () => {
    const board = new FakeBoard(good);
    board.power.failAt((await pointsOf(COUPLED)).indexOf('after deploying, before the counters are back'));
    const cycle = board.powerCycle.bind(board);
    const booted: unknown[] = [];
    board.powerCycle = () => {
      cycle();
      booted.push(board.runningOs);
    };
    await settle(board, target());
    expect(booted).toEqual([OLD_OS, OLD_OS, NEW_OS]);
  });
});
