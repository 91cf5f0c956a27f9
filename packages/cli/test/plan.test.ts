import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Observed } from '@seatrial/capsule-plan';
import { bytes, validateDirectory } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { runCli } from './support/run-cli.ts';
import { observed, observedAt, type SnapshotEntry, snapshotFile } from './support/snapshots.ts';
import { emptyDirectory, FLEET, fleetCopy } from './support/workspace.ts';

const plan = (devices: readonly SnapshotEntry[], ...more: string[]) =>
  runCli(['plan', FLEET, '--observed', snapshotFile(devices), ...more]);

const fullEsp = (seen: Observed): Observed => ({ ...seen, esp: { ...seen.esp, freeBytes: bytes(1024) } });

async function failedBefore(): Promise<SnapshotEntry> {
  const { desired } = await validateDirectory(FLEET, { cacheFolder: false });
  const payloadHash = desired?.targets.find(({ device }) => device === 'tug-03')?.payloadHash;
  const failure = { reason: 'os-unhealthy', message: 'system is failed', atMs: 1 };
  return { device: 'tug-03', observed: observed(), failures: [{ payloadHash, attempt: 1, failure }] };
}

const WHOLE_FLEET = async (): Promise<readonly SnapshotEntry[]> => [
  { device: 'tug-02', observed: observed() },
  { device: 'tug-01', observed: observed() },
  await failedBefore(),
  { device: 'tug-04', observed: observed() },
  { device: 'tug-06', observed: fullEsp(observedAt(3, { facts: {} })) },
  { device: 'raft-01', observed: observed() },
];

describe('when a fleet is previewed', () => {
  test('then people read every step, and why boards wait, stay or failed', async () => {
    const { code, out, err } = await plan(await WHOLE_FLEET());
    expect({ code, err }).toEqual({ code: 1, err: '' });
    await expect(out).toMatchFileSnapshot('golden/plan.txt');
  });

  test('then scripts read the same', async () => {
    const { code, out } = await plan(await WHOLE_FLEET(), '-o', 'json');
    expect(code).toBe(1);
    const stable = out.replace(/"contentHash": "[0-9a-f]{64}"/, '"contentHash": "…"');
    await expect(stable).toMatchFileSnapshot('golden/plan.json');
  });

  test('then a board whose ESP is full is blocked, and the reason is named', async () => {
    const { code, out } = await plan([{ device: 'tug-01', observed: fullEsp(observed()) }], '-o', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      summary: { blocked: 1, changing: 0 },
      boards: [{ device: 'tug-01', outcome: 'blocked', steps: [{ kind: 'wait', waitsFor: 'esp-full' }] }],
    });
  });

  test('then a closed window is waited for by name, until it opens', async () => {
    const { out } = await plan([{ device: 'tug-01', observed: observedAt(12) }], '-o', 'json');
    const { boards } = JSON.parse(out) as { boards: [{ steps: { waitsFor?: string; untilMs?: number }[] }] };
    expect(boards[0].steps).toContainEqual(
      expect.objectContaining({ waitsFor: 'window-closed', untilMs: Date.UTC(2026, 10, 22, 2) }),
    );
  });

  test('then nothing to do ends with 0', async () => {
    const { code, out } = await plan([{ device: 'tug-04', observed: observed() }], '-o', 'json');
    expect(JSON.parse(out)).toMatchObject({ summary: { upToDate: 1 }, boards: [{ steps: [] }] });
    expect(code).toBe(0);
  });

  test('then a device or a fleet can be picked, and a misspelt one is an error', async () => {
    const devices = await WHOLE_FLEET();
    const one = await plan(devices, '-o', 'json', '--device', 'tug-04');
    expect(JSON.parse(one.out)).toMatchObject({ boards: [{ device: 'tug-04' }], unobserved: [] });
    const dock = await plan(devices, '-o', 'json', '--fleet', 'dock');
    expect(JSON.parse(dock.out)).toMatchObject({ boards: [{ device: 'tug-06', suspended: true }] });
    for (const wrong of [
      ['--device', 'tug-99'],
      ['--fleet', 'deck'],
    ]) {
      const { code, err } = await plan(devices, '-o', 'json', ...wrong);
      expect(code).toBe(2);
      expect(JSON.parse(err)).toMatchObject({ error: { code: 'name-unknown' } });
    }
  });
});

describe('when no preview can be made', () => {
  const withSnapshot = (text: string): string => {
    const path = join(emptyDirectory(), 'observed.json');
    writeFileSync(path, text);
    return path;
  };
  const codeOf = async (argv: readonly string[]) => {
    const { code, out, err } = await runCli(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    return /^error ([a-z-]+):/m.exec(err)?.[1];
  };

  test.each([
    ['{', 'truncated'],
    ['[]', 'of another shape'],
    ['{"schema":2,"devices":[]}', 'of another schema'],
    ['{"schema":1,"devices":[{"device":"a/b","observed":{}}]}', 'with a bad id'],
    ['\u0000', 'not JSON'],
  ])('then a snapshot %j (%s) is refused by its code', async text => {
    expect(await codeOf(['plan', FLEET, '--observed', withSnapshot(text)])).toBe('observed-malformed');
  });

  test('then a board that stands there twice is refused', async () => {
    const twice = snapshotFile([observed(), observed()].map(seen => ({ device: 'tug-01', observed: seen })));
    expect(await codeOf(['plan', FLEET, '--observed', twice])).toBe('observed-malformed');
  });

  test('then a missing snapshot, a missing option and a missing directory are told apart', async () => {
    expect(await codeOf(['plan', FLEET, '--observed', 'missing.json'])).toBe('observed-unreadable');
    expect(await codeOf(['plan', FLEET])).toBe('usage');
    expect(await codeOf(['plan', 'missing', '--observed', snapshotFile([])])).toBe('directory-unreadable');
  });

  test('then errors of the repository are shown and nothing is planned', async () => {
    const broken = fleetCopy();
    writeFileSync(join(broken, 'extra.yaml'), 'kind: Fleet\n');
    const { code, out, err } = await runCli(['plan', broken, '--observed', snapshotFile([])]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('extra.yaml');
    expect(err).toContain('error desired-state-invalid');
  });
});
