// The way forward: when a build has put something newer where releases point to, a pull request proposes it, and is changed in
// place when something newer still appears.
//
// INVARIANTS: one open pull request for a group of fleets, found by its branch; a release that was proposed to a fleet and is
// not open any more is never proposed to it again; a branch to which a person has pushed is never written again.

import {
  type GitCommit,
  type Name,
  type ResolvedFleet,
  type ResolvedRelease,
  type Sha256,
  sha256Hex,
} from '@seatrial/spec';
import type { Changed } from '../../domain/edit/changed.ts';
import { type Bump, bumpBody, bumpBranch, bumpMessage, bumpTitle } from '../../domain/way-forward/bump-text.ts';
import { type Newer, newerThan } from '../../domain/way-forward/newer.ts';
import { filesOf, grouped, type Present, type Step, stepTo } from '../../domain/way-forward/step.ts';
import { PortError } from '../../errors.ts';
import type { ArtifactIndex } from '../../ports/artifact-index.ts';
import type { Forge, PullRequest } from '../../ports/forge.ts';
import type { ReviewPolicy } from '../../review/index.ts';
import type { Desk } from '../desk.ts';
import type { LoopOutcome } from '../loop.ts';
import type { Checkouts } from './checkouts.ts';
import type { HousePolicy } from './house-policy.ts';
import type { ForgeMemory } from './memory.ts';
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
interface Head extends Present {
  readonly commit: GitCommit;
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
    const artifacts = askedOnce(this.#options.artifacts);
    const steps: Step[] = [];
    let problem: PortError | undefined;
    for (const fleet of head.desired.fleets) {
      if (bumps.fleets !== undefined && !bumps.fleets.includes(fleet.name)) continue;
      try {
        steps.push(...(await this.#stepOf(fleet, head, artifacts)));
      } catch (error) {
        if (!(error instanceof PortError && OF_A_SOURCE.has(error.code))) throw error;
        problem ??= error;
      }
    }
    const groups = grouped(steps, bumps.group);
    for (const [group, members] of groups) await this.#propose(bumpBranch(group), members, head, bumps);
    if (problem === undefined) await this.#withdrawAllBut([...groups.keys()].map(bumpBranch));
    return problem;
  }

  /* ---- One fleet ---- */

  async #stepOf(fleet: ResolvedFleet, head: Head, artifacts: ArtifactIndex): Promise<readonly Step[]> {
    const release = head.desired.releases.find(({ name }) => name === fleet.release);
    const newer = release && (await newerIn(artifacts, release));
    const step = release && newer && stepTo(fleet, release, newer, head);
    return step === undefined || !(await this.#isFresh(step, head)) ? [] : [step];
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
    branch: string,
    all: readonly Step[],
    head: Head,
    { labels, notes }: ReviewPolicy['bumps'],
  ): Promise<void> {
    const { forge, branches, memory, proposals, fromRoot } = this.#options;
    const found = await forge.findPullRequest(branch);
    const open = found?.state === 'open' ? found : undefined;
    if (open !== undefined && !(await branches.isOurs(open))) return;
    const steps = all.filter(({ bump }) => !proposals.isBumpProposed(bump.fleet, bump.to, open?.number));
    if (steps.length === 0) return;
    const bumps = steps.map(({ bump }) => rooted(bump, fromRoot));
    const files = filesOf(steps, head);
    const body = bumpBody(bumps, { quotesNotes: notes });
    const digest = digestOf(bumpTitle(bumps), body, files, head);
    if (open !== undefined && (await memory.get(topicOf(branch)))?.digest === digest) return this.#decide(bumps, open);
    if (!(await this.#isSound(bumps, files, head))) return;
    await branches.write({ branch, onto: head.commit, message: bumpMessage(bumps), files: fromRoot(files) });
    const pull = await forge.putPullRequest({
      branch,
      title: bumpTitle(bumps),
      body,
      labels: ['seatrial', 'bump', ...labels],
    });
    await this.#decide(bumps, pull);
    await memory.note(topicOf(branch), digest);
  }

  /** What was proposed and is not newer any more: somebody else has brought it, or a build has taken it back. */
  async #withdrawAllBut(branches: readonly string[]): Promise<void> {
    const { forge, memory, branches: own } = this.#options;
    for (const { topic, isFinal } of [...(await memory.all()).values()]) {
      const branch = branchOf(topic);
      if (branch === undefined || isFinal || branches.includes(branch)) continue;
      const found = await forge.findPullRequest(branch);
      if (found?.state === 'open' && (await own.isOurs(found))) await forge.deleteBranch(branch);
      await memory.note(topic, '', true);
    }
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
const topicOf = (branch: string): string => `bump ${branch}`;
const branchOf = (topic: string): string | undefined => /^bump (.+)$/.exec(topic)?.[1];

async function newerIn(artifacts: ArtifactIndex, release: ResolvedRelease): Promise<Newer | undefined> {
  const { os, firmware } = release.payload;
  return newerThan(release, {
    os: os && (await artifacts.newestOs(os)),
    firmware: firmware === undefined ? [] : await artifacts.firmwareFor(release.board),
  });
}

/** Many fleets ask for the same ref and the same board. */
function askedOnce(artifacts: ArtifactIndex): ArtifactIndex {
  const refs = new Map<string, ReturnType<ArtifactIndex['newestOs']>>();
  const boards = new Map<Name, ReturnType<ArtifactIndex['firmwareFor']>>();
  const once = <K, V>(known: Map<K, V>, key: K, ask: () => V): V => {
    const answer = known.get(key) ?? ask();
    known.set(key, answer);
    return answer;
  };
  return {
    newestOs: os => once(refs, `${os.remote} ${os.ref}`, () => artifacts.newestOs(os)),
    firmwareFor: board => once(boards, board, () => artifacts.firmwareFor(board)),
  };
}

const rooted = (bump: Bump, fromRoot: BumpOptions['fromRoot']): Bump => {
  const [path = bump.path] = fromRoot(new Map([[bump.path, undefined]])).keys();
  return { ...bump, path };
};

/** Over all that the pull request says and changes, and what it changes it from. */
function digestOf(title: string, body: string, files: Changed, { texts }: Present): string {
  const parts = [...files].map(([path, bytes]) => [
    path,
    texts.get(path) ?? '',
    bytes === undefined ? '' : Buffer.from(bytes).toString(),
  ]);
  return sha256Hex(JSON.stringify([title, body, parts]));
}
