// What Prometheus is told, through prom-client. Counts by fleet and standing; never a series per board.

import { Counter, Gauge, Registry } from 'prom-client';
import type { Metrics } from '../ports/metrics.ts';

export function prometheusMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const boards = new Gauge({
    name: 'seatrial_boards',
    help: 'Boards by fleet and standing',
    labelNames: ['fleet', 'standing'],
    registers,
  });
  const rollout = new Gauge({
    name: 'seatrial_rollout_stage',
    help: 'Stage of the newest rollout of a fleet, by state',
    labelNames: ['fleet', 'state'],
    registers,
  });
  const unclaimed = new Gauge({
    name: 'seatrial_boards_unclaimed',
    help: 'Boards that report and no fleet selects',
    registers,
  });
  const ready = new Gauge({ name: 'seatrial_ready', help: '1 while nothing is wrong', registers });
  const problems = new Gauge({
    name: 'seatrial_problem',
    help: '1 for each part that has a problem, by code',
    labelNames: ['part', 'code'],
    registers,
  });
  const messages = new Counter({
    name: 'seatrial_messages_total',
    help: 'Messages of boards by channel and result',
    labelNames: ['channel', 'result'],
    registers,
  });
  const published = new Counter({
    name: 'seatrial_plans_published_total',
    help: 'Plans that the broker took over',
    registers,
  });
  return {
    countMessage: (channel, result) => messages.inc({ channel, result }),
    countPublished: count => published.inc(count),
    text: async ({ fleets, status }) => {
      for (const gauge of [boards, rollout, problems]) gauge.reset();
      for (const fleet of fleets) {
        for (const [standing, count] of Object.entries(fleet.standings))
          boards.set({ fleet: fleet.name, standing }, count);
        if (fleet.rollout) rollout.set({ fleet: fleet.name, state: fleet.rollout.state.kind }, fleet.rollout.stage);
      }
      unclaimed.set(status.boards.unclaimed);
      ready.set(status.ready ? 1 : 0);
      for (const { part, code } of status.problems) problems.set({ part, code }, 1);
      return registry.metrics();
    },
  };
}
