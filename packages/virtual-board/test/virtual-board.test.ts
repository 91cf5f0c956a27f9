// What is particular to a board in a directory: its processes, its commands, its bounds.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OstreeCommit } from '@seatrial/spec';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { boardProcesses } from '../src/board-processes.ts';
import { nextEvent, openVirtualBoard, type VirtualBoard } from '../src/index.ts';
import { BOARD_ID, Lab, STATEROOT, verifyTestCapsule } from './support/lab.ts';

const lab = new Lab();
let factory: OstreeCommit;
let next: OstreeCommit;

beforeAll(async () => {
  factory = await lab.commit('1.0');
  next = await lab.commit('2.0');
});
afterAll(() => lab.close());

const shellAgent = (script: string) => ({ agent: { command: () => ['sh', '-c', script] } });
const root = '"$SEATRIAL_VIRTUAL_ROOT"';
const booted = (board: VirtualBoard) => nextEvent(board, 'booted');
const powered = async (board: VirtualBoard): Promise<void> => {
  await Promise.all([nextEvent(board, 'agent-started'), board.powerOn()]);
};

describe('the agent', () => {
  test('when it asks for reboots, then it is started anew until it rests, and what it kept is there', async () => {
    const agent = shellAgent(`
      count=$(($(cat ${root}/var/lib/seatrial/count 2>/dev/null || echo 0) + 1))
      echo $count >${root}/var/lib/seatrial/count
      echo boot $count
      [ $count = 3 ] || systemctl reboot
      exec sleep 600`);
    const board = await lab.board(factory, agent);
    const rest = nextEvent(board, 'agent-output', { where: ({ line }) => line === 'boot 3' });
    await board.powerOn();
    await rest;
    expect((await board.inspect()).firmwareStarts).toBe(3);
    await board.stop();
    expect(readFileSync(board.paths.agentLog, 'utf8')).toBe('boot 1\nboot 2\nboot 3\n');
  });

  test('when it falls, then it is started again in the same boot', async () => {
    const board = await lab.board(factory, shellAgent('echo up; exit 7'));
    const exits: unknown[] = [];
    board.onEvent(event => event.kind === 'agent-exited' && exits.push(event.code));
    const again = nextEvent(board, 'agent-started', { where: () => exits.length === 2 });
    await Promise.all([again, board.powerOn()]);
    expect(exits).toEqual([7, 7]);
    expect((await board.inspect()).firmwareStarts).toBe(1);
    await board.stop();
  });

  test('when there is no such program, then the board goes on without it', async () => {
    const board = await lab.board(factory, { agent: { command: () => ['/no/such/agent'] } });
    await Promise.all([nextEvent(board, 'agent-exited'), board.powerOn()]);
    expect((await board.inspect()).running?.commit).toBe(factory);
    await board.stop();
  });

  test('when the power is cut, then no process is left, however deaf', async () => {
    const board = await lab.board(factory, shellAgent("trap '' TERM; setsid sleep 601 & sleep 602 & echo ready; wait"));
    await Promise.all([nextEvent(board, 'agent-output'), board.powerOn()]);
    expect(boardProcesses(board.paths.root)).not.toEqual([]);
    await board.cutPower();
    expect(boardProcesses(board.paths.root)).toEqual([]);
  });

  test('when the board is stopped, then the agent has the time to end in order', async () => {
    const script = `trap 'echo bye >${root}/var/lib/seatrial/bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done`;
    const board = await lab.board(factory, shellAgent(script));
    await Promise.all([nextEvent(board, 'agent-output'), board.powerOn()]);
    await board.stop();
    expect(readFileSync(join(board.paths.agentState, 'bye'), 'utf8')).toBe('bye\n');
  });
});

