// The lifecycle machine as a Mermaid state diagram, drawn from the machine itself.

import { EXPECTED_NEXT, lifecycle, PHASES } from './lifecycle.ts';

/** docs/generated/lifecycle-machine.mmd: phases with the changes that are to be expected, and what the agent does meanwhile. */
export const lifecycleDiagram = (): string =>
  ['stateDiagram-v2', ...indent(['state board {', ...indent([...phases(), '--', ...activity()]), '}']), ''].join('\n');

const phases = (): readonly string[] => [
  '[*] --> idle',
  ...PHASES.flatMap(from => EXPECTED_NEXT[from].map(to => `${from} --> ${to}`)),
];

function activity(): readonly string[] {
  const lines = Object.entries(lifecycle.states['activity']?.states ?? {}).flatMap(([from, state]) =>
    [...state.transitions].flatMap(([event, transitions]) =>
      transitions.flatMap(({ target, guard }) =>
        (target ?? []).map(({ key }) => `${from} --> ${key}: ${event}${nameOf(guard)}`),
      ),
    ),
  );
  return ['[*] --> resting', ...lines];
}

const nameOf = (guard: unknown): string => (typeof guard === 'string' ? ` [${guard}]` : '');

const indent = (lines: readonly string[]): readonly string[] => lines.map(line => `    ${line}`);
