// docs/errors.md, made of the tables that the code itself works with.

import { BLOCKED_REASONS, CAPSULE_ERRORS, FAILURE_REASONS, PATIENT_REASONS } from '@seatrial/capsule-plan';
import { CLI_ERRORS } from '@seatrial/cli';
import { CONTROLLER_ERRORS } from '@seatrial/controller';
import { AGENT_ERRORS } from '@seatrial/device-reconciler';
import { ISSUE_TABLE } from '@seatrial/spec';
import { VIRTUAL_BOARD_ERRORS } from '@seatrial/virtual-board';
import { cell, code, page, table } from './markdown.ts';

export interface Entry {
  readonly cause: string;
  readonly remedy: string;
}

export interface Section {
  readonly title: string;
  readonly introduction: string;
  /** The column between code and cause, where the codes differ in kind. */
  readonly kind?: { readonly title: string; of(entry: Entry): string };
  readonly entries: Readonly<Record<string, Entry>>;
}

const member =
  (name: string) =>
  (entry: Entry): string => {
    const value: unknown = Object.entries(entry).find(([key]) => key === name)?.[1];
    return typeof value === 'string' ? value : '';
  };

export const SECTIONS: readonly Section[] = [
  {
    title: 'Fleet repositories',
    introduction:
      'What `seatrial validate`, the controller and the pull-request check say about YAML and signatures. A warning alone stops nothing.',
    kind: { title: 'Severity', of: member('severity') },
    entries: ISSUE_TABLE,
  },
  {
    title: 'Boards that wait',
    introduction: 'Reasons that pass by themselves. The condition `Reconciling` carries them, in CamelCase.',
    entries: PATIENT_REASONS,
  },
  {
    title: 'Boards that are blocked',
    introduction:
      'Reasons that last until somebody changes something. Nothing has been touched. The condition `Stalled` carries them.',
    entries: BLOCKED_REASONS,
  },
  {
    title: 'Attempts that failed',
    introduction:
      'How an attempt at a release ended. The board is at rest on what it had before, unless the reason says otherwise, and does not ' +
      'try again until git changes or an engineer runs `seatrial rollout retry`.',
    entries: FAILURE_REASONS,
  },
  {
    title: 'The agent on the board',
    introduction:
      'Transient errors are tried again for ever with growing pauses; waiting ones slowly; terminal ones not at all.',
    kind: { title: 'Class', of: member('class') },
    entries: AGENT_ERRORS,
  },
  {
    title: 'The controller',
    introduction:
      'Transient errors heal by trying again; waiting ones need somebody; terminal ones stop the part that met them; refused ones ' +
      'concern one message or request.',
    kind: { title: 'Class', of: member('class') },
    entries: CONTROLLER_ERRORS,
  },
  {
    title: 'The command',
    introduction: 'What `seatrial` itself says on standard error before it ends with exit code 2.',
    entries: CLI_ERRORS,
  },
  {
    title: 'Capsules',
    introduction:
      'What `seatrial capsule` says about capsule files and about the inputs to making one, by the layer that refuses.',
    kind: { title: 'Layer', of: member('layer') },
    entries: CAPSULE_ERRORS,
  },
  {
    title: 'Virtual boards',
    introduction: 'What virtual boards and the tools around them say, in tests and in the demo.',
    entries: VIRTUAL_BOARD_ERRORS,
  },
];

export const errorsPage = (): string =>
  page([
    '<!-- Made from the tables in the code: npm run docs:generate -->',
    '# Errors',
    'Every code under which something is refused, waits or fails, with its cause and its remedy. Scripts may rely on the codes; ' +
      'the messages beside them are for people and may change.',
    SECTIONS.map(({ title }) => `- [${title}](#${title.toLowerCase().replaceAll(' ', '-')})`).join('\n'),
    ...SECTIONS.flatMap(sectionBlocks),
  ]);

const sectionBlocks = ({ title, introduction, kind, entries }: Section): string[] => [
  `## ${title}`,
  introduction,
  table(
    ['Code', ...(kind === undefined ? [] : [kind.title]), 'Cause', 'Remedy'],
    Object.entries(entries).map(([name, entry]) => [
      code(name),
      ...(kind === undefined ? [] : [kind.of(entry)]),
      cell(entry.cause),
      cell(entry.remedy),
    ]),
  ),
];
