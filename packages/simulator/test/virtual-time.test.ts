// Virtual time: what is due happens in order, and nothing moves between.

import { expect, test } from 'vitest';
import { Chance } from '../src/chance.ts';
import { VirtualTime } from '../src/virtual-time.ts';

test('when alarms are set in any order, then they ring by their time, and those of one moment in the order they were set', async () => {
  const time = new VirtualTime(1_000);
  const heard: string[] = [];
  for (const [name, delayMs] of [
    ['late', 30],
    ['first', 10],
    ['second', 10],
    ['never', 99],
  ] as const) {
    time.after(delayMs, () => heard.push(`${name} ${time.elapsedMs()}`));
  }
  await time.runUntil(1_050, () => {});
  expect(heard).toEqual(['first 10', 'second 10', 'late 30']);
  expect(time.now()).toBe(1_050);
});

test('when an alarm is cancelled, then it does not ring', async () => {
  const time = new VirtualTime(0);
  const heard: string[] = [];
  const alarm = time.after(10, () => heard.push('cancelled'));
  time.after(5, () => alarm.cancel());
  await time.runUntil(20, () => {});
  expect(heard).toEqual([]);
});

test('when it is installed, then the timers and the chance of the process are its own until they are given back', async () => {
  const time = new VirtualTime(0);
  const { setTimeout: realTimeout } = globalThis;
  const giveBack = time.install(new Chance(7));
  const heard: number[] = [];
  setTimeout(() => heard.push(time.elapsedMs()), 86_400_000);
  const rolled = Math.random();
  await time.runUntil(86_400_000, () => {});
  giveBack();
  expect(heard).toEqual([86_400_000]);
  expect(rolled).toBe(new Chance(7).next());
  expect(globalThis.setTimeout).toBe(realTimeout);
});

test('when an event sets off a long chain of promises, then the next one waits until it has come to rest', async () => {
  const time = new VirtualTime(0);
  const heard: string[] = [];
  const chain = async (): Promise<void> => {
    for (let link = 0; link < 1_000; link += 1) await Promise.resolve();
    heard.push('chain');
  };
  time.after(1, () => void chain());
  time.after(2, () => heard.push('next'));
  await time.runUntil(10, () => heard.push('at rest'));
  expect(heard).toEqual(['chain', 'at rest', 'next', 'at rest']);
});
