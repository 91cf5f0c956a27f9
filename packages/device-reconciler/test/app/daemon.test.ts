// The daemon over a board in memory: from plan to reboot, over restarts, and through everything that may come in between.

import type { Report } from '@seatrial/capsule-plan';
import { InvariantError, parseGeneration } from '@seatrial/spec';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runDaemon } from '../../src/app/daemon.ts';
import { planIntake } from '../../src/app/plan-intake.ts';
import { AgentConfig } from '../../src/domain/config.ts';
import { PortError } from '../../src/errors.ts';
import type { Ports } from '../../src/ports/ports.ts';
import { until } from '../world/brokers.ts';
import { FakeBoard } from '../world/fake-board.ts';
import { FakeLink } from '../world/fake-link.ts';
import { ManualTimer } from '../world/manual-timer.ts';
import { controller, DEVICE, digest, NEW_FW, NEW_OS, need, plan, signed } from '../world/values.ts';

const CONTROLLER = controller();
const CONFIG = AgentConfig.parse({ device: DEVICE, intervals: { poll: '10s', heartbeat: '5m', retryFirst: '1s' } });

interface Running {
  readonly board: FakeBoard;
  readonly link: FakeLink;
  readonly timer: ManualTimer;
  /** The reboots that the board had asked for when this agent started. */
  readonly rebootsBefore: number;
  stop(): Promise<void>;
}

async function start(
  board: FakeBoard,
  { link = new FakeLink(), ports = {} }: { link?: FakeLink; ports?: Partial<Ports> } = {},
): Promise<Running> {
  const timer = new ManualTimer();
  const rebootsBefore = board.services.reboots;
  const all: Ports = { ...board.ports, timer, ...ports };
  const stop = new AbortController();
  const trust = { controller: async () => CONTROLLER.role };
  const intake = await planIntake({ device: DEVICE, trust, ports: all });
  const daemon = runDaemon({ config: CONFIG, agentVersion: '0.0.0-test', ports: all, link, intake }, stop.signal);
  const end = async () => {
    stop.abort();
    await daemon;
  };
  onTestFinished(end);
  await until('the link is opened', () => link.isOpen || undefined);
  return { board, link, timer, rebootsBefore, stop: end };
}

const last = ({ link }: Running): Report | undefined => link.reports.at(-1);
const told = (running: Running, what: (report: Report) => boolean): Promise<Report> =>
  until('the board tells it', () => {
    const report = last(running);
    return report !== undefined && what(report) ? report : undefined;
  });
const reason = (report: Report): string | undefined =>
  report.conditions.find(({ status }) => status === 'True')?.reason;
const rebooting = ({ board, rebootsBefore }: Running): Promise<true> =>
  until('a reboot is asked for', () => board.services.reboots > rebootsBefore || undefined);

/** Ends the agent with its board's power, and starts both again. */
async function reboot(running: Running): Promise<Running> {
  await rebooting(running);
  await running.stop();
  running.board.powerCycle();
  return start(running.board);
}

describe('when a board has no plan', () => {
  test('then it tells what it is, and that it waits for one', async () => {
    const report = await told(await start(new FakeBoard()), ({ phase }) => phase === 'idle');
    expect(report).toMatchObject({ device: DEVICE, phase: 'idle', observed: { bootId: expect.any(String) } });
    expect(report.plan).toBeUndefined();
    expect(report.conditions.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'NoPlan',
    });
  });
});

