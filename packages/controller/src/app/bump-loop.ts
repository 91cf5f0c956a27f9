// The way forward: when a build has put something newer where releases point to, a pull request proposes it, and is changed in
// place when something newer still appears.
//
// INVARIANTS: one open pull request for a group of fleets, found by its branch; a release that was proposed to a fleet and is
// not open any more is never proposed to it again; a branch to which a person has pushed is never written again.

import { posix } from 'node:path';
import {
  type DesiredState,
  type GitCommit,
  type Name,
  type ResolvedFleet,
  type ResolvedRelease,
  type Sha256,
  sha256Hex,
} from '@seatrial/spec';
import { findText, withRelease } from '../domain/edit/yaml-text.ts';
import { type Bump, bumpBody, bumpBranch, bumpMessage, bumpTitle } from '../domain/way-forward/bump-text.ts';
import { bumpedRelease } from '../domain/way-forward/bumped-release.ts';
import { distinctName, type Newer, newerThan, nextName } from '../domain/way-forward/newer.ts';
import { PortError } from '../errors.ts';
import type { ArtifactIndex } from '../ports/artifact-index.ts';
import type { Forge, PullRequest } from '../ports/forge.ts';
import type { ReviewPolicy } from '../review/index.ts';
import type { Changed, Checkouts } from './checkouts.ts';
import type { Desk } from './desk.ts';
import type { ForgeMemory } from './forge-memory.ts';
import type { HousePolicy } from './house-policy.ts';
import type { LoopOutcome } from './loop.ts';
import type { OwnBranches } from './own-branches.ts';
import type { Proposals } from './proposals.ts';

export interface BumpOptions {
  readonly desk: Desk;
  readonly forge: Forge;
  readonly checkouts: Checkouts;
  readonly artifacts: ArtifactIndex;
  readonly policy: HousePolicy;
  readonly proposals: Proposals;
  readonly memory: ForgeMemory;
  readonly branches: OwnBranches;
  readonly fromRoot: (files: Changed) => Changed;
  /** Between two looks at the sources. */
  readonly artifactsMs: number;
}

/** The newest good commit of the branch, and what it says. */
interface Head {
  readonly commit: GitCommit;
  readonly desired: DesiredState;
  readonly texts: ReadonlyMap<string, string>;
}

/** One fleet's step, with the files that it needs. */
interface Step {
  readonly bump: Bump;
  readonly files: Changed;
}

export class WayForward {
  readonly #options: BumpOptions;
  readonly #payloads = new Map<Sha256, Sha256 | undefined>();

  constructor(options: BumpOptions) {
    this.#options = options;
  }

  /** A source that does not answer keeps nobody else from being looked after; it is told in the end. */
  async look(): Promise<LoopOutcome> {
    const { desk, checkouts, policy, proposals, artifactsMs } = this.#options;
    const commit = desk.meta.goodCommit;
    if (!desk.mayDecide || commit === undefined) return { kind: 'again', afterMs: Math.min(artifactsMs, NOT_READY_MS) };
    await proposals.refresh();
    const { bumps } = await policy.at(commit);
    const desired = bumps.propose ? await checkouts.desiredAt(commit) : undefined;
    if (desired === undefined) return { kind: 'again', afterMs: artifactsMs };
    const head = { commit, desired, texts: await checkouts.everyTextAt(commit) };
    const problem = await this.#lookAt(head, bumps);
    if (problem !== undefined) throw problem;
    return { kind: 'again', afterMs: artifactsMs };
  }

