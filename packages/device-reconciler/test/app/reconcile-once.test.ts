// One pass after the other over a board in memory: the way forward, every way back, and what a pass may not do.

import { EMPTY_JOURNAL, encodeJournal, isOnTrial } from '@seatrial/capsule-plan';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PortError } from '../../src/errors.ts';
import type { Ports } from '../../src/ports/ports.ts';
import { until } from '../world/brokers.ts';
import { type Behaviour, FakeBoard } from '../world/fake-board.ts';
import { ManualTimer } from '../world/manual-timer.ts';
import { passOnce, settle } from '../world/settle.ts';
import { firmwareHalf, NEW_FW, NEW_OS, OLD_FW, OLD_OS, osHalf, policy, target } from '../world/values.ts';

const boardThat = (behaviour: Partial<Behaviour>): FakeBoard =>
  new FakeBoard({ capsule: 'applies', newOs: 'healthy', ...behaviour });

describe('when a coupled release goes well', () => {
  test('then the board takes every step in its order and ends blessed and committed', async () => {
    const board = new FakeBoard();
    const { inference, steps } = await settle(board, target());
    expect(inference.kind).toBe('converged');
    expect(steps).toEqual([
      'fetch-capsule',
      'pull-commit',
      'arm-trial',
      'place-capsule',
      'request-capsule',
      'reboot',
      'deploy-commit',
      'arm-boot-counting',
      'reboot',
      'check-health',
      'bless-boot',
      'commit-firmware',
    ]);
    expect(board.esrt.fwVersion).toBe(NEW_FW);
    expect(board.runningOs).toBe(NEW_OS);
    expect(isOnTrial(board.trial)).toBe(false);
    expect(board.boot.deployed.map(({ entry }) => entry.triesLeft)).toEqual([undefined, undefined]);
  });

  test('then a converged board writes nothing, however often it looks', async () => {
    const board = new FakeBoard();
    await settle(board, target());
    const before = board.power.passed.length;
    for (let pass = 0; pass < 5; pass += 1) {
      expect((await passOnce(board, target())).result).toEqual({ kind: 'done' });
    }
    expect(board.power.passed.slice(before)).toEqual([]);
  });

  test('then no pass both stages and reboots', async () => {
    const board = new FakeBoard();
    const passes: string[][] = [];
    for (let pass = 0; pass < 40; pass += 1) {
      const before = board.power.passed.length;
      const { result } = await passOnce(board, target());
      passes.push(board.power.passed.slice(before).filter(point => !/keeping/.test(point)));
      if (result !== 'power-cut' && result.kind === 'rebooting') board.powerCycle();
    }
    expect(passes.filter(acts => acts.includes('before rebooting'))).toEqual([
      ['before rebooting'],
      ['before rebooting'],
    ]);
  });
});

describe('when one half is absent', () => {
  test.each([
    ['only firmware', { firmware: firmwareHalf() }, [NEW_FW, OLD_OS]],
    ['only an OS', { os: osHalf() }, [OLD_FW, NEW_OS]],
  ])('then %s is brought, and the other half stays', async (_name, halves, expected) => {
    const board = new FakeBoard();
    const { inference } = await settle(board, target({ payload: { transaction: 'coupled', ...halves } }));
    expect(inference.kind).toBe('converged');
    expect([board.esrt.fwVersion, board.runningOs]).toEqual(expected);
  });

  test('then firmware that goes first is committed before the OS is deployed', async () => {
    const board = new FakeBoard();
    const payload = { transaction: 'firmwareFirst' as const, firmware: firmwareHalf(), os: osHalf() };
    const { inference, steps } = await settle(board, target({ payload }));
    expect(inference.kind).toBe('converged');
    expect(steps.indexOf('commit-firmware')).toBeLessThan(steps.indexOf('deploy-commit'));
  });
});

describe('when a half fails', () => {
  test.each<[string, Partial<Behaviour>, string]>([
    ['the firmware refuses the capsule', { capsule: 'refused' }, 'capsule-refused'],
    ['the new OS is not healthy', { newOs: 'unhealthy' }, 'os-unhealthy'],
    ['the new OS panics', { newOs: 'panics' }, 'os-fell-back'],
  ])('then, as %s, the old pair runs again and the failure is remembered', async (_name, behaviour, reason) => {
    const board = boardThat(behaviour);
    const { inference } = await settle(board, target());
    expect(inference).toMatchObject({ kind: 'failed', failure: { reason } });
    expect([board.esrt.fwVersion, board.runningOs]).toEqual([OLD_FW, OLD_OS]);
    expect(isOnTrial(board.trial)).toBe(false);
    expect(board.boot.deployed).toHaveLength(1);
    expect([...board.esp.files.keys()]).toEqual([]);
  });

  test('then the same plan is not tried again, and a retry that an engineer asks for is', async () => {
    const board = boardThat({ newOs: 'unhealthy' });
    await settle(board, target());
    expect((await settle(board, target())).steps).toEqual([]);
    expect((await settle(board, target({ attempt: 2 }))).steps).toContain('deploy-commit');
  });
});

describe('when the plan has expired', () => {
  test('then nothing is begun', async () => {
    const board = new FakeBoard();
    const { result } = await passOnce(board, target(), { expired: true });
    expect(result).toMatchObject({ kind: 'retry', error: { code: 'plan-expired' } });
    expect(board.power.passed).toEqual([]);
  });

  test('then what has begun is finished', async () => {
    const board = new FakeBoard();
    for (let pass = 0; pass < 4; pass += 1) await passOnce(board, target());
    expect((await passOnce(board, target(), { expired: true })).result).toEqual({ kind: 'requeueAfter', afterMs: 0 });
  });
});

