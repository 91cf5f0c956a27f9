// What a pull request that brings newer artifacts says: what would change from what to what, and what is left to people.

import { type Capsule, formatFirmwareVersion, type Name, type Payload } from '@seatrial/spec';
import { codeSpan, fold } from '../talk/markdown.ts';
import type { Newer } from './newer.ts';

/** One fleet of a proposal. */
export interface Bump {
  readonly fleet: Name;
  readonly from: { readonly release: Name; readonly payload: Payload };
  readonly to: Name;
  /** From the root of the repository: where the new release stands. */
  readonly path: string;
  readonly newer: Newer;
}

/** One branch for a fleet, or one for all of them. */
export const bumpBranch = (group: Name | undefined): string =>
  group === undefined ? 'seatrial/bump-all' : `seatrial/bump/${group}`;

export function bumpTitle(bumps: readonly Bump[]): string {
  const [first, ...others] = bumps;
  if (first === undefined) return 'Nothing newer';
  return others.length === 0
    ? `Give ${first.fleet} ${first.to}`
    : `Give ${bumps.length} fleets newer releases: ${[...new Set(bumps.map(({ to }) => to))].join(', ')}`.slice(0, 200);
}

export const bumpMessage = (bumps: readonly Bump[]): string =>
  [bumpTitle(bumps), '', ...bumps.map(({ fleet, from, to }) => `${fleet}: ${from.release} -> ${to}`), ''].join('\n');

/** `quotesNotes`: whether the words of the builds are shown. */
export function bumpBody(bumps: readonly Bump[], { quotesNotes }: { readonly quotesNotes: boolean }): string {
  const paths = [...new Set(bumps.map(({ path }) => path))];
  return [
    'Newer artifacts have appeared. This is what would be wanted; the review of this pull request says what each board would do.',
    '',
    '| fleet | release | firmware | system |',
    '|---|---|---|---|',
    ...bumps.map(rowOf),
    '',
    '#### What is left to you',
    '',
    `- Signatures: nothing here is signed. Where the house wants signatures, sign ${paths.map(path => codeSpan(path)).join(', ')} with ${codeSpan('seatrial sign')} and push the result to this branch.`,
    '- Approvals and rollout are those of the fleet: nothing moves before the merge.',
    ...bumps.flatMap(bump => artifactLines(bump)),
    ...(quotesNotes ? bumps.flatMap(notesLines) : []),
    '',
    'A newer artifact changes this pull request in place, until somebody pushes to its branch. Closed, this release is not proposed to this fleet again.',
  ].join('\n');
}

function rowOf({ fleet, from, to, newer: { os, firmware } }: Bump): string {
  const { payload } = from;
  const was = payload.firmware === undefined ? undefined : formatFirmwareVersion(payload.firmware.version);
  const firmwareCell =
    firmware === undefined
      ? 'as it is'
      : `${codeSpan(was ?? 'none')} → ${codeSpan(formatFirmwareVersion(firmware.version))}`;
  const osCell =
    os === undefined
      ? 'as it is'
      : `${codeSpan(payload.os?.commit.slice(0, 12) ?? 'none')} → ${codeSpan(os.commit.slice(0, 12))}${os.version === undefined ? '' : ` ${codeSpan(os.version, 60)}`}`;
  return `| ${codeSpan(fleet)} | ${codeSpan(from.release)} → ${codeSpan(to)} | ${firmwareCell} | ${osCell} |`;
}

function artifactLines({ fleet, newer: { os, firmware } }: Bump): readonly string[] {
  const floor =
    firmware === undefined
      ? []
      : [
          `- Once committed, boards never take firmware below ${codeSpan(formatFirmwareVersion(firmware.lowestSupported))}.`,
        ];
  return [
    '',
    ...fold(`${fleet}: digests`, [
      ...(os === undefined ? [] : [`- system: ${codeSpan(os.commit)}`]),
      ...(firmware?.capsules ?? []).map(capsuleLine),
      ...floor,
    ]),
  ];
}

const capsuleLine = ({ name, sizeBytes, sha256, url }: Capsule): string =>
  `- ${codeSpan(name)}: ${codeSpan(sha256)}, ${sizeBytes} bytes, ${codeSpan(url, 400)}`;

const MOST_LINES = 40;

/** Line by line as code: a build may write what it likes. */
function notesLines({ fleet, newer }: Bump): readonly string[] {
  const lines = [newer.os?.notes, newer.firmware?.notes]
    .flatMap(notes => notes?.split('\n') ?? [])
    .filter(line => line.trim() !== '');
  if (lines.length === 0) return [];
  const more = lines.length - MOST_LINES;
  return [
    '',
    ...fold(`${fleet}: notes of the builds`, [
      ...lines.slice(0, MOST_LINES).map(line => `- ${codeSpan(line)}`),
      ...(more > 0 ? [`- ${more} more lines`] : []),
    ]),
  ];
}