  async #lookAt(head: Head, bumps: ReviewPolicy['bumps']): Promise<PortError | undefined> {
    const steps: Step[] = [];
    let problem: PortError | undefined;
    for (const fleet of head.desired.fleets) {
      if (bumps.fleets !== undefined && !bumps.fleets.includes(fleet.name)) continue;
      try {
        steps.push(...(await this.#stepOf(fleet, head)));
      } catch (error) {
        if (!(error instanceof PortError && OF_A_SOURCE.has(error.code))) throw error;
        problem ??= error;
      }
    }
    for (const [group, members] of groupsOf(steps, bumps.group)) await this.#propose(group, members, head, bumps);
    return problem;
  }

  /* ---- One fleet ---- */

  async #stepOf(fleet: ResolvedFleet, head: Head): Promise<readonly Step[]> {
    const release = head.desired.releases.find(({ name }) => name === fleet.release);
    const newer = release && (await this.#newer(release));
    if (release === undefined || newer === undefined) return [];
    const name = freeName(head.desired, release, newer);
    const step = stepTo(fleet.name, release, name, newer, head);
    return step === undefined || !(await this.#isFresh(step, head)) ? [] : [step];
  }

  async #newer(release: ResolvedRelease): Promise<Newer | undefined> {
    const { artifacts } = this.#options;
    const { os, firmware } = release.payload;
    return newerThan(release, {
      os: os && (await artifacts.newestOs(os)),
      firmware: firmware === undefined ? [] : await artifacts.firmwareFor(release.board),
    });
  }

  /** It was not tried here before. */
  async #isFresh(step: Step, head: Head): Promise<boolean> {
    const { fleet } = step.bump;
    const { rollouts, history } = this.#options.desk.ledger;
    const current = rollouts.get(fleet);
    const tried = [...(history.get(fleet) ?? []), ...(current === undefined ? [] : [current])];
    const payloadHash = await this.#payloadHashOf(step, head);
    return payloadHash !== undefined && !tried.some(rollout => rollout.payloadHash === payloadHash);
  }

  /** Undefined for a release that is not valid. What a text comes to is found out once, however often the branch moves. */
  async #payloadHashOf({ bump, files }: Step, { commit, desired }: Head): Promise<Sha256 | undefined> {
    const isThis = ({ name }: ResolvedRelease) => name === bump.to;
    const text = files.get(bump.path);
    if (text === undefined) return desired.releases.find(isThis)?.payloadHash;
    const key = sha256Hex(text);
    if (!this.#payloads.has(key)) {
      const proposed = await this.#options.checkouts.desiredAt(commit, files);
      this.#payloads.set(key, proposed?.releases.find(isThis)?.payloadHash);
    }
    return this.#payloads.get(key);
  }

  /** With these files the branch is valid, and every fleet wants what is proposed to it. */
  async #isSound(bumps: readonly Bump[], files: Changed, { commit }: Head): Promise<boolean> {
    const wishes = new Map(
      (await this.#options.checkouts.desiredAt(commit, files))?.fleets.map(({ name, release }) => [name, release]),
    );
    return bumps.every(({ fleet, to }) => wishes.get(fleet) === to);
  }

  /* ---- One pull request ---- */

  async #propose(
    group: Name | undefined,
    all: readonly Step[],
    head: Head,
    { labels, notes }: ReviewPolicy['bumps'],
  ): Promise<void> {
    const { forge, branches, memory, proposals, fromRoot } = this.#options;
    const branch = bumpBranch(group);
    const found = await forge.findPullRequest(branch);
    const isOpen = found?.state === 'open';
    if (isOpen && !(await branches.isOurs(found))) return;
    const steps = isOpen ? all : all.filter(({ bump }) => !proposals.isBumpProposed(bump.fleet, bump.to));
    if (steps.length === 0) return;
    const bumps = steps.map(({ bump }) => rooted(bump, fromRoot));
    const files = merged(steps, head);
    const body = bumpBody(bumps, { quotesNotes: notes });
    const digest = digestOf(bumpTitle(bumps), body, files, head);
    if (isOpen && (await memory.get(textTopicOf(branch)))?.digest === digest) return this.#decide(bumps, found);
    if (!(await this.#isSound(bumps, files, head))) return;
    await branches.write({ branch, onto: head.commit, message: bumpMessage(bumps), files: fromRoot(files) });
    const pull = await forge.putPullRequest({
      branch,
      title: bumpTitle(bumps),
      body,
      labels: ['seatrial', 'bump', ...labels],
    });
    await this.#decide(bumps, pull);
    await memory.note(textTopicOf(branch), digest);
  }

  async #decide(bumps: readonly Bump[], { number, url }: PullRequest): Promise<void> {
    const { desk, proposals } = this.#options;
    const fresh = bumps.filter(({ fleet, to }) => !proposals.isBumpProposed(fleet, to));
    if (fresh.length === 0) return;
    await desk.decide(draft => {
      for (const { fleet, to } of fresh) draft.decide({ kind: 'bump-proposed', fleet, release: to, number, url });
    });
    await proposals.refresh();
  }
}

