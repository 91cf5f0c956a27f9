import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAILURE_KINDS, FAULT_KINDS, FAULT_PRESETS } from '@seatrial/simulator';
import { bytes } from '@seatrial/spec';
import { describe, expect, test, vi } from 'vitest';
import { RehearsalJson } from '../src/simulate/rehearsal-json.ts';
import { runCli } from './support/run-cli.ts';
import { observed, observedAt, snapshotFile } from './support/snapshots.ts';
import { emptyDirectory, FLEET, fleetCopy } from './support/workspace.ts';

/** Days of whole fleets on a machine that has other things to do as well. */
vi.setConfig({ testTimeout: 120_000 });

const EXAMPLE = join(import.meta.dirname, '../../../fleets');
const simulate = (...words: readonly string[]) => runCli(['simulate', ...words]);

/** Exit code and result, which must be of the promised shape. */
async function simulated(...words: readonly string[]) {
  const { code, out, err } = await simulate(...words, '-o', 'json');
  expect(err).toBe('');
  const json = RehearsalJson.parse(JSON.parse(out));
  const [fleet] = json.fleets;
  if (fleet === undefined) throw new Error('the test needs a fleet');
  return { code, json, fleet, text: out };
}

/** The test's fleet with other rules. */
function harbourWith(...changes: readonly (readonly [string, string])[]): string {
  const root = fleetCopy();
  const path = join(root, 'harbour.yaml');
  const text = changes.reduce(
    (before, [from, to]) => {
      expect(before).toContain(from);
      return before.replace(from, to);
    },
    readFileSync(path, 'utf8'),
  );
  writeFileSync(path, text);
  return root;
}

describe('when a rollout is rehearsed', () => {
  test('then the example of the repository completes, and every member is of its promised form', async () => {
    const { code, json } = await simulated(EXAMPLE);
    expect(code).toBe(0);
    expect(json).toMatchObject({ completes: true, cutShort: false, seed: 1 });
    expect(json.violation).toBeUndefined();
    expect(json.fleets.map(({ fleet, end }) => [fleet, end])).toEqual([
      ['iq9075-field', 'completed'],
      ['lab', 'completed'],
    ]);
    for (const { cohort, standings, pinned, stages, timeline } of json.fleets) {
      expect(standings.upToDate).toBe(cohort + pinned);
      expect(stages.at(-1)?.boards).toBe(cohort);
      expect(timeline.length).toBeGreaterThan(2);
      for (const sample of timeline) {
        expect(Object.values(sample.standings).reduce((sum, count) => sum + count, 0)).toBe(cohort + pinned);
      }
    }
  });

  test('then its windows, soaks and rates are what the time goes to', async () => {
    const { fleet } = await simulated(FLEET, '--fleet', 'harbour');
    // Merged on a Monday at 09:00; the window opens at 02:00, and the first board soaks for an hour.
    expect(fleet.stages[0]?.soaksFromMs).toBeGreaterThan(Date.UTC(2026, 0, 6, 2));
    expect(fleet.stages[0]?.soaksFromMs).toBeLessThan(Date.UTC(2026, 0, 6, 5));
    expect(fleet.stages[1]?.opensAtMs).toBeGreaterThanOrEqual((fleet.stages[0]?.soaksFromMs ?? 0) + 3_600_000);
    expect(fleet.bytes.capsules).toBe(4 * 4_202_221);
    expect(fleet).toMatchObject({ cohort: 4, pinned: 1, moved: 4, commitsPulled: 4, end: 'completed' });
  });

  test('then the same seed is the same answer, byte for byte, and the picture too', async () => {
    const draw = async (seed: string) => {
      const file = join(emptyDirectory(), 'rollout.svg');
      const words = ['--fleet', 'lab', '--faults', 'storm', '--seed', seed, '--timeline', file];
      const { text } = await simulated(EXAMPLE, ...words);
      return text + readFileSync(file, 'utf8');
    };
    const first = await draw('5');
    expect(await draw('5')).toBe(first);
    expect(await draw('6')).not.toBe(first);
  });

  test('then people and pull requests read the same', async () => {
    const words = [EXAMPLE, '--fleet', 'lab', '--release-failure', 'refused=1'];
    const [text, markdown] = [await simulate(...words), await simulate(...words, '-o', 'markdown')];
    for (const { code, out } of [text, markdown]) {
      expect(code).toBe(1);
      expect(out).toMatch(/lab to lab-1\.1\.0: (pauses|completes)/);
      expect(out).toMatch(/No promise was broken/);
      expect(out).toContain('boards of lab start on lab-1.0.0');
    }
    expect(markdown.out).toContain('| 1 | 1 |');
    expect(text.out).toContain('capsule');
  });
});

