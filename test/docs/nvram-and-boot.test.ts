// The bytes and names in docs/nvram-and-boot.md are those that the code makes.

import {
  armTrial,
  commitTrial,
  countBoot,
  encodeTrialBoot,
  entryState,
  formatEntryName,
  NEW_TRIAL_BOOT,
  parseEntryName,
  requestRollback,
  type TrialBoot,
  withTrialCount,
  withTrialEnabled,
} from '@seatrial/capsule-plan';
import { parseFirmwareVersion } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { partOf, readHouse, rowsOf } from './page-parts.ts';

const PAGE = readHouse('docs/nvram-and-boot.md');

const ARMED = armTrial(NEW_TRIAL_BOOT, 6);
const onTrial = (count: number): TrialBoot => withTrialCount(withTrialEnabled(ARMED, { enabled: true }), count);
const hex = (trial: TrialBoot): string =>
  [...encodeTrialBoot(trial)].map(byte => byte.toString(16).padStart(2, '0')).join(' ');

describe('when a board engineer compares bytes', () => {
  test('then the trial variable looks as the page says', () => {
    expect(rowsOf(partOf(PAGE, 'trial-examples'))).toEqual([
      ['made anew', hex(NEW_TRIAL_BOOT)],
      ['armed for 6 boots', hex(ARMED)],
      ['first boot on trial', hex(onTrial(1))],
      ['asked to go back', hex(requestRollback(onTrial(5)))],
      ['committed in its fourth boot', hex(commitTrial(onTrial(4)))],
    ]);
  });

  test.each(rowsOf(partOf(PAGE, 'entry-examples')))('then %s is %s, and becomes %s', (fileName, state, next) => {
    const name = parseEntryName(fileName ?? '');
    expect(name && [entryState(name), formatEntryName(countBoot(name))]).toEqual([state, next]);
  });

  test('then a version is the number that the ESRT shows', () => {
    expect(PAGE).toContain(`0.0.1.2 is ${parseFirmwareVersion('0.0.1.2')}`);
  });
});