describe('the commands of the OS', () => {
  let board: VirtualBoard;
  beforeAll(async () => {
    board = await lab.board(factory);
    await powered(board);
  });
  afterAll(() => board.stop());

  beforeEach(async () => {
    await board.shell('rm -f $ROOT/run/seatrial-virtual/failed-last-time $ROOT/run/seatrial-virtual/signals/*');
  });

  const sh = async (script: string): Promise<string> => {
    const { exitCode, output } = await board.shell(script);
    return `${output.trim().split('\n').join(' ')} ${exitCode}`.trim();
  };
  const healthIs = (health: string): void => writeFileSync(board.paths.health, health);

  test.each([
    ['ok', 'active 0', '0', '0'],
    ['fail', 'failed 3', '1', '1'],
    ['hang', 'activating 3', '124', '124'],
    ['passes-then-dies', 'active 0', '0', '0'],
  ])('when the health is %s, then a unit is %s, the script ends with %s and the target with %s', async (...row) => {
    const [health, unit, script, target] = row;
    healthIs(health);
    expect(await sh('systemctl is-active multi-user.target')).toBe(unit);
    expect(await sh('timeout 0.2 $ROOT/usr/bin/health')).toBe(script);
    expect(await sh('timeout 0.2 systemctl start boot-complete.target 2>/dev/null')).toBe(target);
  });

  test('when the health is flaky, then every other look is good', async () => {
    healthIs('flaky');
    const looks = [1, 2, 3, 4].map(() => 'systemctl is-active --quiet a.service; echo $?').join(';');
    expect(await sh(looks)).toBe('3 0 3 0 0');
  });

  test('when boot-complete.target was started, then it is active', async () => {
    healthIs('ok');
    expect(await sh('systemctl is-active boot-complete.target')).toBe('inactive 3');
    expect(await sh('systemctl start boot-complete.target; systemctl is-active boot-complete.target')).toBe('active 0');
  });

  test('when a boot is not counted, then there is nothing to bless', async () => {
    expect(await sh('systemd-bless-boot')).toBe('clean 0');
    expect(await sh('systemd-bless-boot good 2>/dev/null')).toBe('1');
  });

  describe('on a counted boot', () => {
    let entries: string;
    const variable = '$ROOT/sys/firmware/efi/efivars/LoaderBootCountPath-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';
    beforeAll(() => {
      entries = `$ROOT/boot/loader/entries`;
    });
    afterEach(async () => {
      await board.shell(`rm -f ${variable} ${entries}/try*`);
    });
    const counted = (name: string): Promise<unknown> =>
      board.shell(
        `{ printf '\\006\\0\\0\\0'; printf '%s' '\\loader\\entries\\${name}' | sed 's/./&\\n/g' | while read -r c; do printf '%s\\0' "$c"; done; printf '\\0\\0'; } >${variable}; : >${entries}/${name}`,
      );

    test.each([
      ['try+2-1.conf', 'good', 'try.conf', 'good 0'],
      ['try+2-1.conf', 'bad', 'try+0-1.conf', 'bad 0'],
      ['try+0-3.conf', 'bad', 'try+0-3.conf', 'dirty 0'],
      ['try+2-1.conf', 'status', 'try+2-1.conf', 'indeterminate 0'],
      ['try+2-1.conf', 'good; systemd-bless-boot bad', 'try+0-1.conf', 'bad 0'],
      ['try+2-1.conf', 'bad; systemd-bless-boot indeterminate', 'try+2-1.conf', 'indeterminate 0'],
      ['try+2-1.conf', 'good; systemd-bless-boot good', 'try.conf', 'good 0'],
    ])('when %s is marked %s, then it is %s and its state %s', async (name, verb, renamed, state) => {
      await counted(name);
      await board.shell(`systemd-bless-boot ${verb}`);
      expect(await sh(`cd ${entries}; ls | grep try`)).toBe(`${renamed} 0`);
      expect(await sh('systemd-bless-boot')).toBe(state);
    });

    test('when the good name is taken, then neither file is touched', async () => {
      await counted('try+2-1.conf');
      await board.shell(`echo other >${entries}/try.conf`);
      expect(await sh('systemd-bless-boot good')).toBe('0');
      expect(await sh(`cd ${entries}; ls | grep try; cat try.conf`)).toBe('try+2-1.conf try.conf other 0');
    });

    test('when no file of the entry is left, then marking fails', async () => {
      await counted('try+2-1.conf');
      await board.shell(`rm ${entries}/try*`);
      expect(await sh('systemd-bless-boot good 2>/dev/null')).toBe('1');
    });
  });
});

