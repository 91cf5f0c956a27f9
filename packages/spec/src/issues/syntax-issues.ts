// Files that can not be read, and text that is not the YAML that we accept.

import type { IssueKind } from '../issue-table.ts';

export const SYNTAX_ISSUES = {
  'file-unreadable': {
    severity: 'error',
    title: 'File can not be read',
    cause: 'The file or directory vanished or its permissions forbid reading.',
    remedy: 'Make it readable for the user who validates, or remove it.',
  },
  'symlink-ignored': {
    severity: 'warning',
    title: 'Symbolic link not followed',
    cause: 'Links are not followed, because they may lead out of the repository.',
    remedy: 'Put the file itself in the place of the link.',
  },
  'file-too-large': {
    severity: 'error',
    title: 'File larger than 4 MiB',
    cause: 'A file of this size would take too long to check on every commit.',
    remedy: 'Split it: a DeviceList may be spread over as many files as you like.',
  },
  'bad-utf8': {
    severity: 'error',
    title: 'Not UTF-8',
    cause: 'The file holds bytes that are not UTF-8, often because an editor saved it as Latin-1 or UTF-16.',
    remedy: 'Save the file as UTF-8.',
  },
  'control-character': {
    severity: 'error',
    title: 'Invisible control character',
    cause: 'A control or text-direction character makes the file read differently from what it does.',
    remedy: 'Delete the character.',
  },
  'tab-indentation': {
    severity: 'error',
    title: 'Tab used as indentation',
    cause: 'YAML forbids tabs in indentation, because their width is a matter of taste.',
    remedy: 'Indent with spaces.',
  },
  'yaml-syntax': {
    severity: 'error',
    title: 'Not YAML',
    cause: 'The text breaks the syntax of YAML 1.2 at this place.',
    remedy: 'Look at quotes, colons, brackets and indentation at and just before this place.',
  },
  'duplicate-key': {
    severity: 'error',
    title: 'Key given twice',
    cause: 'The same key stands twice in one mapping; which of the two was meant can not be known.',
    remedy: 'Keep one of them.',
  },
  'bad-key': {
    severity: 'error',
    title: 'Key is not a plain word',
    cause: 'A key of a mapping is empty, a list or a mapping.',
    remedy: 'Use a word as the key.',
  },
  'alias-refused': {
    severity: 'error',
    title: 'Anchors and aliases are not accepted',
    cause: 'An alias can blow a small file up to any size, and hides from a reviewer what a line means.',
    remedy: 'Write the value out where it is used.',
  },
  'tag-refused': {
    severity: 'error',
    title: 'Tags and directives are not accepted',
    cause: 'A tag such as !!binary, or a directive such as %TAG, changes the meaning of what is written.',
    remedy: 'Remove it; put text that must stay text in quotes.',
  },
  'nested-too-deep': {
    severity: 'error',
    title: 'Nested too deep',
    cause: 'Mappings and lists stand inside each other more than 32 deep; no kind needs more than seven.',
    remedy: 'Compare the indentation and the brackets with the page of the kind.',
  },
  'too-many-documents': {
    severity: 'error',
    title: 'Too many documents in one file',
    cause: 'A file holds more than 1,000 documents.',
    remedy: 'Split the file.',
  },
  'too-many-issues': {
    severity: 'error',
    title: 'More issues than are shown',
    cause: 'One file has more than 1,000 issues; the rest are left out.',
    remedy: 'Repair the first ones: they often share one cause.',
  },
} as const satisfies Readonly<Record<string, IssueKind>>;
