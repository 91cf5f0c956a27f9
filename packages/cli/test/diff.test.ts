// `seatrial diff`: two revisions of a real repository, a snapshot, a policy; what is printed and how it ends.

import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeObserved } from '@seatrial/capsule-plan';
import { sha256Hex } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { NOW, runCli } from './support/run-cli.ts';
import { observed, snapshotFile } from './support/snapshots.ts';
import { emptyDirectory, fleetCopy } from './support/workspace.ts';

const TUGS = ['tug-01', 'tug-02', 'tug-03', 'tug-04', 'raft-01'].map(device => ({ device, observed: observed() }));

function git(cwd: string, ...args: string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...who, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

function commit(root: string, message: string): string {
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--allow-empty', '-m', message);
  return git(root, 'rev-parse', 'HEAD');
}

const HARBOUR = 'harbour.yaml';

function reword(root: string, path: string, words: string, others: string): void {
  const text = readFileSync(join(root, path), 'utf8');
  if (!text.includes(words)) throw new Error(`${path} does not say ${words}`);
  writeFileSync(join(root, path), text.replace(words, others));
}

/** `main` follows tug-1, the branch `newer` gives the tugs tug-2. */
function repository(): string {
  const root = fleetCopy();
  reword(root, HARBOUR, OTHER, FOLLOWED);
  git(root, 'init', '--quiet', '--initial-branch=main');
  commit(root, 'Begin');
  git(root, 'checkout', '--quiet', '-b', 'newer');
  reword(root, HARBOUR, FOLLOWED, OTHER);
  commit(root, 'Change the release');
  return root;
}

const [FOLLOWED, OTHER] = ['release: tug-1', 'release: tug-2'] as const;

function diff(root: string, args: readonly string[], snapshot = snapshotFile(TUGS)) {
  const env = { XDG_CACHE_HOME: join(emptyDirectory(), 'cache') };
  return runCli(['diff', ...args, '--observed', snapshot], { cwd: root, env });
}

async function reviewed(root: string, args: readonly string[], snapshot?: string) {
  const { code, out, err } = await diff(root, [...args, '-o', 'json'], snapshot);
  return { code, err, review: JSON.parse(out || '{}') as Reviewed };
}

interface Reviewed {
  readonly verdict: string;
  readonly conclusion: string;
  readonly base?: string;
  readonly warnings: readonly { readonly code: string; readonly effect: string }[];
  readonly fleets: readonly { readonly fleet: string; readonly counts: Readonly<Record<string, number>> }[];
}

const codesOf = ({ warnings }: Reviewed) => warnings.map(({ code }) => code);

describe('when two revisions differ', () => {
  test('then the change is told, and the exit code says so', async () => {
    const root = repository();
    const { code, review, err } = await reviewed(root, ['main', 'newer']);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(review).toMatchObject({ base: git(root, 'rev-parse', 'main'), fleets: [{ fleet: 'harbour' }] });
  });

  test('then all formats say the same', async () => {
    const root = repository();
    const { out: text } = await diff(root, ['main', 'newer']);
    const { out: markdown } = await diff(root, ['main', 'newer', '-o', 'markdown']);
    expect(text).toMatch(/^\S.* in 1 fleet would change/);
    expect(markdown).toMatch(/^### /);
    for (const words of ['harbour', 'tug-2']) {
      expect(text).toContain(words);
      expect(markdown).toContain(words);
    }
  });

  test('then nothing is checked out and nothing is left behind', async () => {
    const root = repository();
    const before = git(root, 'status', '--porcelain', '--branch');
    await diff(root, ['newer', 'main']);
    expect(git(root, 'status', '--porcelain', '--branch')).toBe(before);
  });
});

describe('when nothing changes', () => {
  test('then the exit code is 0, also where only words changed that no board reads', async () => {
    const root = repository();
    expect(await reviewed(root, ['newer', 'newer'])).toMatchObject({ code: 0, review: { verdict: 'nothing' } });
    appendFileSync(join(root, HARBOUR), '# said\n');
    mkdirSync(join(root, '.github/workflows'), { recursive: true });
    writeFileSync(join(root, '.github/workflows/check.yaml'), 'on: push\n');
    commit(root, 'Say something');
    expect((await reviewed(root, ['HEAD~1', 'HEAD'])).code).toBe(0);
  });
});

describe('when both sides moved on', () => {
  test('then what a merge would hold is reviewed: not the work of others taken back', async () => {
    const root = repository();
    git(root, 'checkout', '--quiet', 'main');
    reword(root, HARBOUR, 'suspend: true', 'suspend: false');
    commit(root, 'Let the rafts go');
    const { review } = await reviewed(root, ['main', 'newer']);
    expect(review.fleets.map(({ fleet }) => fleet)).toEqual(['harbour']);
  });

  test('then a conflict is no review', async () => {
    const root = repository();
    git(root, 'checkout', '--quiet', 'main');
    reword(root, HARBOUR, FOLLOWED, `${FOLLOWED}  # kept`);
    commit(root, 'Keep it');
    expect(await diff(root, ['main', 'newer'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('merge-conflict'),
    });
  });
});

describe('when a side is a directory', () => {
  test('then work that is not committed is reviewed', async () => {
    const root = repository();
    git(root, 'checkout', '--quiet', 'main');
    reword(root, HARBOUR, FOLLOWED, OTHER);
    expect((await reviewed(root, ['HEAD', '.'])).review.fleets).toHaveLength(1);
    expect((await reviewed(root, ['HEAD', './'])).code).toBe(1);
  });

  test('then no repository is needed for two of them', async () => {
    const [before, after] = [fleetCopy(), fleetCopy()];
    reword(after, HARBOUR, FOLLOWED, OTHER);
    expect((await reviewed(emptyDirectory(), [before, after])).code).toBe(1);
  });
});

describe('when the fleet lies deeper', () => {
  test('then --directory finds it, and the policy at the root counts', async () => {
    const root = repository();
    const deeper = emptyDirectory();
    execFileSync('git', ['clone', '--quiet', root, deeper]);
    mkdirSync(join(deeper, 'fleets'));
    for (const name of ['harbour.yaml', 'tug-1.yaml', 'tug-2.yaml']) git(deeper, 'mv', name, `fleets/${name}`);
    writeFileSync(join(deeper, 'seatrial.policy.yaml'), policyOf('warnings: { release-unsigned: block }'));
    commit(deeper, 'Move');
    reword(deeper, `fleets/${HARBOUR}`, OTHER, FOLLOWED);
    commit(deeper, 'Change');
    const { review } = await reviewed(deeper, ['HEAD~1', 'HEAD', '--directory', 'fleets']);
    expect(review).toMatchObject({ conclusion: 'failure' });
    expect(review.fleets).toHaveLength(1);
    expect((await diff(deeper, ['HEAD~1', 'HEAD', '--directory', 'elsewhere'])).code).toBe(2);
  });
});

const policyOf = (spec: string) =>
  `apiVersion: seatrial.dev/v1alpha1\nkind: ReviewPolicy\nmetadata: { name: house }\nspec:\n  ${spec}\n`;

describe('when there is a policy', () => {
  test('then that of the base rules, and a change of it is told', async () => {
    const root = repository();
    git(root, 'checkout', '--quiet', 'main');
    writeFileSync(join(root, 'seatrial.policy.yaml'), policyOf('warnings: { release-unsigned: block }'));
    commit(root, 'Ask for signatures');
    git(root, 'checkout', '--quiet', '-b', 'looser');
    writeFileSync(join(root, 'seatrial.policy.yaml'), policyOf('warnings: { release-unsigned: tell }'));
    reword(root, HARBOUR, FOLLOWED, OTHER);
    commit(root, 'Ask for nothing');
    const { review } = await reviewed(root, ['main', 'looser']);
    expect(review.verdict).toBe('blocked');
    expect(codesOf(review)).toContain('policy-changed');
  });

  test('then an approval is missing until it is named', async () => {
    const root = repository();
    const file = join(emptyDirectory(), 'policy.yaml');
    writeFileSync(file, policyOf('warnings: { release-unsigned: { approve: safety } }'));
    const args = ['main', 'newer', '--policy', file];
    expect((await reviewed(root, args)).review.conclusion).toBe('failure');
    expect((await reviewed(root, [...args, '--approved-by', 'safety'])).review.conclusion).toBe('success');
  });

  test('then one with errors is refused with its place, at the base and at the head', async () => {
    const root = repository();
    const file = join(emptyDirectory(), 'policy.yaml');
    writeFileSync(file, policyOf('warnings: { downgrade: perhaps }'));
    const { code, err } = await diff(root, ['main', 'newer', '--policy', file]);
    expect(code).toBe(2);
    expect(err).toContain(':5:');
    writeFileSync(join(root, 'seatrial.policy.yaml'), policyOf('warnings: { downgrade: perhaps }'));
    commit(root, 'Break the policy');
    expect(await diff(root, ['main', 'newer'])).toMatchObject({
      code: 2,
      out: expect.stringContaining('seatrial.policy.yaml:5'),
    });
  });
});

/** As the controller writes it. */
function datedSnapshot(gitCommit: string, takenAtMs: number = NOW): string {
  const file = snapshotFile(TUGS);
  const devices = TUGS.map(({ device, observed: seen }) => ({
    device,
    observed: JSON.parse(Buffer.from(encodeObserved(seen)).toString()) as object,
    failures: [],
  }));
  const header = JSON.stringify({ schema: 1, gitCommit, takenAtMs }).slice(0, -1);
  writeFileSync(file, `${header},"devices":[\n${devices.map(device => JSON.stringify(device)).join(',\n')}\n]}\n`);
  return file;
}

describe('when the snapshot is not of the base', () => {
  test('then it says how old it is', async () => {
    const root = repository();
    const [main, newer] = [git(root, 'rev-parse', 'main'), git(root, 'rev-parse', 'newer')];
    const found = async (file: string, args = ['main', 'newer']) => codesOf((await reviewed(root, args, file)).review);
    expect(await found(datedSnapshot(main))).not.toContain('snapshot-stale');
    expect(await found(datedSnapshot(main, NOW - 90_000_000))).toContain('snapshot-stale');
    expect(await found(datedSnapshot(main), ['newer', 'main'])).toContain('snapshot-stale');
    expect(await found(datedSnapshot(newer))).toContain('base-moved');
    expect(await found(snapshotFile(TUGS))).toContain('snapshot-undated');
  });

  test('then one of another repository blocks', async () => {
    const { review } = await reviewed(repository(), ['main', 'newer'], datedSnapshot('f'.repeat(40)));
    expect(review.verdict).toBe('blocked');
    expect(codesOf(review)).toContain('snapshot-foreign');
  });
});

describe('when artifacts are compared', () => {
  test('then one that is not there, or not what the release says, is named', async () => {
    const root = repository();
    const artifacts = emptyDirectory();
    const found = async () => codesOf((await reviewed(root, ['main', 'newer', '--artifacts', artifacts])).review);
    const fresh = async () => (await found()).filter(code => code.startsWith('artifact'));
    reword(root, 'tug-2.yaml', 'size: 4202221', 'size: 5');
    commit(root, 'Bring another capsule');
    expect(await fresh()).toEqual(['artifact-missing']);
    mkdirSync(join(artifacts, 'tug/2'), { recursive: true });
    writeFileSync(join(artifacts, 'tug/2/firmware.cap'), 'other');
    expect(await fresh()).toEqual(['artifact-mismatch']);
    reword(root, 'tug-2.yaml', '2'.repeat(64), sha256Hex('other'));
    commit(root, 'Name the right digest');
    expect(await fresh()).toEqual([]);
  });
});

describe('when no review can be made', () => {
  const failing: readonly (readonly [string, readonly string[], string])[] = [
    ['an unknown base', ['nowhere', 'newer'], 'revision-unknown'],
    ['an unknown head', ['main', '0'.repeat(40)], 'revision-unknown'],
    ['a tree instead of a commit', ['main', 'main^{tree}'], 'revision-unknown'],
    ['something that looks like an option', ['main', '--upload-pack=x'], 'usage'],
    ['a directory that is not there', ['main', './nowhere'], 'directory-unreadable'],
    ['a role that is none', ['main', 'newer', '--approved-by', 'Safety!'], 'usage'],
  ];
  test.each(failing)('then %s is named', async (_name, args, code) => {
    const { code: exit, err, out } = await diff(repository(), args);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(`error ${code}`);
  });

  test('then a snapshot that is none is named', async () => {
    const file = join(emptyDirectory(), 'observed.json');
    expect((await diff(repository(), ['main', 'newer'], file)).err).toContain('observed-unreadable');
    writeFileSync(file, '{"schema":1,"devices":[{}]}');
    expect((await diff(repository(), ['main', 'newer'], file)).err).toContain('observed-malformed');
  });

  test('then a directory outside of all repositories is named', async () => {
    expect((await diff(emptyDirectory(), ['main', 'newer'])).err).toContain('repository-unknown');
  });

  test('then a shallow clone is told from a misspelling', async () => {
    const root = repository();
    git(root, 'commit', '--quiet', '--allow-empty', '-m', 'More');
    const shallow = emptyDirectory();
    execFileSync('git', ['clone', '--quiet', '--depth', '1', `file://${root}`, shallow]);
    const { code, err } = await diff(shallow, [git(root, 'rev-parse', 'main'), 'HEAD']);
    expect([code, err.includes('shallow')]).toEqual([2, true]);
  });

  test('then a head with errors is shown with them, and fails', async () => {
    const root = repository();
    reword(root, HARBOUR, OTHER, 'release: tug-99');
    commit(root, 'Break it');
    const { code, out, err } = await diff(root, ['main', 'HEAD']);
    expect(code).toBe(2);
    expect(out).toContain(`${HARBOUR}:`);
    expect(err).toContain('desired-state-invalid');
  });
});
