// Working out, on the newest commit of the branch, the files that put a fleet back to what it wanted before.

import { posix } from 'node:path';
import { type DesiredState, envelopePath, type GitCommit, type Name, type Payload, type Sha256 } from '@seatrial/spec';
import { bytesOf, type Changed } from '../../domain/edit/changed.ts';
import { fileHolding, findText, textOf } from '../../domain/edit/yaml-text.ts';
import type { Rollout } from '../../domain/rollout.ts';
import { mergeInput, releaseOnly } from '../../domain/way-back/restore-fleet.ts';
import type { TextMerge } from '../../ports/text-merge.ts';
import type { Checkouts } from './checkouts.ts';

export interface Restored {
  readonly kind: 'restored';
  /** The head of the branch, on which the files go. */
  readonly onto: GitCommit;
  /** The commit at which the fleet last wanted this. */
  readonly asOf: GitCommit;
  readonly release: Name;
  readonly payload: Payload;
  readonly payloadHash: Sha256;
  /** The rest of the fleet's document has changed too much since to go back as well. */
  readonly isReleaseOnly: boolean;
  /** By path from the fleet's directory. */
  readonly files: Changed;
}

export type Restoration = Restored | { readonly kind: 'impossible'; readonly message: string };

/** So far back is looked for the commit at which the fleet last wanted something else. */
const MOST_COMMITS = 50;

/** The fleet at three commits. */
interface Case {
  readonly fleet: Name;
  readonly asOf: GitCommit;
  readonly changed: GitCommit;
  readonly head: GitCommit;
  /** What it wanted then, and what failed. */
  readonly release: Name;
  readonly failed: Name;
}

export class Restorer {
  readonly #checkouts: Checkouts;
  readonly #merge: TextMerge;

  constructor(checkouts: Checkouts, merge: TextMerge) {
    this.#checkouts = checkouts;
    this.#merge = merge;
  }

  /**
   * On top of the newest good commit. Undefined where there is nothing to do now: the fleet wants something else there. What is
   * restored was validated: with these files the fleet wants exactly what it wanted then.
   */
  async restore(head: GitCommit, rollout: Rollout, goal: Rollout): Promise<Restoration | undefined> {
    const { fleet, gitCommit: changed, release: failed } = rollout;
    if ((await this.#checkouts.wishesAt(head)).get(fleet)?.payloadHash !== rollout.payloadHash) return undefined;
    const last = await this.#lastWanted(rollout, goal);
    if (last === undefined) return impossible(`git no longer has a commit at which ${fleet} wants ${goal.release}`);
    const one: Case = { fleet, changed, head, failed, ...last };
    const whole = await this.#checked(await this.#wholeDocument(one), one, goal.payloadHash);
    const restored = whole ?? (await this.#checked(await this.#releaseAlone(one), one, goal.payloadHash));
    if (restored === undefined) return impossible(`${fleet} has changed too much to go back to ${last.release}`);
    return { kind: 'restored', onto: head, ...last, ...restored, isReleaseOnly: whole === undefined };
  }

  /** The newest commit before the change at which the fleet wanted what the goal brought. */
  async #lastWanted({ fleet, gitCommit }: Rollout, goal: Rollout): Promise<Pick<Case, 'asOf' | 'release'> | undefined> {
    const ancestors = await this.#checkouts.repository.ancestors(gitCommit, MOST_COMMITS);
    for (const asOf of new Set([...ancestors, goal.gitCommit])) {
      const wish = (await this.#checkouts.wishesAt(asOf)).get(fleet);
      if (wish?.payloadHash === goal.payloadHash) return { asOf, release: wish.release };
    }
    return undefined;
  }

  async #checked(files: Changed | undefined, { head, fleet }: Case, payloadHash: Sha256) {
    const desired = files && (await this.#checkouts.desiredAt(head, files));
    const release = desired && releaseOf(desired, fleet);
    if (files === undefined || release?.payloadHash !== payloadHash) return undefined;
    return { files, payload: release.payload, payloadHash };
  }

  /* ---- Candidates ---- */

  /** The fleet's document as it was, with what came after merged in; and a release that was edited in place. */
  async #wholeDocument(one: Case): Promise<Changed | undefined> {
    const fleet = await this.#merged(one, 'Fleet', one.fleet);
    if (fleet === undefined) return undefined;
    if (one.release !== one.failed) return new Map([...fleet, ...(await this.#missingRelease(one))]);
    const release = await this.#merged(one, 'Release', one.release);
    return release && new Map([...fleet, ...release, ...(await this.#signaturesThen(one, [...release.keys()]))]);
  }

  async #releaseAlone(one: Case): Promise<Changed | undefined> {
    const found = await this.#find(one.head, 'Fleet', one.fleet);
    const text = found && releaseOnly(found.text, one.fleet, one.release);
    if (found === undefined || text === undefined) return undefined;
    return new Map([[found.path, bytesOf(text)], ...(await this.#missingRelease(one))]);
  }

  async #merged({ asOf, changed, head }: Case, kind: 'Fleet' | 'Release', name: Name): Promise<Changed | undefined> {
    const now = await this.#find(head, kind, name);
    const then = await this.#find(asOf, kind, name);
    const between = await this.#find(changed, kind, name);
    if (now === undefined || then === undefined || between === undefined) return undefined;
    const input = mergeInput({ before: then.text, changed: between.text, head: now.text }, kind, name);
    const text = input && (await this.#merge(input));
    return text === undefined ? undefined : new Map(text === now.text ? [] : [[now.path, bytesOf(text)]]);
  }

  /** A release whose document is gone comes back with its signatures, in a file of its own where its place is taken. */
  async #missingRelease({ head, asOf, release }: Case): Promise<Changed> {
    if ((await this.#find(head, 'Release', release)) !== undefined) return NOTHING;
    const then = await this.#find(asOf, 'Release', release);
    const found = then && findText(then.text, 'Release', release);
    if (then === undefined || found === undefined) return NOTHING;
    const taken = await this.#checkouts.textsAt(head, [then.path]);
    const path = taken.size === 0 ? then.path : posix.join(posix.dirname(then.path), `${release}.yaml`);
    const body = `${textOf(then.text, found).trimEnd()}\n`;
    const [signatures] = (await this.#checkouts.textsAt(asOf, [envelopePath(then.path)])).values();
    const beside = signatures === undefined ? [] : [[envelopePath(path), bytesOf(signatures)] as const];
    return new Map([[path, bytesOf(body)], ...beside]);
  }

  /** What was signed then is what stands there again. */
  async #signaturesThen({ head, asOf }: Case, paths: readonly string[]): Promise<Changed> {
    const envelopes = paths.map(envelopePath);
    const [then, now] = [
      await this.#checkouts.textsAt(asOf, envelopes),
      await this.#checkouts.textsAt(head, envelopes),
    ];
    const touched = envelopes.filter(path => then.get(path) !== now.get(path));
    return new Map(
      touched.map(path => {
        const text = then.get(path);
        return [path, text === undefined ? undefined : bytesOf(text)];
      }),
    );
  }

  #find = async (commit: GitCommit, kind: string, name: Name) =>
    fileHolding(await this.#checkouts.everyTextAt(commit), kind, name);
}

const NOTHING: Changed = new Map();
const impossible = (message: string): Restoration => ({ kind: 'impossible', message });

function releaseOf({ fleets, releases }: DesiredState, name: Name) {
  const fleet = fleets.find(one => one.name === name);
  return releases.find(one => one.name === fleet?.release);
}
