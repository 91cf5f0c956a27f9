import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const SEATRIAL = fileURLToPath(new URL('../../packages/cli/bin/seatrial.js', import.meta.url));
const run = promisify(execFile);

interface Summary {
  readonly holds: boolean;
  readonly scenarios: readonly {
    readonly name: string;
    readonly checks: readonly { readonly what: string; readonly holds: boolean }[];
  }[];
  readonly powerCuts: readonly { readonly device: string; readonly during?: string }[];
  readonly boards: readonly {
    readonly device: string;
    readonly firmware: string;
    readonly onTrial: boolean;
    readonly bootEntry: string;
  }[];
}

describe('the demonstration', () => {
  it('when it is told to its end, then every board and every act ended as it must', { timeout: 900_000 }, async () => {
    const { stdout } = await run(process.execPath, [SEATRIAL, 'demo', '--exit', '-o', 'json', '--seed', '7'], {
      maxBuffer: 64 * 1024 * 1024,
    }).catch((error: { stdout?: string; stderr?: string }) => {
      throw new Error(`the demo failed\n${(error.stderr ?? '').slice(-8_000)}\n${(error.stdout ?? '').slice(-4_000)}`);
    });
    const summary: Summary = JSON.parse(stdout);
    const broken = summary.scenarios.flatMap(({ name, checks }) =>
      checks.filter(({ holds }) => !holds).map(({ what }) => `${name}: ${what}`),
    );
    expect(broken).toEqual([]);
    expect(summary.holds).toBe(true);
    expect(summary.scenarios.map(({ name }) => name)).toEqual([
      'good-release',
      'unhealthy-system',
      'refused-capsule',
      'git-revert',
    ]);
    expect(summary.powerCuts.filter(({ during }) => during !== undefined)).toHaveLength(2);
    expect(summary.boards).toHaveLength(8);
    expect(new Set(summary.boards.map(({ firmware, onTrial }) => `${firmware} ${onTrial}`))).toEqual(
      new Set(['0.0.1.2 false']),
    );
  });
});