/** What the controller waits for at its start is soon there. */
const NOT_READY_MS = 5_000;
const OF_A_SOURCE: ReadonlySet<string> = new Set(['artifact-unreachable', 'artifact-malformed']);
const textTopicOf = (branch: string): string => `bump ${branch}`;

function groupsOf(steps: readonly Step[], by: 'fleet' | 'all'): ReadonlyMap<Name | undefined, readonly Step[]> {
  if (by === 'all') return new Map(steps.length === 0 ? [] : [[undefined, steps]]);
  return new Map(steps.map(step => [step.bump.fleet, [step]]));
}

/** A name that is free, or that stands for exactly this already. */
function freeName({ releases }: DesiredState, release: ResolvedRelease, newer: Newer): Name {
  const name = nextName(release.name, newer);
  const taken = releases.find(one => one.name === name);
  return taken === undefined || holds(taken, release, newer) ? name : distinctName(name, newer);
}

const holds = (taken: ResolvedRelease, release: ResolvedRelease, { os, firmware }: Newer): boolean =>
  taken.payload.os?.commit === (os ?? release.payload.os)?.commit &&
  taken.payload.firmware?.version === (firmware ?? release.payload.firmware)?.version;

/** Undefined where the documents can not be found in the files. */
function stepTo(
  fleet: Name,
  release: ResolvedRelease,
  to: Name,
  newer: Newer,
  { desired, texts }: Head,
): Step | undefined {
  const place = fileOf(texts, 'Release', release.name);
  const fleetPlace = fileOf(texts, 'Fleet', fleet);
  const fleetText = fleetPlace && withRelease(fleetPlace.text, fleet, to);
  if (place === undefined || fleetPlace === undefined || fleetText === undefined) return undefined;
  const path = posix.join(posix.dirname(place.path), `${to}.yaml`);
  const files = new Map([[fleetPlace.path, bytesOf(fleetText)]]);
  if (!desired.releases.some(({ name }) => name === to)) {
    const text = bumpedRelease(place.text, release.name, to, newer);
    if (text === undefined || texts.has(path)) return undefined;
    files.set(path, bytesOf(text));
  }
  const { name, payload } = release;
  return { bump: { fleet, from: { release: name, payload }, to, path, newer }, files };
}

function fileOf(texts: ReadonlyMap<string, string>, kind: string, name: Name) {
  for (const [path, text] of texts)
    if (text.includes(name) && findText(text, kind, name) !== undefined) return { path, text };
  return undefined;
}

/** Two fleets may stand in one file: each changes its own line of it. */
function merged(steps: readonly Step[], { texts }: Head): Changed {
  const files = new Map<string, Uint8Array | undefined>();
  for (const { bump, files: own } of steps) {
    for (const [path, bytes] of own) {
      const before = files.get(path);
      const isShared = before !== undefined && texts.has(path);
      const text = isShared ? withRelease(Buffer.from(before).toString(), bump.fleet, bump.to) : undefined;
      files.set(path, text === undefined ? bytes : bytesOf(text));
    }
  }
  return files;
}

const rooted = (bump: Bump, fromRoot: BumpOptions['fromRoot']): Bump => {
  const [path = bump.path] = fromRoot(new Map([[bump.path, undefined]])).keys();
  return { ...bump, path };
};

/** Over all that the pull request says and changes, and what it changes it from. */
function digestOf(title: string, body: string, files: Changed, { texts }: Head): string {
  const parts = [...files].map(([path, bytes]) => [
    path,
    texts.get(path) ?? '',
    bytes === undefined ? '' : Buffer.from(bytes).toString(),
  ]);
  return sha256Hex(JSON.stringify([title, body, parts]));
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