describe('when a plan comes', () => {
  test('then the board goes through it, over two reboots, and tells every phase and step', async () => {
    const first = await start(new FakeBoard());
    await first.link.plan(signed(plan(), CONTROLLER));
    const second = await reboot(first);
    const third = await reboot(second);
    const report = await told(third, ({ phase }) => phase === 'converged');
    expect(report).toMatchObject({
      plan: { generation: 1, attempt: 1 },
      observed: { firmware: { esrt: { fwVersion: NEW_FW } } },
      failures: [],
      success: { health: { healthy: true } },
    });
    expect(report.observed.os.deployments.find(({ booted }) => booted)?.commit).toBe(NEW_OS);
    expect(reason(report)).toBe('Converged');
    const all = [first, second, third].flatMap(({ link }) => link.reports);
    expect([...new Set(all.map(({ phase }) => phase))]).toEqual([
      'idle',
      'fetching',
      'installing',
      'trial',
      'converged',
    ]);
    expect(all.every(({ sequence }, index) => index === 0 || sequence > need(all[index - 1]).sequence)).toBe(true);
    const steps = [first, second, third].flatMap(({ link }) => link.events.filter(({ state }) => state === 'done'));
    expect(steps.map(({ step }) => step)).toContain('bless-boot');
  });

  test('then a board that has converged writes nothing but its counter, and tells again when it is due', async () => {
    const third = await reboot(await reboot(await started()));
    await told(third, ({ phase }) => phase === 'converged');
    third.board.records.writes.length = 0;
    const before = third.link.reports.length;
    for (let heartbeats = 1; heartbeats <= 3; heartbeats += 1) {
      third.timer.pass(CONFIG.intervals.heartbeat);
      await until('a heartbeat', () => third.link.reports.length >= before + heartbeats || undefined);
    }
    expect(new Set(third.board.records.writes)).toEqual(new Set(['report-counter']));
  });

  test('then one that is refused is counted, and told', async () => {
    const running = await start(new FakeBoard());
    await told(running, ({ phase }) => phase === 'idle');
    await running.link.plan(signed(plan(), controller('controller-1')));
    expect((await told(running, ({ refused }) => refused.unsigned === 1)).plan).toBeUndefined();
  });

  test('then a newer one ends a download, and is what the board works on next', async () => {
    const board = new FakeBoard();
    let begun = 0;
    const artifacts: Ports['artifacts'] = {
      list: async () => [],
      pathOf: sha256 => sha256,
      discard: async () => undefined,
      keepOnly: async () => undefined,
      fetch: (_artifact, { signal }) => {
        begun += 1;
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new PortError('interrupted', 'the download')), { once: true });
        });
      },
    };
    const running = await start(board, { ports: { artifacts } });
    await running.link.plan(signed(plan(), CONTROLLER));
    await until('the download begins', () => begun === 1 || undefined);
    const newer = plan({ generation: need(parseGeneration(2)), payloadHash: digest('2') });
    await running.link.plan(signed(newer, CONTROLLER));
    await until('the next download begins', () => begun === 2 || undefined);
    expect((await told(running, ({ plan: on }) => on?.generation === 2)).phase).toBe('fetching');
  });
});

async function started(): Promise<Running> {
  const running = await start(new FakeBoard());
  await running.link.plan(signed(plan(), CONTROLLER));
  return running;
}

