// Faults by name, and power cuts at chosen moments, over a running board.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { withCapsuleDelivery } from '@seatrial/capsule-plan';
import type { OstreeCommit } from '@seatrial/spec';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cutPowerAt, type FactoryOptions, nextEvent, type VirtualBoard } from '../src/index.ts';
import { FACTORY_FIRMWARE, Lab, STATEROOT, testCapsule, v } from './support/lab.ts';

const lab = new Lab();
let factory: OstreeCommit;
let next: OstreeCommit;

beforeAll(async () => {
  factory = await lab.commit('1.0');
  next = await lab.commit('2.0');
});
afterAll(() => lab.close());

const running = async (changes: Partial<FactoryOptions> = {}): Promise<VirtualBoard> => {
  const board = await lab.board(factory, changes);
  await powered(board);
  return board;
};
const powered = async (board: VirtualBoard): Promise<void> => {
  await Promise.all([nextEvent(board, 'agent-started'), board.powerOn()]);
};
const rebooted = async (board: VirtualBoard): Promise<void> => {
  await Promise.all([nextEvent(board, 'agent-started'), board.shell('systemctl reboot')]);
};

const TRIAL = '$ROOT/sys/firmware/efi/efivars/OsTrialBootStatus-8be4df61-93ca-11d2-aa0d-00e098032b8c';
const INDICATIONS = '$ROOT/sys/firmware/efi/efivars/OsIndications-8be4df61-93ca-11d2-aa0d-00e098032b8c';
/** Version 2 with a trial of three boots. */
const requestCapsule = async (board: VirtualBoard): Promise<void> => {
  board.inject({ kind: 'foreign-capsule', fileName: 'a.cap', bytes: testCapsule({ version: v(2) }) });
  await board.shell(String.raw`printf '\007\0\0\0\001\003\0\0' >${TRIAL}`);
  board.inject({ kind: 'foreign-indications', bits: withCapsuleDelivery(0n) });
};
const deployCounted = (board: VirtualBoard): Promise<unknown> =>
  board.shell(`
    ostree --repo=$ROOT/ostree/repo pull factory ${next}
    ostree admin --sysroot=$ROOT deploy --retain --os=${STATEROOT} ${next}
    cd $ROOT/boot/loader/entries; mv ostree-2-${STATEROOT}.conf ostree-2-${STATEROOT}+3.conf`);
const firstEntry = async (board: VirtualBoard) => (await board.inspect()).entries[0]?.fileName;

describe('firmware', () => {
  test('when a status is injected, then the ESRT in sysfs shows it', async () => {
    const board = await running();
    board.inject({ kind: 'firmware', fault: { kind: 'attempt-status', status: 2, times: 1 } });
    await requestCapsule(board);
    await rebooted(board);
    expect((await board.inspect()).esrt).toMatchObject({
      lastAttemptVersion: v(2),
      fwVersion: v(1),
      lastAttemptStatus: 2,
    });
    await board.stop();
  });

  test('when it shows no ESRT, then there is none until it is mended', async () => {
    const board = await running();
    board.inject({ kind: 'esrt-missing' });
    expect((await board.inspect()).esrt).toBeUndefined();
    board.mend();
    await rebooted(board);
    expect((await board.inspect()).esrt).toBeDefined();
    await board.stop();
  });

  test('when OsIndications has foreign bits, then they are there and stay', async () => {
    const board = await running();
    board.inject({ kind: 'foreign-indications', bits: 0x41n });
    await requestCapsule(board);
    await rebooted(board);
    expect((await board.inspect()).osIndications).toBe(0x41n);
    await board.stop();
  });

  test('when RPMB is not provisioned, then no variable survives a reset', async () => {
    const board = await running({ firmware: { ...FACTORY_FIRMWARE, rpmb: 'unprovisioned' } });
    await board.shell(String.raw`printf '\007\0\0\0\001\003\0\0' >${TRIAL}`);
    await rebooted(board);
    expect((await board.inspect()).trial).toBeUndefined();
    await board.stop();
  });
});

