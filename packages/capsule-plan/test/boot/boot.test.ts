import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  badEntry,
  blessedEntry,
  compareLoaderEntries,
  countBoot,
  entryState,
  formatEntryName,
  type LoaderEntry,
  parseEntryName,
  parseLoaderEntry,
} from '../../src/index.ts';
import { need } from '../support/builders.ts';

const ids = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);

describe('boot counting in file names', () => {
  it.each([
    ['ostree-2+3.conf', { id: 'ostree-2', triesLeft: 3 }, 'indeterminate', 'ostree-2+2-1.conf'],
    ['ostree-2+1-2.conf', { id: 'ostree-2', triesLeft: 1, triesDone: 2 }, 'indeterminate', 'ostree-2+0-3.conf'],
    ['ostree-2+0-3.conf', { id: 'ostree-2', triesLeft: 0, triesDone: 3 }, 'bad', 'ostree-2+0-4.conf'],
    ['ostree-1-poky.conf', { id: 'ostree-1-poky' }, 'good', 'ostree-1-poky.conf'],
    ['a+b.conf', { id: 'a+b' }, 'good', 'a+b.conf'],
  ] as const)(
    'when the name is %s, then it means and becomes what systemd-boot says',
    (fileName, name, state, afterBoot) => {
      expect(parseEntryName(fileName)).toEqual(name);
      expect(entryState(name)).toBe(state);
      expect(formatEntryName(countBoot(name))).toBe(afterBoot);
    },
  );

  it.each(['', '.conf', 'ostree-1.conf.tmp', 'ostree-1'])('when the name is "%s", then it is no entry', fileName => {
    expect(parseEntryName(fileName)).toBeUndefined();
  });

  it('when any name is formatted, then it parses back; counting uses up every try and blessing forgets it', () => {
    fc.assert(
      fc.property(ids, fc.nat(9), (id, tries) => {
        let name = need(parseEntryName(formatEntryName({ id, triesLeft: tries })));
        for (let boot = 0; boot < tries; boot += 1) name = countBoot(need(parseEntryName(formatEntryName(name))));
        expect(entryState(name)).toBe('bad');
        expect(blessedEntry(name)).toEqual({ id });
        expect(entryState(badEntry({ id, triesLeft: 2 }))).toBe('bad');
      }),
    );
  });
});

describe('loader entries', () => {
  const entry = (fileName: string, version: string): LoaderEntry =>
    need(
      parseLoaderEntry(
        fileName,
        `title x\nversion ${version}\nlinux /k\noptions root=LABEL=x ostree=/ostree/boot.1/poky/abc/0 rw\n`,
      ),
    );

  it('when an entry is read, then its deployment is named and unknown lines are passed over', () => {
    const text =
      '# comment\ntitle Poky 4.2\nversion 2\nlinux /ostree/poky-1/vmlinuz\nfoo bar\noptions quiet ostree=/ostree/boot.0/poky/ff/1\n';
    expect(parseLoaderEntry('ostree-2-poky+3.conf', text)).toEqual({
      fileName: 'ostree-2-poky+3.conf',
      name: { id: 'ostree-2-poky', triesLeft: 3 },
      title: 'Poky 4.2',
      version: '2',
      linux: '/ostree/poky-1/vmlinuz',
      ostree: '/ostree/boot.0/poky/ff/1',
    });
  });

  it('when entries are sorted, then exhausted ones come last and newer versions first', () => {
    const sorted = [
      entry('ostree-1.conf', '1'),
      entry('ostree-3+0-3.conf', '3'),
      entry('ostree-10+2.conf', '10'),
      entry('ostree-2.conf', '2'),
    ].sort(compareLoaderEntries);
    expect(sorted.map(({ fileName }) => fileName)).toEqual([
      'ostree-10+2.conf',
      'ostree-2.conf',
      'ostree-1.conf',
      'ostree-3+0-3.conf',
    ]);
  });
});
