// Pull requests of strangers: whatever they hold is read as data, shown as text, and bounded.

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Engineer } from './engineer.ts';
import type { PullRequest } from './model/repository.ts';
import { ConsoleLab } from './support/console-lab.ts';

// A machine that does much else at the same time is slow, and not wrong.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

let lab: ConsoleLab;
let mallory: Engineer;

beforeAll(async () => {
  lab = await ConsoleLab.open();
  const fork = await lab.github.fork('mallory');
  mallory = await lab.github.engineer('mallory', { in: fork });
  await lab.start();
  await lab.boot('hub-1');
});
afterAll(() => lab.close());

async function propose(branch: string, changes: Readonly<Record<string, string | null>>): Promise<PullRequest> {
  await mallory.push(branch, changes);
  return lab.github.openPullRequest({ head: `mallory:${branch}`, by: 'mallory' });
}

/** Everything that people are shown on a pull request. */
async function shown(pull: PullRequest): Promise<{ readonly markdown: string; readonly all: string }> {
  const { output, annotations } = await lab.untilChecked(pull);
  const comment = await lab.untilSaid(pull, Boolean);
  const markdown = [comment, output.title, output.summary, output.text].join('\n');
  return { markdown, all: markdown + JSON.stringify(annotations) };
}

/** What GitHub acts upon: Markdown without what is escaped, and without code [CommonMark 2.4, 6.1]. */
const acted = (markdown: string): string =>
  markdown
    .replaceAll(/\\[!-/:-@[-`{-~]/g, '')
    .replaceAll(/```[\s\S]*?```/g, '')
    .replaceAll(/`[^`\n]*`/g, '');

/** Links, addresses, mentions, HTML that is not the review's own, and comments. */
const ALIVE = [
  /\]\(/,
  /\]:/,
  /https?:\/\//,
  /@[a-z]/i,
  /<(?!\/?(?:sub|details|summary)>|!-- seatrial:review -->)/i,
  /^# /m,
];

const WORDS =
  '](https://evil.example) @acme/everyone <img src=x onerror=alert(1)> ``` # owned | a <!-- seatrial:review --> [x]: //e';

test('when names, versions and notes are made of Markdown and HTML, then they are shown as text and do nothing', async () => {
  const list = JSON.stringify(WORDS);
  const pull = await propose('words', {
    'evil/devices.yaml': [
      'apiVersion: seatrial.dev/v1alpha1',
      'kind: DeviceList',
      `metadata: { name: ${list} }`,
      'spec:',
      `  board: ${list}`,
      `  labels: { ring: ${list}, ${list}: field }`,
      '  devices:',
      `    - id: ${list}`,
    ].join('\n'),
  });
  const { markdown } = await shown(pull);
  expect(markdown).toContain('evil.example');
  for (const thing of ALIVE) expect(acted(markdown)).not.toMatch(thing);
  expect(markdown.split('<!-- seatrial:review -->')).toHaveLength(2);
});

test('when paths are made of Markdown, then conflicts and errors name them as text', async () => {
  const path = 'evil/`<b>@acme/everyone</b>](https:)[x].yaml';
  const pull = await propose('paths', { [path]: 'not: [closed' });
  const { markdown } = await shown(pull);
  expect(markdown).toContain('everyone');
  for (const thing of ALIVE) expect(acted(markdown)).not.toMatch(thing);
});

test.each([
  [
    'tags that name functions',
    'a: !!js/function "function(){ process.exit(1) }"\nb: !!python/object/apply:os.system ["id"]\n',
  ],
  [
    'aliases of aliases',
    `a: &a [x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`)
      .join('\n')}\n`,
  ],
  ['nesting without end', `${'['.repeat(20_000)}\n`],
  ['no text', '\u0000\u0001\u0002\ufeff'],
])('when YAML holds %s, then the check fails and the controller goes on', async (name, text) => {
  const pull = await propose(name.replaceAll(' ', '-'), { 'evil/file.yaml': text });
  expect(await lab.untilChecked(pull)).toMatchObject({ conclusion: 'failure' });
  expect(lab.controller.office.status().problems).toEqual([]);
});

test('when a stranger brings more YAML than anybody reads, then it is refused by its size', async () => {
  const files = Object.fromEntries(
    [1, 2].map(number => [`evil/${number}.yaml`, `# ${number}\n${'# x\n'.repeat(600_000)}`]),
  );
  const pull = await propose('huge', files);
  const { markdown } = await shown(pull);
  expect(markdown).toContain('commit-too-large');
});

test('when a pull request brings workflows, hooks, links and attributes, then nothing of them is run or followed', async () => {
  await mallory.git('checkout', '--quiet', '--force', '-B', 'tricks', 'origin/main');
  const tricks = {
    '.gitattributes': '* merge=evil diff=evil filter=evil\n',
    '.gitmodules': '[submodule "x"]\n path = x\n url = ext::sh -c touch% /tmp/owned\n',
    'seatrial.policy.yaml':
      'apiVersion: seatrial.dev/v1alpha1\nkind: ReviewPolicy\nmetadata: { name: mine }\nspec: { warnings: { downgrade: tell } }\n',
  };
  const pull = await propose('tricks', tricks);
  expect((await lab.untilChecked(pull)).conclusion).not.toBe('failure');
  expect(await lab.untilSaid(pull, Boolean)).toContain('policy');
  expect(lab.controller.office.status().problems).toEqual([]);
});

test('when a stranger asks for laxer rules in the same change, then the rules of the base hold', async () => {
  const { 'field/fleet.yaml': fleet = '' } = lab.filesOf({ release: 'r-0', releases: {} });
  const { 'releases/r-2.yaml': release = '' } = lab.filesOf({ releases: { 'r-2': { fw: '0.9', os: 'b' } } });
  const policy =
    'apiVersion: seatrial.dev/v1alpha1\nkind: ReviewPolicy\nmetadata: { name: mine }\nspec: { warnings: { below-floor: tell } }\n';
  const pull = await propose('lax', {
    'seatrial.policy.yaml': policy,
    'releases/r-2.yaml': release,
    'field/fleet.yaml': fleet.replace('r-0', 'r-2'),
  });
  expect(await lab.untilChecked(pull)).toMatchObject({ conclusion: 'failure' });
});
