// Valid documents into the desired state: references followed, sorted, frozen and hashed.

import { createHash } from 'node:crypto';
import type { Corpus, Located, LocatedKind } from './corpus.ts';
import type {
  DesiredState,
  DeviceTarget,
  ResolvedApproval,
  ResolvedBoard,
  ResolvedDevice,
  ResolvedFleet,
  ResolvedRelease,
} from './desired-state.ts';
import type { DsseEnvelope } from './dsse.ts';
import { canonicalJson, fingerprint } from './fingerprint.ts';
import type { DeviceId, GitCommit, Name, Sha256 } from './ids.ts';
import type { Labels } from './kinds/document.ts';
import type { Listing } from './membership.ts';
import {
  hashPayload,
  hashPolicy,
  resolveBoard,
  resolvePayload,
  resolvePolicy,
  resolveRollout,
} from './resolve-payload.ts';
import { InvariantError } from './result.ts';
import { envelopePath } from './rules/signature-rules.ts';
import { resolveTrustRoot } from './trust.ts';

export interface Resolution {
  readonly corpus: Corpus;
  readonly listings: readonly Listing[];
  /** Documents whose signatures hold. */
  readonly verified: ReadonlySet<Located>;
  readonly gitCommit?: GitCommit | undefined;
}

/** Only for a corpus without errors: a reference that leads nowhere is an InvariantError here. */
export function resolveState({ corpus, listings, verified, gitCommit }: Resolution): DesiredState {
  const signature = (one: Located) => signatureOf(one, corpus, verified);
  const boards = sortByName(corpus.all.Board.map(({ document }) => resolveBoard(document)));
  const boardOf = lookup(boards, 'Board');
  const releases = sortByName(corpus.all.Release.map(one => resolveRelease(one, boardOf, signature(one))));
  const members = membersOf(listings);
  const fleets = sortByName(corpus.all.Fleet.map(one => resolveFleet(one, members.get(one) ?? [])));
  const sorted = [...listings].sort((a, b) => (a.id < b.id ? -1 : 1));
  const [root] = corpus.all.TrustRoot;
  const approvals = sortByName(corpus.all.Approval.map(one => resolveApproval(one, verified.has(one))));
  const content = {
    boards,
    releases,
    fleets,
    ...(root === undefined ? {} : { trustRoot: resolveTrustRoot(root.document, signature(root)) }),
    approvals,
  };
  const frozen = deepFreeze(content);
  const devices = sorted.map(listing => Object.freeze(resolveDevice(listing)));
  return Object.freeze({
    ...(gitCommit === undefined ? {} : { gitCommit }),
    contentHash: hashContent(frozen, devices),
    ...frozen,
    devices: Object.freeze(devices),
    targets: Object.freeze(resolveTargets(sorted, frozen)),
  });
}

type Content = Pick<DesiredState, 'boards' | 'releases' | 'fleets' | 'trustRoot' | 'approvals'>;

interface Signature {
  readonly envelope?: DsseEnvelope;
  readonly verified: boolean;
}

function signatureOf(one: Located, { envelopes }: Corpus, verified: ReadonlySet<Located>): Signature {
  const envelope = envelopes.get(envelopePath(one.file));
  return { ...(envelope === undefined ? {} : { envelope }), verified: verified.has(one) };
}

function resolveRelease(
  { document }: LocatedKind<'Release'>,
  boardOf: (name: Name) => ResolvedBoard,
  signature: Signature,
): ResolvedRelease {
  const { board, notes } = document.spec;
  const payload = resolvePayload(document);
  return {
    name: document.metadata.name,
    board,
    payload,
    payloadHash: hashPayload(payload, boardOf(board)),
    ...(notes === undefined ? {} : { notes }),
    ...signature,
  };
}

function resolveFleet({ document }: LocatedKind<'Fleet'>, members: readonly DeviceId[]): ResolvedFleet {
  const { board, release, suspend } = document.spec;
  const policy = resolvePolicy(document);
  return {
    name: document.metadata.name,
    board,
    release,
    suspend,
    rollout: resolveRollout(document),
    policy,
    policyHash: hashPolicy(policy),
    members,
  };
}

function resolveApproval({ document }: LocatedKind<'Approval'>, verified: boolean): ResolvedApproval {
  return { name: document.metadata.name, ...document.spec, verified };
}

function resolveDevice({ id, board, labels, pin, fleets: [fleet] }: Listing): ResolvedDevice {
  return {
    id,
    board,
    labels: Object.freeze(labels),
    ...(pin === undefined ? {} : { pin }),
    ...(fleet === undefined ? {} : { fleet: fleet.document.metadata.name }),
  };
}

function membersOf(listings: readonly Listing[]): ReadonlyMap<Located, readonly DeviceId[]> {
  const members = new Map<Located, DeviceId[]>();
  for (const { id, fleets } of listings) {
    for (const fleet of fleets) {
      const others = members.get(fleet);
      if (others === undefined) members.set(fleet, [id]);
      else others.push(id);
    }
  }
  for (const ids of members.values()) ids.sort();
  return members;
}

function resolveTargets(sorted: readonly Listing[], { boards, releases, fleets }: Content): DeviceTarget[] {
  const boardOf = lookup(boards, 'Board');
  const releaseOf = lookup(releases, 'Release');
  const fleetOf = lookup(fleets, 'Fleet');
  return sorted.flatMap(({ id, board, pin, labels, fleets: [selecting] }) => {
    if (selecting === undefined) return [];
    const fleet = fleetOf(selecting.document.metadata.name);
    const release = releaseOf(pin ?? fleet.release);
    return Object.freeze({
      device: id,
      fleet: fleet.name,
      release: release.name,
      board: boardOf(board),
      payload: release.payload,
      payloadHash: release.payloadHash,
      policy: fleet.policy,
      policyHash: fleet.policyHash,
      labels,
      pinned: pin !== undefined,
      suspended: fleet.suspend,
    });
  });
}

/** Every call into the hash costs more than a line of text; a hundred thousand of them cost a noticeable time. */
const HASHED_AT_ONCE = 64 * 1024;

function hashContent(content: Content, devices: readonly ResolvedDevice[]): Sha256 {
  const releases = content.releases.map(({ payload: _hashed, ...release }) => release);
  const fleets = content.fleets.map(({ policy: _hashed, members: _devices, ...fleet }) => fleet);
  const hash = createHash('sha256').update(canonicalJson({ ...content, releases, fleets }));
  const labelHash = memoized((labels: Labels) => fingerprint(labels));
  let text = '';
  for (const { id, board, labels, pin = '', fleet = '' } of devices) {
    text += `\n${id} ${board} ${pin} ${fleet} ${labelHash(labels)}`;
    if (text.length < HASHED_AT_ONCE) continue;
    hash.update(text);
    text = '';
  }
  return hash.update(text).digest('hex') as Sha256;
}

/** Devices of a list share one labels object: its hash is wanted once. */
function memoized<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return key => {
    const value = known.get(key) ?? compute(key);
    known.set(key, value);
    return value;
  };
}

function lookup<T extends { readonly name: Name }>(all: readonly T[], kind: string): (name: Name) => T {
  const byName = new Map(all.map(one => [one.name, one]));
  return name => {
    const found = byName.get(name);
    if (found === undefined) throw new InvariantError(`no ${kind} ${name} in a validated corpus`);
    return found;
  };
}

const sortByName = <T extends { readonly name: Name }>(all: T[]): T[] => all.sort((a, b) => (a.name < b.name ? -1 : 1));

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
