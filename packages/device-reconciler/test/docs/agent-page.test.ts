// docs/agent.md says what the configuration is, and the list of what the agent touches is made from its adapters.

import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AgentConfig, parseInterval } from '../../src/domain/config.ts';
import { need } from '../world/values.ts';

const HOUSE = join(import.meta.dirname, '../../../..');
const PAGE = readFileSync(join(HOUSE, 'docs/agent.md'), 'utf8');

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** The path of every field that holds a value. */
const fieldsOf = ({ properties = {} }: Schema, path: readonly string[] = []): readonly string[] =>
  Object.entries(properties).flatMap(([name, field]) =>
    field.properties === undefined ? [[...path, name].join('.')] : fieldsOf(field, [...path, name]),
  );

describe('when the page about the agent is read', () => {
  test('then it has every field of the configuration, and no other', () => {
    const written = [...PAGE.matchAll(/^\| `([a-zA-Z.]+)` \| [^|]*\| [^|]*\|$/gm)].map(([, field]) => need(field));
    const schema = z.toJSONSchema(AgentConfig, { io: 'input' }) as Schema;
    expect(new Set(written)).toEqual(new Set(fieldsOf(schema)));
  });

  test('then its intervals are those of the configuration', () => {
    const { intervals } = AgentConfig.parse({ device: 'a' });
    const written = [...PAGE.matchAll(/^\| `intervals\.(\w+)` \| `(\w+)` \|/gm)];
    expect(Object.fromEntries(written.map(([, field, text]) => [field, parseInterval(text ?? '')]))).toEqual(intervals);
  });
});

/** The first comment, as one line. */
const headerOf = (text: string): string =>
  text
    .slice(0, text.search(/^(?!\/\/)/m))
    .replace(/^\/\/ ?/gm, '')
    .replace(/\s+/g, ' ')
    .trim();

describe('when an adapter is read', () => {
  const files = globSync('src/adapters/*.ts', { cwd: join(import.meta.dirname, '../..') }).toSorted();

  test('then its header says what it touches, and the list in the documentation is made of these', async () => {
    const rows = files.map(file => {
      const header = headerOf(readFileSync(join(import.meta.dirname, '../..', file), 'utf8'));
      const [, purpose, touches, privileges = 'none.'] =
        /^(.*?) Touches: (.*?)(?: Privileges: (.*))?$/.exec(header) ?? [];
      const link = `[${basename(file, '.ts')}](../../packages/device-reconciler/${file})`;
      return `| ${[link, ...[need(purpose), need(touches), privileges].map(inCell)].join(' | ')} |`;
    });
    const page = [
      '# What the agent touches',
      '',
      'Made from the headers of its adapters. Paths in angle brackets are those of the configuration.',
      '',
      '| adapter | is for | touches | privileges |',
      '|---|---|---|---|',
      ...rows,
      '',
    ].join('\n');
    expect(files.length).toBeGreaterThan(15);
    await expect(page).toMatchFileSnapshot('../../../../docs/generated/agent-access.md');
  });
});

const inCell = (text: string): string => text.replaceAll('<', '&lt;').replaceAll('|', '\\|');