describe('boot loader', () => {
  test('when it takes no notice of exhaustion, then an entry without tries starts all the same', async () => {
    const board = await running();
    await deployCounted(board);
    await board.shell(`cd $ROOT/boot/loader/entries; mv ostree-2-${STATEROOT}+3.conf ostree-2-${STATEROOT}+0-3.conf`);
    board.inject({ kind: 'loader-ignores-exhaustion' });
    await rebooted(board);
    expect((await board.inspect()).running?.commit).toBe(next);
    await board.stop();
  });

  test.each([
    ['a power cut', '+1-2', (board: VirtualBoard) => board.cutPower().then(() => powered(board))],
    ['an orderly reboot', '', rebooted],
  ] as const)('when a bless is not synced, then after %s the counter is %j', async (_, counter, end) => {
    const board = await running();
    await deployCounted(board);
    await rebooted(board);
    board.inject({ kind: 'bless-not-synced' });
    await board.shell('systemd-bless-boot good');
    expect(await firstEntry(board)).toBe(`ostree-2-${STATEROOT}.conf`);
    await end(board);
    expect(await firstEntry(board)).toBe(`ostree-2-${STATEROOT}${counter}.conf`);
    await board.stop();
  });
});

const canMount =
  spawnSync('sh', ['-c', 'd=$(mktemp -d) && mount -t tmpfs none $d && umount $d && rmdir $d']).status === 0;

describe('storage', () => {
  let board: VirtualBoard;
  beforeAll(async () => {
    board = await running();
  });
  afterEach(() => board.mend());
  afterAll(() => board.stop());

  const write = '$ROOT/boot/EFI/UpdateCapsule/x.cap';

  test('when the ESP is read-only, then no file is taken until that is lifted, and /proc/mounts says so', async () => {
    board.inject({ kind: 'storage', place: 'esp', fault: { kind: 'read-only' } });
    expect((await board.shell(`: >${write}`)).exitCode).not.toBe(0);
    expect((await board.shell('grep " /boot .* ro," $ROOT/proc/mounts')).exitCode).toBe(0);
    board.liftStorageFault('esp');
    expect((await board.shell(`: >${write} && rm ${write}`)).exitCode).toBe(0);
  });

  test('when efivars is read-only, then a variable keeps its value', async () => {
    board.inject({ kind: 'storage', place: 'efivars', fault: { kind: 'read-only' } });
    expect((await board.shell(`printf x >${INDICATIONS}`)).exitCode).not.toBe(0);
    expect((await board.inspect()).osIndications).toBeUndefined();
  });

  test.runIf(canMount)('when the ESP is full, then a capsule finds no room, and what was there is there', async () => {
    board.inject({ kind: 'storage', place: 'esp', fault: { kind: 'full', freeBytes: 8_192 } });
    expect((await board.shell(`head -c 100000 /dev/zero >${write}`)).exitCode).not.toBe(0);
    expect((await board.shell(`head -c 4096 /dev/zero >${write}`)).exitCode).toBe(0);
    board.liftStorageFault('esp');
    expect((await board.inspect()).capsules).toEqual(['x.cap']);
    expect(await firstEntry(board)).toBe(`ostree-1-${STATEROOT}.conf`);
  });

  test.runIf(canMount)('when NVRAM is full, then no new variable can be made', async () => {
    board.inject({ kind: 'storage', place: 'efivars', fault: { kind: 'full', freeBytes: 0 } });
    expect((await board.shell(`printf 12345678 >${INDICATIONS}`)).exitCode).not.toBe(0);
  });
});

test('when the ESP is read-only, then firmware and boot loader still do their work', async () => {
  const board = await running();
  await requestCapsule(board);
  await deployCounted(board);
  board.inject({ kind: 'storage', place: 'esp', fault: { kind: 'read-only' } });
  await rebooted(board);
  const { capsules, entries } = await board.inspect();
  expect([capsules, entries[0]?.fileName]).toEqual([[], `ostree-2-${STATEROOT}+2-1.conf`]);
  await board.stop();
});

