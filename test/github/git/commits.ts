// Commit objects: written byte for byte, so that a signature covers exactly what git stores, and read back.

import { InvariantError } from '@seatrial/spec';
import type { BareRepository } from './bare-repository.ts';
import type { Signer } from './ssh-signature.ts';

export interface Person {
  readonly name: string;
  readonly email: string;
  /** Since 1970. */
  readonly atS: number;
  /** As git writes it: +0200. */
  readonly zone: string;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
  /** Armoured. */
  readonly signature?: string;
  /** What was signed. */
  readonly payload: string;
}

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
  /** Armoured and made elsewhere, or by a signer here. */
  readonly sign?: Signer | string;
}

/** `git hash-object` refuses what is no well-formed commit. */
export async function writeCommit(repository: BareRepository, { sign, ...commit }: NewCommit): Promise<string> {
  const headers = [
    `tree ${commit.tree}`,
    ...commit.parents.map(parent => `parent ${parent}`),
    `author ${line(commit.author)}`,
    `committer ${line(commit.committer)}`,
  ].join('\n');
  const payload = `${headers}\n\n${commit.message}`;
  const signature = typeof sign === 'function' ? sign(payload) : sign;
  const signed = signature === undefined ? [] : [`gpgsig ${signature.trimEnd().replaceAll('\n', '\n ')}`];
  const text = `${[headers, ...signed].join('\n')}\n\n${commit.message}`;
  return (await repository.git(['hash-object', '-t', 'commit', '-w', '--stdin'], { input: text })).trim();
}

/** Undefined where there is no such commit. */
export async function readCommit(repository: BareRepository, name: string): Promise<Commit | undefined> {
  const sha = await repository.commitOf(name);
  return sha === undefined ? undefined : parseCommit(sha, await repository.gitOfObjects(['cat-file', 'commit', sha]));
}

/** Throws InvariantError: for commits that are known to be there. */
export async function needCommit(repository: BareRepository, name: string): Promise<Commit> {
  const commit = await readCommit(repository, name);
  if (commit === undefined) throw new InvariantError(`no commit ${name} in ${repository.path}`);
  return commit;
}

function parseCommit(sha: string, text: string): Commit {
  const end = text.indexOf('\n\n');
  const headers = unfold(text.slice(0, end));
  const all = (name: string): readonly string[] =>
    headers.flatMap(header => (header.startsWith(`${name} `) ? [header.slice(name.length + 1)] : []));
  const signature = all('gpgsig')[0];
  const message = text.slice(end + 2);
  const unsigned = headers
    .filter(header => !header.startsWith('gpgsig '))
    .map(header => header.replaceAll('\n', '\n '));
  return {
    sha,
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: person(all('author')[0] ?? ''),
    committer: person(all('committer')[0] ?? ''),
    message,
    ...(signature !== undefined && { signature }),
    payload: `${unsigned.join('\n')}\n\n${message}`,
  };
}

/** A line that begins with a blank belongs to the one before. */
const unfold = (text: string): readonly string[] => text.split(/\n(?! )/).map(header => header.replaceAll('\n ', '\n'));

const line = ({ name, email, atS, zone }: Person): string => `${clean(name)} <${clean(email)}> ${atS} ${zone}`;

/** Git takes these for its own punctuation. */
const clean = (text: string): string => text.replace(/[<>\n\0]/g, '').trim();

function person(text: string): Person {
  const [, name = '', email = '', atS = '0', zone = '+0000'] = /^(.*?) ?<([^>]*)> (\d+) ([+-]\d{4})$/.exec(text) ?? [];
  return { name, email, atS: Number(atS), zone };
}
