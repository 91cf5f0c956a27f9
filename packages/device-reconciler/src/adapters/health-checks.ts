// Asks a unit, a command or a URL whether the system is healthy.
// Touches: runs `systemctl is-active UNIT` and the commands that the fleet's YAML names (in a process group of their own,
// killed with it), opens the URLs that it names. Privileges: the agent's own.

import type { HealthResult } from '@seatrial/capsule-plan';
import type { HealthCheck } from '@seatrial/spec';
import type { HealthProbe } from '../ports/health-probe.ts';
import { runCommand } from './command.ts';
import { httpGet } from './http-get.ts';

type Kind = HealthCheck['kind'];
type Answer = Omit<HealthResult, 'name'>;
type Ask<K extends Kind> = (check: Extract<HealthCheck, { kind: K }>, signal: AbortSignal) => Promise<Answer>;

export function healthChecks(systemctl: readonly string[]): HealthProbe {
  const asks: { readonly [K in Kind]: Ask<K> } = {
    unit: async ({ unit, timeoutMs }, signal) => {
      const { exitCode, stdout, ending } = await runCommand(systemctl, ['is-active', unit], { timeoutMs, signal });
      return { healthy: exitCode === 0, detail: ending === 'exited' ? stdout.trim() || `exit ${exitCode}` : ending };
    },
    command: async ({ command, timeoutMs }, signal) => {
      const { exitCode, ending } = await runCommand(command, [], { timeoutMs, signal, ownGroup: true });
      return { healthy: exitCode === 0, detail: ending === 'exited' ? `exit ${exitCode ?? 'by a signal'}` : ending };
    },
    http: async ({ url, timeoutMs }, signal) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const answer = await httpGet(url, { stallMs: timeoutMs, signal: limit });
      answer.discard();
      return { healthy: answer.status >= 200 && answer.status < 300, detail: `HTTP ${answer.status}` };
    },
  };
  const ask = (check: HealthCheck, signal: AbortSignal): Promise<Answer> => {
    switch (check.kind) {
      case 'unit':
        return asks.unit(check, signal);
      case 'command':
        return asks.command(check, signal);
      case 'http':
        return asks.http(check, signal);
    }
  };
  return {
    run: async (check, signal) => {
      try {
        return { name: check.name, ...(await ask(check, signal)) };
      } catch (error) {
        return { name: check.name, healthy: false, detail: error instanceof Error ? error.message : 'failed' };
      }
    },
  };
}
