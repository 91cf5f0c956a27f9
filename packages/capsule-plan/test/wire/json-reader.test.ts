// A schema is compiled once it has been used often: from then on it must judge as it did before, to the last member.

import { parseDeviceId } from '@seatrial/spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeJournal, encodeReport, type Report } from '../../src/index.ts';
import { JournalMessage } from '../../src/wire/observed-message.ts';
import { ReportMessage } from '../../src/wire/report-message.ts';
import { jsonReader } from '../../src/wire/scalars.ts';
import { NOON, need, observed, target } from '../support/builders.ts';
import { settle, World } from '../support/world.ts';

const world = new World(observed(), { firmware: 'applied', os: 'unhealthy' });
settle(world, target());

const report: Report = {
  schema: 1,
  device: need(parseDeviceId('hub-000001')),
  agentVersion: '0.1.0',
  sequence: 7,
  sentAtMs: NOON,
  phase: 'failed',
  conditions: [{ type: 'Ready', status: 'False', reason: 'OsUnhealthy', message: 'no', lastTransitionTime: NOON }],
  observed: world.observed,
  failures: world.journal.failures,
  refused: { unsigned: 2 },
};

const parsed = (data: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(data));

type Path = readonly (string | number)[];
const pathsOf = (value: unknown, path: Path = []): readonly Path[] =>
  typeof value !== 'object' || value === null
    ? [path]
    : [path, ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key]))];

/** The same value with another in one place; undefined leaves it out. */
function withAt(value: unknown, [key, ...rest]: Path, other: unknown): unknown {
  if (key === undefined) return other;
  if (Array.isArray(value))
    return value.map((member, index) => (String(index) === key ? withAt(member, rest, other) : member));
  return Object.fromEntries(
    Object.entries(value as object).map(([name, member]) => [
      name,
      name === key ? withAt(member, rest, other) : member,
    ]),
  );
}

describe.each([
  ['a report', ReportMessage, parsed(encodeReport(report))],
  ['a journal', JournalMessage, parsed(encodeJournal(world.journal))],
])('the reader of %s', (_name, schema, whole) => {
  const paths = pathsOf(whole);
  const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const often = jsonReader<unknown>(schema);
  for (let reads = 0; reads < 200; reads += 1) often(bytesOf(whole));

  it('when it has read often, then it reads what it read at first', () => {
    expect(often(bytesOf(whole))).toEqual(jsonReader<unknown>(schema)(bytesOf(whole)));
    expect(often(bytesOf(whole))).toBeDefined();
  });

  it('when anything in it is missing or something else, then both say the same of it', () => {
    const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(undefined), fc.integer(), fc.double());
    fc.assert(
      fc.property(fc.constantFrom(...paths), anything, (path, other) => {
        const changed = bytesOf(withAt(whole, path, other) ?? null);
        expect(often(changed)).toEqual(jsonReader<unknown>(schema)(changed));
      }),
      { numRuns: 2_000 },
    );
  });
});