describe('an OS that does not live', () => {
  const deployed = async (behaviour: Parameters<Lab['commit']>[1], tries: number) => {
    const commit = await lab.commit(`9.${JSON.stringify(behaviour).replaceAll(/\W/g, '')}`, behaviour);
    const board = await lab.board(factory);
    await powered(board);
    await board.shell(`
      ostree --repo=$ROOT/ostree/repo pull factory ${commit}
      ostree admin --sysroot=$ROOT deploy --retain --os=${STATEROOT} ${commit}
      cd $ROOT/boot/loader/entries; mv ostree-2-${STATEROOT}.conf ostree-2-${STATEROOT}+${tries}.conf`);
    return { board, commit };
  };

  test.each(['hang', 'panic', 'panic-in-initramfs'] as const)(
    'when it comes to a %s, then the watchdog resets the board and the factory system is back',
    async boot => {
      const { board } = await deployed({ boot }, 1);
      const back = nextEvent(board, 'booted', { where: ({ commit }) => commit === factory });
      const reset = nextEvent(board, 'watchdog-reset');
      await board.shell('systemctl reboot');
      await Promise.all([reset, back]);
      expect((await board.inspect()).running?.commit).toBe(factory);
      await board.stop();
    },
  );

  test('when it passes its health check and dies, then it has used a try', async () => {
    const { board, commit } = await deployed({ health: 'passes-then-dies' }, 1);
    const tried = nextEvent(board, 'agent-started', { where: () => true });
    const running = nextEvent(board, 'booted', { where: event => event.commit === commit });
    await board.shell('systemctl reboot');
    await Promise.all([running, tried]);
    const back = nextEvent(board, 'booted', { where: event => event.commit === factory });
    await board.shell('$ROOT/usr/bin/health');
    await back;
    expect((await board.inspect()).entries[1]?.fileName).toBe(`ostree-2-${STATEROOT}+0-1.conf`);
    await board.stop();
  });

  test('when it dies after its blessing, then its entry stays good', async () => {
    const { board, commit } = await deployed({ health: 'passes-then-dies', diesAfter: 'bless' }, 1);
    const running = nextEvent(board, 'booted', { where: event => event.commit === commit });
    await board.shell('systemctl reboot');
    await running;
    const reset = nextEvent(board, 'watchdog-reset');
    await board.shell('systemctl start boot-complete.target; systemd-bless-boot good');
    await reset;
    expect((await board.inspect()).entries[0]?.fileName).toBe(`ostree-2-${STATEROOT}.conf`);
    await board.stop();
  });

  test('when nothing on the disk boots, then the board does not spin', async () => {
    const panicking = await lab.commit('10.0', { boot: 'panic' });
    const timing = { firmwareMs: 0, kernelMs: 0, watchdogMs: 0, maxStartsPerMinute: 5 };
    const board = await lab.board(panicking, { timing });
    await Promise.all([nextEvent(board, 'boots-held-back'), board.powerOn()]);
    expect((await board.inspect()).firmwareStarts).toBe(5);
    await board.stop();
  });

  test('when there is no entry left, then the board waits for its watchdog', async () => {
    const board = await lab.board(factory);
    await Promise.all([booted(board), board.powerOn()]);
    await board.shell('rm $ROOT/boot/loader/entries/*');
    await board.cutPower();
    await Promise.all([nextEvent(board, 'nothing-to-boot'), nextEvent(board, 'watchdog-reset'), board.powerOn()]);
    expect((await board.inspect()).running).toBeUndefined();
    await board.cutPower();
  });
});

describe('its directory', () => {
  test('when the board is opened again, then it is where it was', async () => {
    const board = await lab.board(factory);
    await powered(board);
    const before = (await board.inspect()).running;
    await board.cutPower();
    const reopened = openVirtualBoard({
      directory: board.paths.directory,
      id: BOARD_ID,
      agent: { command: () => ['sleep', '600'] },
      verifyCapsule: verifyTestCapsule,
    });
    await powered(reopened);
    const after = (await reopened.inspect()).running;
    expect(after?.commit).toBe(before?.commit);
    expect(after?.bootId).not.toBe(before?.bootId);
    await reopened.stop();
  });

  test('when it is not new, then no board is made in it; when it is new, then none is opened', async () => {
    const board = await lab.board(factory);
    const { directory } = board.paths;
    await expect(lab.board(factory, { directory })).rejects.toMatchObject({ code: 'BOARD_EXISTS' });
    const options = { id: BOARD_ID, agent: { command: () => [] }, verifyCapsule: verifyTestCapsule };
    expect(() => openVirtualBoard({ ...options, directory: join(directory, 'nothing') })).toThrow(
      expect.objectContaining({ code: 'BOARD_UNREADABLE' }),
    );
    await expect(board.shell('true')).rejects.toMatchObject({ code: 'BOARD_IS_OFF' });
  });

  test('when it runs, then sysfs and proc have the kernel’s form', async () => {
    const board = await lab.board(factory);
    await powered(board);
    const row = await board.shell('cd $ROOT/sys/firmware/efi/esrt/entries/entry0 && grep -r "" . | sort');
    expect(row.output).toMatchInlineSnapshot(`
      "./capsule_flags:0x0
      ./fw_class:78462415-6133-431c-9fae-48f2bafd5c71
      ./fw_type:1
      ./fw_version:65537
      ./last_attempt_status:0
      ./last_attempt_version:0
      ./lowest_supported_fw_version:65536
      "
    `);
    expect((await board.shell('cat $ROOT/proc/cmdline')).output).toMatch(/ ostree=\/ostree\/boot\.\d\/poky\/\S+\n$/);
    expect((await board.shell('od -An -tx1 $ROOT/sys/firmware/efi/efivars/OsIndicationsSupported-*')).output).toBe(
      ' 06 00 00 00 04 00 00 00 00 00 00 00\n',
    );
    await board.stop();
  });

  test('when the board is removed, then nothing of it is left', async () => {
    const board = await lab.board(factory);
    await powered(board);
    await board.shell(`
      ostree --repo=$ROOT/ostree/repo pull factory ${next}
      OSTREE_SYSROOT_DEBUG= ostree admin --sysroot=$ROOT deploy --retain --os=${STATEROOT} ${next}`);
    await board.remove();
    expect(existsSync(board.paths.directory)).toBe(false);
  });
});
