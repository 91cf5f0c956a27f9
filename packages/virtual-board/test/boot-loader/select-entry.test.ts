// systemd-boot's choice among entries, without a disk.

import { type LoaderEntry, parseLoaderEntry } from '@seatrial/capsule-plan';
import { describe, expect, test } from 'vitest';
import { matchesEntryPattern } from '../../src/boot-loader/entry-pattern.ts';
import { selectEntry } from '../../src/boot-loader/select-entry.ts';
import { known } from '../support/lab.ts';

const entries = (...fileNames: readonly string[]): readonly LoaderEntry[] =>
  fileNames.map(name => known(parseLoaderEntry(name, `title x\nversion ${/\d+/.exec(name)?.[0]}\nlinux /vmlinuz\n`)));

test.each([
  [['ostree-1-poky.conf', 'ostree-2-poky.conf'], 'ostree-2-poky.conf', undefined],
  [['ostree-1-poky.conf', 'ostree-2-poky+3.conf'], 'ostree-2-poky+3.conf', 'ostree-2-poky+2-1.conf'],
  [['ostree-1-poky.conf', 'ostree-2-poky+1-2.conf'], 'ostree-2-poky+1-2.conf', 'ostree-2-poky+0-3.conf'],
  [['ostree-1-poky.conf', 'ostree-2-poky+0-3.conf'], 'ostree-1-poky.conf', undefined],
  [['ostree-1-poky+0-3.conf', 'ostree-2-poky+0-3.conf'], 'ostree-2-poky+0-3.conf', 'ostree-2-poky+0-4.conf'],
  [['ostree-9-poky.conf', 'ostree-10-poky.conf'], 'ostree-10-poky.conf', undefined],
])('when the entries are %j, then %s starts and is renamed to %s', (names, started, renamed) => {
  const selection = known(selectEntry(entries(...names), {}));
  expect([selection.entry.fileName, selection.countedFileName]).toEqual([started, renamed]);
});

test('when there is no entry, then nothing is selected', () => {
  expect(selectEntry([], { default: '*' })).toBeUndefined();
});

test.each([
  [{ default: 'ostree-1-poky.conf' }, 'ostree-1-poky.conf'],
  [{ default: 'OSTREE-1-*' }, 'ostree-1-poky.conf'],
  [{ default: 'ostree-3-poky.conf' }, 'ostree-2-poky.conf'],
  [{ default: 'ostree-1-poky' }, 'ostree-2-poky.conf'],
  [{ default: 'ostree-2-poky.conf', oneShot: 'ostree-1-poky.conf' }, 'ostree-1-poky.conf'],
  [{ default: 'ostree-1-poky.conf', oneShot: 'ostree-7-poky.conf' }, 'ostree-1-poky.conf'],
])('when the loader is told %j, then it starts %s', (wishes, id) => {
  expect(selectEntry(entries('ostree-1-poky.conf', 'ostree-2-poky.conf'), wishes)?.id).toBe(id);
});

test('when the loader is held to an exhausted entry, then it starts it and counts on', () => {
  const selection = selectEntry(entries('ostree-1-poky.conf', 'ostree-2-poky+0-3.conf'), {
    default: 'ostree-2-poky.conf',
  });
  expect(selection).toMatchObject({ id: 'ostree-2-poky.conf', countedFileName: 'ostree-2-poky+0-4.conf' });
});

test('when the loader takes no notice of exhaustion, then the newest entry starts all the same', () => {
  const selection = selectEntry(entries('ostree-1-poky.conf', 'ostree-2-poky+0-3.conf'), { ignoresExhaustion: true });
  expect(selection?.id).toBe('ostree-2-poky.conf');
});

describe('patterns', () => {
  test.each([
    ['*', 'a.conf', true],
    ['a?c.conf', 'abc.conf', true],
    ['a?c.conf', 'ac.conf', false],
    ['a[0-9].conf', 'a7.conf', true],
    ['a[!0-9].conf', 'a7.conf', false],
    ['a.conf', 'aXconf', false],
    ['a+1.conf', 'a+1.conf', true],
    ['a[', 'a[', true],
  ])('when the pattern is %s and the id is %s, then it fits: %s', (pattern, id, fits) => {
    expect(matchesEntryPattern(pattern, id)).toBe(fits);
  });
});
