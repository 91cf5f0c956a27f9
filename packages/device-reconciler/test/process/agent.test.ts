// The agent as it is shipped: one file, on Node 20, against real OSTree, a real broker, and a kernel that is watched.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeReport, type Plan, topic } from '@seatrial/capsule-plan';
import type { OstreeCommit } from '@seatrial/spec';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  BUNDLE,
  buildBundle,
  type DirectoryBoard,
  daemon,
  directoryBoard,
  NODE_20,
  run,
  SOURCE,
} from '../world/agent-process.ts';
import { HAS_MOSQUITTO, mosquitto, type Observer, observer, until } from '../world/brokers.ts';
import { HAS_STRACE } from '../world/directories.ts';
import { entryNames, laboratory, powerOn } from '../world/real-sysroot.ts';
import { controller, DEVICE, need, osHalf, plan, policy, signed } from '../world/values.ts';

const CONTROLLER = controller();
const REPORT = topic(DEVICE, 'report');
const lab = laboratory();
const node = NODE_20 ?? process.execPath;
/** Valid for as long as the test's own clock says. */
const planFor = (commit: OstreeCommit, changes: Partial<Plan> = {}): Plan =>
  plan({
    payload: { transaction: 'coupled', os: osHalf({ commit }) },
    policy: policy({ trial: { ...policy().trial, bootTries: 3 } }),
    expiresAtMs: plan().expiresAtMs,
    ...changes,
  });

beforeAll(buildBundle, 60_000);

/** The clock of the plans is noon of one day in 2026: the board's is set to it. */
const clockOffsetMs = () => plan().issuedAtMs - Date.now();

function writePlan(board: DirectoryBoard, value: Plan): string {
  const file = join(board.base, 'plan.json');
  writeFileSync(file, signed(value, CONTROLLER));
  return file;
}

describe('when the bundle is asked', () => {
  test.skipIf(NODE_20 === undefined)('then it runs on Node 20, which this machine must have', async () => {
    const { code, out } = await run(node, [BUNDLE, '--help']);
    expect([code, out.length > 100]).toEqual([0, true]);
  });

  test.each<[string, readonly string[], string]>([
    ['a configuration that is not there', ['--config', '/nonexistent.yaml'], 'config-unreadable'],
    ['a word that it does not know', ['dance'], 'seatrial-agent'],
    ['an option that it does not know', ['--dance'], 'dance'],
    ['an output that it does not know', ['status', '-o', 'xml'], 'seatrial-agent'],
  ])('then %s ends it with 2, and says why', async (_name, words, why) => {
    const { code, err } = await run(node, [BUNDLE, ...words]);
    expect([code, err.includes(why)]).toEqual([2, true]);
  });

  test('then a configuration with mistakes shows them all, with their place', async () => {
    const board = directoryBoard(lab(), CONTROLLER);
    writeFileSync(board.config, 'device: bench-1\nroot: here\nnonsense: 1\n');
    const { code, err } = await run(node, [BUNDLE, 'status', '--config', board.config]);
    expect(code).toBe(2);
    expect(err).toMatch(/agent\.yaml:2:7[\s\S]*agent\.yaml:3:1[\s\S]*config-invalid/);
  });

  test('then a daemon without a broker says that it needs one', async () => {
    const board = directoryBoard(lab(), CONTROLLER);
    const { code, err } = await run(node, [BUNDLE, '--config', board.config]);
    expect([code, err.includes('broker-missing')]).toEqual([2, true]);
  });
});

describe('when a board is led by hand, one step at a time', () => {
  test('then it comes to a new commit over a real OSTree sysroot, and tells on the way where it is', async () => {
    const board = directoryBoard(lab(), CONTROLLER);
    board.configure({ clockOffsetMs: clockOffsetMs(), intervals: { healthRetry: '10ms' } });
    const commit = need(lab().later[0]);
    const file = writePlan(board, planFor(commit));
    const agent = (...words: readonly string[]) => run(node, [BUNDLE, ...words, '--config', board.config]);

    const taken: string[] = [];
    for (let steps = 0; steps < 20 && !existsSync(join(board.base, 'asked')); steps += 1) {
      const { code, out, err } = await agent('once', '-o', 'json', ...(steps === 0 ? ['--plan', file] : []));
      expect([code, err]).toEqual([1, '']);
      taken.push(JSON.parse(out).taken.kind);
    }
    expect(taken).toEqual(['pull-commit', 'deploy-commit', 'arm-boot-counting', 'reboot']);
    expect(entryNames(board.root)).toEqual(['ostree-1-lab.conf', 'ostree-2-lab+3.conf']);

    // What systemd-boot does, and a kernel after it.
    const entries = join(board.root, 'boot/loader/entries');
    execFileSync('mv', [join(entries, 'ostree-2-lab+3.conf'), join(entries, 'ostree-2-lab+2-1.conf')]);
    powerOn(board.root, 2, commit);
    const why = await agent('why');
    expect([why.code, why.out.includes('check health')]).toEqual([1, true]);
    await agent('once');
    await agent('once');
    expect(entryNames(board.root)).toEqual(['ostree-1-lab.conf', 'ostree-2-lab.conf']);

    const done = await agent('once', '-o', 'json');
    expect([done.code, JSON.parse(done.out).phase]).toEqual([0, 'converged']);
    const status = await agent('status', '-o', 'json');
    expect([status.code, JSON.parse(status.out).phase]).toEqual([0, 'converged']);
    expect((await agent('status')).out).toContain(commit.slice(0, 10));
  });

  test('then a plan that may not be acted on ends it with 2 and its code', async () => {
    const board = directoryBoard(lab(), CONTROLLER);
    const file = join(board.base, 'plan.json');
    writeFileSync(file, signed(planFor(need(lab().later[0])), controller('controller-1')));
    const { code, err } = await run(node, [BUNDLE, 'once', '--plan', file, '--config', board.config]);
    expect([code, err.includes('plan-unsigned')]).toEqual([2, true]);
  });
});