/** A store in which nothing ever arrives. */
const EMPTY_STORE: Omit<Ports['artifacts'], 'fetch'> = {
  list: async () => [],
  pathOf: sha256 => sha256,
  discard: async () => undefined,
  keepOnly: async () => undefined,
};

describe('when the world refuses', () => {
  test('then an unreachable server is a failure that is tried again, and what follows waits', async () => {
    const board = new FakeBoard();
    board.artifacts.served.clear();
    const { result } = await passOnce(board, target());
    expect(result).toMatchObject({ kind: 'retry', error: { code: 'artifact-missing' } });
    expect(board.efi.stored.get('OsTrialBootStatus-8be4df61-93ca-11d2-aa0d-00e098032b8c')?.value[1]).toBe(0);
  });

  test.each<[string, { readonly esp?: object; readonly efi?: object }, string]>([
    ['an ESP without room', { esp: { sizeBytes: 100 } }, 'esp-full'],
    ['a read-only ESP', { esp: { isWritable: false } }, 'esp-read-only'],
    ['read-only variables', { efi: { isWritable: false } }, 'efivarfs-read-only'],
  ])('then %s is seen before anything is done', async (_name, spoiled, reason) => {
    const board = new FakeBoard();
    Object.assign(board.esp, spoiled.esp);
    Object.assign(board.efi, spoiled.efi);
    const { result, inference } = await passOnce(board, target());
    expect(inference).toMatchObject({ kind: 'step', step: { kind: 'wait', reason } });
    expect(result).toEqual({ kind: 'requeueAfter', afterMs: 1_000 });
    expect(board.power.passed).toEqual([]);
  });

  test('then variables without room stop the step that needs it, by name', async () => {
    const board = new FakeBoard();
    await passOnce(board, target());
    await passOnce(board, target());
    board.efi.budgetBytes = 0;
    expect((await passOnce(board, target())).result).toMatchObject({ kind: 'retry', error: { code: 'efivarfs-full' } });
  });

  test('then a step that changes nothing is noticed', async () => {
    const board = new FakeBoard();
    const artifacts = { ...EMPTY_STORE, fetch: async () => undefined };
    const { result } = await passOnce(board, target(), { ports: { ...board.ports, artifacts } });
    expect(result).toMatchObject({ kind: 'retry', error: { code: 'step-without-effect' } });
  });
});

describe('when the world moves', () => {
  const parked = policy({ gates: { ...policy().gates, parked: true } });

  test('then a gate that closes between the decision and the act stops the act', async () => {
    const board = new FakeBoard();
    board.facts.facts = { parked: true };
    while ((await passOnce(board, target({ policy: parked }))).taken !== 'request-capsule');
    let looks = 0;
    board.facts.gates = async () => {
      looks += 1;
      return { parked: looks === 1 };
    };
    const { result, inference, taken } = await passOnce(board, target({ policy: parked }));
    expect(inference).toMatchObject({ step: { kind: 'reboot' } });
    expect([result, taken, board.services.reboots]).toEqual([{ kind: 'requeueAfter', afterMs: 0 }, undefined, 0]);
  });

  test('then a download ends when the board moves to a network that is not allowed', async () => {
    const board = new FakeBoard();
    board.facts.facts = { network: 'wifi' };
    const artifacts: Ports['artifacts'] = {
      ...EMPTY_STORE,
      fetch: async (_artifact, { signal }) => {
        board.facts.facts = { network: 'cellular' };
        await until('it is told to end', () => signal.aborted || undefined);
        throw new PortError('interrupted', 'the download');
      },
    };
    // Time that stands still would never let the watch look again, and time that jumps would not let anything else happen.
    const timer = new ManualTimer();
    const clock = setInterval(() => timer.pass(1_000), 5);
    onTestFinished(() => clearInterval(clock));
    const wifiOnly = policy({ download: { ...policy().download, networks: ['wifi'] } });
    const { result } = await passOnce(board, target({ policy: wifiOnly }), {
      ports: { ...board.ports, artifacts, timer },
    });
    expect(result).toMatchObject({ kind: 'retry', error: { code: 'interrupted' } });
    expect((await passOnce(board, target({ policy: wifiOnly }))).inference).toMatchObject({
      step: { kind: 'wait', reason: 'download-network' },
    });
  });
});

describe('when the journal can not be read', () => {
  test.each([
    ['torn', '{"schema":1,"fail'],
    ['of another schema', JSON.stringify({ schema: 2, failures: [] })],
    ['empty', ''],
  ])('then one that is %s is set aside, and the board goes on by what it sees', async (_name, text) => {
    const board = new FakeBoard();
    board.records.stored.set('journal', text);
    const { inference } = await settle(board, target());
    expect(inference.kind).toBe('converged');
    expect(board.records.stored.get('journal.corrupt')).toBe(text);
    expect(board.log.lines.some(({ level, message }) => level === 'error' && /journal-corrupt/.test(message))).toBe(
      true,
    );
  });

  test('then one that is in order is read as it was written', async () => {
    const board = new FakeBoard();
    board.records.stored.set('journal', new TextDecoder().decode(encodeJournal(EMPTY_JOURNAL)));
    await passOnce(board, target());
    expect(board.records.stored.has('journal.corrupt')).toBe(false);
  });
});