describe('when a release fails on some boards', () => {
  test('then it pauses within its budget, and exit code and members say so', async () => {
    const { code, json, fleet } = await simulated(
      ...[EXAMPLE, '--fleet', 'iq9075-field', '--boards', '100', '--release-failure', '6', '--gates', 'open'],
    );
    expect(code).toBe(1);
    expect(json.completes).toBe(false);
    expect(fleet).toMatchObject({ end: 'paused', failuresAllowed: 1, cohort: 100 });
    const { pause } = fleet;
    expect(pause).toMatchObject({ moved: fleet.moved, untouched: 100 - fleet.moved });
    expect(fleet.failed).toBeLessThanOrEqual((pause?.failed ?? 0) + (pause?.inMotion ?? 0));
    expect(fleet.failed).toBeGreaterThan(1);
    expect(fleet.leftBehind).toHaveLength(100 - fleet.standings.upToDate);
    expect(fleet.failedBy[0]?.reason).toBe('os-unhealthy');
  });

  test('then kinds and shares are mixed as they are named', async () => {
    const rules = harbourWith(
      ['failureBudget: 0', 'failureBudget: 100%'],
      ['successThreshold: 100%', 'successThreshold: 1%'],
    );
    const { fleet } = await simulated(
      ...[rules, '--fleet', 'harbour', '--boards', '20', '--release-failure', 'unhealthy=10,refused=5'],
    );
    expect(fleet.failedBy).toEqual([
      { reason: 'os-unhealthy', boards: 2 },
      { reason: 'capsule-refused', boards: 1 },
    ]);
  });
});

describe('when boards were observed', () => {
  const snapshot = () =>
    snapshotFile([
      { device: 'tug-01', observed: observed() },
      { device: 'tug-02', observed: observedAt(12, { facts: { parked: false, network: 'cellular' } }) },
      { device: 'tug-03', observed: { ...observed(), esp: { ...observed().esp, freeBytes: bytes(1024) } } },
      { device: 'tug-04', observed: observed() },
    ]);

  test('then they start as they were, and those that were never seen stay silent', async () => {
    const { code, json, fleet } = await simulated(FLEET, '--fleet', 'harbour', '--observed', snapshot(), '--days', '9');
    expect(code).toBe(1);
    expect(json.mergedAtMs).toBe(Date.UTC(2026, 10, 21, 12));
    const reasons = new Map(fleet.leftBehind.map(({ device, reason, standing }) => [device, `${standing} ${reason}`]));
    expect(reasons.get('tug-03')).toBe('blocked esp-full');
    expect(reasons.has('tug-05')).toBe(true);
    expect(json.assumptions.join()).toContain('1 board of git not in the snapshot');
  });

  test('then their own gates hold them where asked for', async () => {
    const two = snapshotFile([
      { device: 'tug-01', observed: observed() },
      { device: 'tug-02', observed: observed({ facts: { parked: false, network: 'cellular' } }) },
    ]);
    const root = harbourWith(['      - { limit: 1, soak: 1h }\n', '']);
    const left = async (gates: string) => {
      const words = ['--fleet', 'harbour', '--observed', two, '--gates', gates, '--days', '9'];
      return (await simulated(root, ...words)).fleet.leftBehind.map(({ device }) => device);
    };
    expect(await left('observed')).toContain('tug-02');
    expect(await left('open')).not.toContain('tug-02');
  });
});