const reportsIn = ({ heard }: Observer) =>
  heard.flatMap(({ topic: on, text }) => {
    const report = on === REPORT ? decodeReport(new TextEncoder().encode(text)) : undefined;
    return report?.ok === true ? [report.value] : [];
  });

/** Converged from the start: the plan asks for what runs. */
async function convergedBoard() {
  const broker = await mosquitto();
  const other = await observer(broker.url);
  const board = directoryBoard(lab(), CONTROLLER);
  board.configure({
    clockOffsetMs: clockOffsetMs(),
    broker: { urls: [broker.url] },
    intervals: { poll: '100ms', heartbeat: '200ms', retryFirst: '50ms' },
  });
  await other.publish(topic(DEVICE, 'plan'), signed(planFor(lab().first), CONTROLLER), { retain: true });
  return { board, other };
}

describe.skipIf(!HAS_MOSQUITTO)('when the daemon runs (needs mosquitto)', () => {
  test('then it takes its plan, reports, is the only one on its board, and stops politely', async () => {
    const { board, other } = await convergedBoard();
    const agent = daemon(node, [BUNDLE, '--config', board.config]);
    const report = await until('it has converged', () => reportsIn(other).find(({ phase }) => phase === 'converged'));
    expect(report).toMatchObject({
      device: DEVICE,
      plan: { generation: 1 },
      observed: { os: { deployments: [{ booted: true }] } },
    });
    const second = await run(node, [BUNDLE, '--config', board.config]);
    expect([second.code, second.err.includes('board-busy')]).toEqual([2, true]);
    expect(await agent.stop()).toBe(0);
    await until('it said goodbye', () => other.heard.findLast(({ text }) => text.includes('"online":false')));
  });

  test.skipIf(!HAS_STRACE)(
    'then, once converged, it writes nothing that would outlive the boot (needs strace)',
    async () => {
      const { board, other } = await convergedBoard();
      const first = daemon(node, [BUNDLE, '--config', board.config]);
      await until('it has converged', () => reportsIn(other).find(({ phase }) => phase === 'converged'));
      await first.stop();
      const before = reportsIn(other).length;
      const trace = join(board.base, 'trace');
      const calls =
        'openat,open,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,truncate,ftruncate,link,linkat,symlinkat,fsync,fdatasync,chmod,fchmodat';
      const watched = daemon('strace', [
        '-f',
        '-qq',
        '-e',
        `trace=${calls}`,
        '-o',
        trace,
        node,
        BUNDLE,
        '--config',
        board.config,
      ]);
      await until('it reports and reports', () => reportsIn(other).length >= before + 4 || undefined);
      await watched.stop();
      const lines = readFileSync(trace, 'utf8').split('\n');
      expect(lines.some(line => line.includes('report-counter'))).toBe(true);
      expect(
        lines.filter(
          line => line.includes(`"${board.root}/`) && changes(line) && !line.includes(`"${board.root}/run/`),
        ),
      ).toEqual([]);
    },
  );
});

/** The call succeeded and could have changed something on a disk. */
const changes = (line: string): boolean => {
  if (/ = -1 E/.test(line)) return false;
  if (/\bopen(?:at)?\(/.test(line)) return /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(line);
  return /\b(?:creat|rename|unlink|mkdir|truncate|link|symlink|chmod|fchmod)/.test(line);
};

describe('when the sources run as they are', () => {
  test('then the answers are those of the bundle', async () => {
    const board = directoryBoard(lab(), CONTROLLER);
    const words = ['status', '-o', 'json', '--config', board.config];
    const [source, bundle] = [await run(process.execPath, [SOURCE, ...words]), await run(node, [BUNDLE, ...words])];
    const gist = ({ out }: { out: string }) => out.replace(/"(?:nowMs|lastTransitionTime|\w*[fF]reeBytes)": \d+/g, '');
    expect(source.code).toBe(bundle.code);
    expect(gist(source)).toBe(gist(bundle));
  });
});
