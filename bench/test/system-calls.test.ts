// What is read from strace's log, and what counts as a change of a file.

import { expect, test } from 'vitest';
import { changedFile, readSystemCalls } from '../board/system-calls.ts';

const changes = (...lines: readonly string[]): readonly (string | undefined)[] =>
  readSystemCalls(lines.map(line => `${line}\n`).join('')).map(changedFile);

test.each([
  [
    'bytes written',
    '7  write(19</var/lib/seatrial/journal.json>, "{\\"a\\": 1}"..., 40) = 40',
    '/var/lib/seatrial/journal.json',
  ],
  ['a sync', '7  fsync(19</boot/EFI>)              = 0', '/boot/EFI'],
  ['a file renamed', '7  rename("/boot/a.tmp", "/boot/a") = 0', '/boot/a.tmp'],
  ['a file removed below a directory', '7  unlinkat(3</boot>, "a", 0) = 0', '/boot/a'],
  [
    'a file opened to write',
    '7  openat(AT_FDCWD</>, "/boot/a", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0644) = 19</boot/a>',
    '/boot/a',
  ],
  ['another time of change', '7  utimensat(AT_FDCWD</>, "/boot/a", NULL, 0) = 0', '/boot/a'],
])('when the log has %s, then the file is named', (_what, line, file) => {
  expect(changes(line)).toEqual([file]);
});

test.each([
  ['a file read', '7  openat(AT_FDCWD</>, "/boot/a", O_RDONLY|O_CLOEXEC) = 19</boot/a>'],
  ['a directory that was there', '7  mkdir("/run/seatrial", 0777) = -1 EEXIST (File exists)'],
  ['a message to the broker', '7  writev(20<socket:[193245]>, [{iov_base="3", iov_len=1}], 1) = 1'],
  ['a wake-up', '7  write(16<anon_inode:[eventfd]>, "\\1\\0\\0\\0\\0\\0\\0\\0", 8) = 8'],
])('when the log has %s, then nothing has changed', (_what, line) => {
  expect(changes(line)).toEqual([undefined]);
});

test('when another thread comes between, then the call is put together again', () => {
  expect(
    changes(
      '7  fsync(19</boot/a> <unfinished ...>',
      '8  write(4<pipe:[1]>, "x", 1 <unfinished ...>',
      '7  <... fsync resumed>)              = 0',
      '8  <... write resumed>)              = 1',
    ),
  ).toEqual(['/boot/a', undefined]);
});
