// docs/controller.md and docs/rollouts.md, held against what they describe.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ROUTES } from '../src/adapters/http/routes.ts';
import { prometheusMetrics } from '../src/adapters/prometheus.ts';
import { ControllerConfig } from '../src/config.ts';
import { RolloutStateView } from '../src/domain/api.ts';
import { STANDINGS } from '../src/domain/standing.ts';

const page = (name: string) => readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8');

/** The first cells of the table between two comments. */
function cellsOf(text: string, part: string): readonly string[] {
  const [, body = ''] = new RegExp(`<!-- ${part} -->([^]*)<!-- end of ${part} -->`).exec(text) ?? [];
  return [...body.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = '']) => cell);
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
}

const leavesOf = (node: Node, path: readonly string[] = []): readonly string[] =>
  node.properties === undefined
    ? [path.join('.')]
    : Object.entries(node.properties).flatMap(([name, child]) => leavesOf(child, [...path, name]));

describe('when docs/controller.md is read', () => {
  test('then it has every field of the configuration and no other', () => {
    const schema = z.toJSONSchema(ControllerConfig, { io: 'input', unrepresentable: 'any' });
    expect(cellsOf(page('controller.md'), 'configuration')).toEqual(leavesOf(schema as Node));
  });

  test('then it has every route and no other', () => {
    const routes = ROUTES.map(({ method, path }) => `${method} ${path}`);
    expect(cellsOf(page('controller.md'), 'routes')).toEqual(routes);
    for (const { summary } of ROUTES) expect(page('controller.md')).toContain(summary.replaceAll('|', '\\|'));
  });

  test('then it has every metric and no other', async () => {
    const status = { ready: true, source: { repository: '', branch: '' }, problems: [] };
    const text = await prometheusMetrics().text({
      fleets: [],
      status: {
        ...status,
        broker: { url: '', connected: true, sharesReports: false },
        audit: { branch: '' },
        boards: { known: 0, unclaimed: 0 },
      },
    });
    const names = [...text.matchAll(/^# HELP (\S+)/gm)].map(([, name = '']) => name);
    expect(cellsOf(page('controller.md'), 'metrics').toSorted()).toEqual(names.toSorted());
  });
});

describe('when docs/rollouts.md is read', () => {
  test('then it explains every standing and every state', () => {
    const text = page('rollouts.md');
    for (const standing of STANDINGS) expect(text).toContain(`\`${standing}\``);
    const awaited = RolloutStateView.options.flatMap(({ shape }) => ('for' in shape ? shape.for.options : []));
    for (const what of awaited) expect(text).toContain(`\`waiting\` for \`${what}\``);
  });
});