describe('when something fails', () => {
  test('then it is told by name, tried again after its pause, and forgotten when it succeeds', async () => {
    const board = new FakeBoard();
    board.artifacts.failure = new PortError('artifact-unreachable', 'http://x');
    const running = await start(board);
    await running.link.plan(signed(plan(), CONTROLLER));
    await told(running, report => reason(report) === 'ArtifactUnreachable');
    const reports = running.link.reports.length;
    running.timer.pass(1_000);
    await until('the second failure', () => running.link.events.filter(({ state }) => state === 'failed')[1]);
    expect(running.link.reports.length - reports).toBeLessThanOrEqual(1);
    board.artifacts.failure = undefined;
    running.timer.pass(2_000);
    await told(running, report => reason(report) !== 'ArtifactUnreachable');
  });

  test('then a defect stalls the board by name, the daemon lives, and a new plan leads on', async () => {
    const board = new FakeBoard();
    const running = await start(board);
    await told(running, ({ phase }) => phase === 'idle');
    const rows = board.boot.deployments.bind(board.boot);
    board.boot.deployments = async () => {
      throw new InvariantError('nobody foresaw this');
    };
    await running.link.plan(signed(plan(), CONTROLLER));
    await told(running, report => reason(report) === 'Defect');
    board.boot.deployments = rows;
    await running.link.plan(signed(plan({ generation: need(parseGeneration(2)) }), CONTROLLER));
    const report = await told(running, ({ phase }) => phase === 'installing');
    expect(report.plan?.generation).toBe(2);
  });

  test('then a board that can not even be looked at says so', async () => {
    const board = new FakeBoard();
    board.facts.bootId = async () => {
      throw new PortError('boot-id-missing', '/proc');
    };
    const { link } = await start(board);
    const event = await until('it says so', () => link.events[0]);
    expect(event).toMatchObject({ step: 'wait', state: 'failed', message: expect.stringContaining('boot-id-missing') });
    expect(link.reports).toEqual([]);
  });

  test('then a reboot that does not come is asked for again', async () => {
    const running = await started();
    await rebooting(running);
    running.timer.pass(CONFIG.intervals.rebootGrace);
    await until('it is asked for again', () => running.board.services.reboots > running.rebootsBefore + 1 || undefined);
    expect(running.link.events.filter(({ step, state }) => step === 'reboot' && state === 'started')).toHaveLength(2);
  });

  test('then a system call that failed is no defect', async () => {
    const board = new FakeBoard();
    const running = await start(board);
    await told(running, ({ phase }) => phase === 'idle');
    board.facts.gates = async () => {
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
    };
    await running.link.plan(signed(plan(), CONTROLLER));
    expect(reason(await told(running, report => reason(report) !== 'NoPlan'))).not.toBe('Defect');
  });

  test('then a disk that takes no records does not stop the telling', async () => {
    const board = new FakeBoard();
    board.records.write = async name => {
      throw new PortError('disk-full', name);
    };
    const running = await start(board);
    await told(running, ({ phase }) => phase === 'idle');
    await expect(running.link.plan(signed(plan(), CONTROLLER))).rejects.toMatchObject({ code: 'disk-full' });
    const before = need(last(running)).sequence;
    running.timer.pass(CONFIG.intervals.heartbeat);
    expect((await told(running, ({ sequence }) => sequence > before)).plan).toBeUndefined();
  });
});

describe('when the controller is away', () => {
  test('then the board works on, and tells everything when it is back', async () => {
    const board = new FakeBoard();
    const link = new FakeLink();
    const running = await start(board, { link });
    await link.plan(signed(plan(), CONTROLLER));
    link.isUp = false;
    await rebooting(running);
    await running.stop();
    board.powerCycle();
    const away = new FakeLink();
    away.isUp = false;
    const again = await start(board, { link: away });
    await rebooting(again);
    expect(away.reports).toEqual([]);
    away.reconnect();
    expect((await told(again, () => true)).phase).toBe('installing');
  });
});

describe('when an agent starts again', () => {
  test('then it looks first, and trusts what it sees over what it remembers', async () => {
    const board = new FakeBoard();
    const record = { schema: 1, phase: 'goingBack', conditions: [] };
    board.records.stored.set('lifecycle', JSON.stringify(record));
    const report = await told(await start(board), () => true);
    expect(report.phase).toBe('idle');
    expect(board.log.lines.some(({ message }) => message.includes('unexpected in goingBack'))).toBe(true);
  });

  test('then an unreadable memory is set aside', async () => {
    const board = new FakeBoard();
    board.records.stored.set('lifecycle', '{"schema":9}');
    await told(await start(board), ({ phase }) => phase === 'idle');
    expect(board.records.stored.get('lifecycle.corrupt')).toBe('{"schema":9}');
  });

  test('then conditions that still hold keep the time since when they do', async () => {
    const board = new FakeBoard();
    const first = await start(board);
    await told(first, ({ phase }) => phase === 'idle');
    const since = need(last(first)).conditions.map(({ lastTransitionTime }) => lastTransitionTime);
    await first.stop();
    const second = await start(board);
    second.timer.pass(5_000);
    const report = await told(second, ({ phase }) => phase === 'idle');
    expect(report.conditions.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual(since);
  });

  test('then one that is told to stop says goodbye', async () => {
    const running = await start(new FakeBoard());
    await running.stop();
    expect(running.link.isClosed).toBe(true);
  });
});
