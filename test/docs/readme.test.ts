// README.md shows what the command really prints, and YAML that really validates.

import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { partOf, readHouse } from './page-parts.ts';

const PAGE = readHouse('README.md');

describe('when somebody comes for the first time', () => {
  test('then the preview that they see is one that the command printed', () => {
    const shown = partOf(PAGE, 'plan').replace(/^ {4}/gm, '');
    expect(readHouse('packages/cli/test/golden/plan.txt')).toContain(shown);
  });

  test('then every line of the fleet that they see stands in the fleet that runs', () => {
    const [, shown = ''] = /```yaml\n([\s\S]*?)```/.exec(PAGE) ?? [];
    const whole: unknown = parse(readHouse('fleets/field/fleet.yaml'));
    expect(isPartOf(parse(shown), whole)).toBe(true);
    expect(isPartOf(parse(shown.replace('ring: field', 'ring: lab')), whole)).toBe(false);
  });

  test('then there is a place for the demonstration', () => {
    expect(partOf(PAGE, 'demo')).not.toBe('');
  });
});

/** Everything that is shown stands in the whole; lists may be shortened. */
function isPartOf(shown: unknown, whole: unknown): boolean {
  if (typeof shown !== 'object' || shown === null) return shown === whole;
  if (typeof whole !== 'object' || whole === null) return false;
  if (Array.isArray(shown))
    return Array.isArray(whole) && shown.every(one => whole.some(other => isPartOf(one, other)));
  const members = new Map<string, unknown>(Object.entries(whole));
  return Object.entries(shown).every(([key, member]) => isPartOf(member, members.get(key)));
}