describe('when a picture is asked for', () => {
  test('then it has a title, a description, axes, every stage and no text that could be markup', async () => {
    const file = join(emptyDirectory(), 'rollout.svg');
    await simulate(FLEET, '--fleet', 'harbour', '--timeline', file);
    const svg = readFileSync(file, 'utf8');
    expect(svg).toMatch(/^<svg [^>]*role="img"[^>]*aria-labelledby="title desc"/);
    expect(svg).toContain('<title id="title">Rehearsed rollout of harbour</title>');
    expect(svg).toMatch(/<desc id="desc">harbour completes after [^<]+<\/desc>/);
    for (const word of [
      '>stages<',
      '>windows<',
      '>boards<',
      '>merge<',
      '>up to date<',
      'time since the merge, and UTC',
    ]) {
      expect(svg).toContain(word);
    }
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    const open = [...svg.matchAll(/<([a-z]+)(?:\s[^<>]*)?(?<!\/)>/g)].map(([, name]) => name);
    const closed = [...svg.matchAll(/<\/([a-z]+)>/g)].map(([, name]) => name);
    expect(new Set(open)).toEqual(new Set(closed));
    expect(open).toHaveLength(closed.length);
  });

  test('then a place that can not be written is an error', async () => {
    const file = join(emptyDirectory(), 'missing/rollout.svg');
    const { code, err } = await simulate(EXAMPLE, '--fleet', 'lab', '--boards', '1', '--timeline', file);
    expect(code).toBe(2);
    expect(err).toContain('error output-failed');
    expect(existsSync(file)).toBe(false);
  });
});

describe('when nothing can be rehearsed', () => {
  const empty = () => harbourWith(['matchLabels: { place: harbour }', 'matchLabels: { place: nowhere }']);
  const withoutTrial = () => harbourWith(['versionFloor: 0.0.1.0', 'versionFloor: 0.0.1.0\n    trial: unavailable']);
  const malformed = (): string => {
    const path = join(emptyDirectory(), 'observed.json');
    writeFileSync(path, '{"schema":1,"devices":[{}]}');
    return path;
  };

  test.each<[string, string, () => readonly string[]]>([
    ['an unknown fleet', 'name-unknown', () => [FLEET, '--fleet', 'deck']],
    ['an unknown release', 'name-unknown', () => [FLEET, '--from', 'tug-9']],
    ['a fleet without boards', 'rehearsal-empty', () => [empty(), '--fleet', 'harbour']],
    ['a snapshot of other boards', 'rehearsal-empty', () => [FLEET, '--observed', snapshotFile([])]],
    ['a malformed snapshot', 'observed-malformed', () => [FLEET, '--observed', malformed()]],
    ['a missing snapshot', 'observed-unreadable', () => [FLEET, '--observed', 'missing.json']],
    ['a missing directory', 'directory-unreadable', () => ['missing']],
    ['a percentage above 100', 'usage', () => [FLEET, '--release-failure', '101']],
    ['a negative percentage', 'usage', () => [FLEET, '--release-failure=-1']],
    ['percentages above 100 together', 'usage', () => [FLEET, '--release-failure', 'panic=60,refused=41']],
    ['an unknown failure', 'usage', () => [FLEET, '--release-failure', 'sulks=1']],
    ['firmware without a way back', 'usage', () => [withoutTrial(), '--release-failure', 'dead=1']],
    ['an unknown fault', 'usage', () => [FLEET, '--faults', 'sulks=1']],
    ['an unknown preset', 'usage', () => [FLEET, '--faults', 'apocalypse']],
    ['an unknown network', 'usage', () => [FLEET, '--network', 'pigeon']],
    ['a rate that is none', 'usage', () => [FLEET, '--network', 'wifi:fast']],
    ['no boards', 'usage', () => [FLEET, '--boards', '0']],
    ['boards that are no number', 'usage', () => [FLEET, '--boards', 'many']],
    ['boards made up and observed', 'usage', () => [FLEET, '--boards', '3', '--observed', snapshotFile([])]],
    ['a moment that is none', 'usage', () => [FLEET, '--at', 'tomorrow']],
    ['a size that is none', 'usage', () => [FLEET, '--os-bytes', 'huge']],
    ['an unknown choice', 'usage', () => [FLEET, '--gates', 'ajar']],
  ])('then %s is refused as %s', async (_name, expected, words) => {
    const { code, out, err } = await simulate(...words());
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(/^error ([a-z-]+):/m.exec(err)?.[1]).toBe(expected);
  });
});

test('when help is asked for, then it names every failure, fault and preset', async () => {
  const { out } = await simulate('--help');
  const words = new Set(out.match(/[a-z-]+/g));
  for (const word of [...FAILURE_KINDS, ...FAULT_KINDS, ...Object.keys(FAULT_PRESETS)]) expect(words).toContain(word);
});