describe('power', () => {
  test('when it goes while the firmware works, then the capsule is applied at the next power-on', async () => {
    const board = await running();
    await requestCapsule(board);
    const cut = cutPowerAt(board, { kind: 'event', event: 'firmware-started' });
    await board.shell('systemctl reboot');
    await cut;
    expect((await board.inspect()).capsules).toEqual(['a.cap']);
    await powered(board);
    expect((await board.inspect()).esrt?.fwVersion).toBe(v(2));
    await board.stop();
  });

  test('when it goes between counting and the kernel, then a try is used', async () => {
    const board = await running();
    await deployCounted(board);
    const cut = cutPowerAt(board, { kind: 'event', event: 'entry-started' });
    await board.shell('systemctl reboot');
    await cut;
    expect(await firstEntry(board)).toBe(`ostree-2-${STATEROOT}+2-1.conf`);
  });

  describe('at a trace on the disk', () => {
    let board: VirtualBoard;
    beforeAll(async () => {
      board = await lab.board(factory);
    });

    test.each([
      ['capsule-partly-written', ': >$ROOT/boot/EFI/UpdateCapsule/a.cap.part'],
      ['capsule-placed', ': >$ROOT/boot/EFI/UpdateCapsule/a.cap'],
      ['trial-armed', String.raw`printf '\007\0\0\0\001\003\0\0' >${TRIAL}`],
      ['firmware-committed', String.raw`printf '\007\0\0\0\001\004\0\0' >${TRIAL}`],
      ['entry-good', `cd $ROOT/boot/loader/entries; cp ostree-1-${STATEROOT}.conf another.conf`],
      ['entry-counted', `cd $ROOT/boot/loader/entries; mv another.conf another+3.conf`],
      ['commit-partly-pulled', ': >$ROOT/ostree/repo/state/x.commitpartial'],
      ['commit-deployed', `: >$ROOT/ostree/deploy/${STATEROOT}/deploy/x.0.origin`],
      ['capsule-requested', String.raw`printf '\007\0\0\0\004\0\0\0\0\0\0\0' >${INDICATIONS}`],
    ] as const)('when the disk shows %s, then the power goes', async (trace, script) => {
      await powered(board);
      const cut = cutPowerAt(board, { kind: 'trace', trace }, { deadlineMs: 5_000 });
      void board.shell(script);
      await cut;
      expect((await board.inspect()).running).toBeUndefined();
    });
  });

  test('when the moment does not come, then the board stays on', async () => {
    const board = await running();
    const cut = cutPowerAt(board, { kind: 'trace', trace: 'trial-armed' }, { deadlineMs: 20 });
    await expect(cut).rejects.toMatchObject({ code: 'MOMENT_MISSED' });
    expect((await board.inspect()).running).toBeDefined();
    await board.stop();
  });

  test('when the time is random, then the power goes within it', async () => {
    const board = await running();
    await cutPowerAt(board, { kind: 'random', withinMs: 20, random: 0.5 });
    expect((await board.inspect()).running).toBeUndefined();
  });

  const renaming = (files: readonly string[]): string =>
    `const at = process.env.SEATRIAL_VIRTUAL_ROOT + '/var/lib/seatrial/'; const fs = require('node:fs');
     for (const f of ${JSON.stringify(files)}) { fs.writeFileSync(at + f, ''); fs.renameSync(at + f, at + f + '1'); }
     console.log('done'); setInterval(() => {}, 1000);`;

  test.runIf(existsSync('/usr/bin/strace')).each([
    ['second', { call: 'rename', nth: 2 }, 'a1 b'],
    ['one of c', { call: 'rename', nth: 1, path: 'c' }, 'a1 b1 c'],
  ])('when it goes at the %s rename, then those before were made and that one was not', async (_, cut, found) => {
    const agent = { command: () => [process.execPath, '-e', renaming(['a', 'b', 'c'])] };
    const board = await lab.board(factory, { agent });
    const path = 'path' in cut ? { path: `${board.paths.agentState}/${cut.path}` } : {};
    board.inject({ kind: 'power-cut-at-system-call', cut: { ...cut, ...path } });
    await Promise.all([nextEvent(board, 'power-cut'), board.powerOn()]);
    expect(readdirSync(board.paths.agentState).join(' ')).toBe(found);
    await Promise.all([nextEvent(board, 'agent-output'), board.powerOn()]);
    expect(readdirSync(board.paths.agentState).join(' ')).toBe('a1 b1 c1');
    await board.stop();
  });
});
