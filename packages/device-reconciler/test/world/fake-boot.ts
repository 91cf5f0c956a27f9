// Boot entries, their assessment and OSTree's deployments in memory. Entries are renumbered and lose their counters with
// every deployment, as libostree does before 2025.3; only what the port promises brings the counters back.

import {
  badEntry,
  blessedEntry,
  type CommitSource,
  type Deployment,
  type EntryName,
  formatEntryName,
  type LoaderEntry,
} from '@seatrial/capsule-plan';
import type { OstreeCommit } from '@seatrial/spec';
import { PortError } from '../../src/errors.ts';
import type { BootAssessment } from '../../src/ports/boot-assessment.ts';
import type { LoaderEntries } from '../../src/ports/loader-entries.ts';
import type { DeploymentId, Ostree, PullOptions } from '../../src/ports/ostree.ts';
import type { Power } from './power.ts';

type Deployed = Omit<Deployment, 'index' | 'booted' | 'staged' | 'entry'> & { readonly entry: EntryName };

export class FakeBoot implements LoaderEntries, BootAssessment, Ostree {
  /** In boot order. */
  deployed: Deployed[] = [];
  booted: DeploymentId | undefined;
  readonly repository = new Set<OstreeCommit>();
  /** What the server has. */
  readonly remote = new Set<OstreeCommit>();
  pullFailure: PortError | undefined;
  readonly #power: Power;

  constructor(power: Power) {
    this.#power = power;
  }

  async list(): Promise<readonly LoaderEntry[]> {
    return this.deployed.map(({ entry, commit, serial }, index) => ({
      fileName: formatEntryName(entry),
      name: entry,
      title: commit,
      version: String(this.deployed.length - index),
      linux: '/vmlinuz',
      ostree: `/ostree/${commit}.${serial}`,
    }));
  }

  async rename(from: EntryName, to: EntryName): Promise<void> {
    const [oldName, newName] = [formatEntryName(from), formatEntryName(to)];
    const names = this.deployed.map(({ entry }) => formatEntryName(entry));
    if (oldName === newName) return;
    if (names.includes(oldName) && names.includes(newName)) throw new PortError('loader-entry-exists', newName);
    if (names.includes(newName)) return;
    if (!names.includes(oldName)) throw new PortError('loader-entry-missing', oldName);
    this.#power.point(`before renaming ${oldName}`);
    this.#rename(oldName, to);
    this.#power.point(`after renaming ${oldName}`);
  }

  async markGood(booted: EntryName): Promise<void> {
    await this.rename(booted, blessedEntry(booted));
  }

  async markBad(booted: EntryName): Promise<void> {
    await this.rename(booted, badEntry(booted));
  }

  async deployments(): Promise<readonly Deployment[]> {
    return this.deployed.map((one, index) => ({ ...one, index, staged: false, booted: isSame(one, this.booted) }));
  }

  async hasCommit(commit: OstreeCommit): Promise<boolean> {
    return this.repository.has(commit);
  }

  async countsBoots(): Promise<boolean> {
    return false;
  }

  async pull({ commit }: CommitSource, { onProgress }: PullOptions): Promise<void> {
    this.#power.point('before pulling');
    if (this.pullFailure !== undefined) throw this.pullFailure;
    if (!this.remote.has(commit)) throw new PortError('pull-incomplete', commit);
    onProgress({ done: 1, total: 1, unit: 'objects' });
    this.repository.add(commit);
    this.#power.point('after pulling');
  }

  async deploy(commit: OstreeCommit, stateroot: string): Promise<void> {
    this.#power.point('before deploying');
    if (!this.repository.has(commit)) throw new PortError('ostree-failed', commit);
    const counters = this.#counters();
    // One more than the highest in use, as libostree allocates it: a number that is in use is never given again.
    const serial = 1 + Math.max(-1, ...this.deployed.filter(one => one.commit === commit).map(one => one.serial));
    this.#swap([{ commit, serial, stateroot, entry: { id: '' } }, ...this.deployed]);
    this.#power.point('after deploying, before the counters are back');
    this.#restore(counters);
    this.#power.point('after deploying');
  }

  async undeploy(id: DeploymentId): Promise<void> {
    this.#power.point('before undeploying');
    if (!this.deployed.some(one => isSame(one, id))) throw new PortError('deployment-missing', id.commit);
    if (isSame(id, this.booted)) throw new PortError('deployment-booted', id.commit);
    const counters = this.#counters();
    this.#swap(this.deployed.filter(one => !isSame(one, id)));
    this.#power.point('after undeploying, before the counters are back');
    this.#restore(counters);
    this.#power.point('after undeploying');
  }

  /** libostree writes all entries anew, numbered from the back. */
  #swap(next: readonly Deployed[]): void {
    this.deployed = next.map((one, index) => ({
      ...one,
      entry: { id: `ostree-${next.length - index}-${one.stateroot}` },
    }));
  }

  #counters(): readonly Deployed[] {
    return this.deployed.filter(({ entry }) => entry.triesLeft !== undefined);
  }

  #restore(counters: readonly Deployed[]): void {
    this.deployed = this.deployed.map(one => {
      const before = counters.find(counted => isSame(counted, one));
      return before === undefined ? one : { ...one, entry: { ...before.entry, id: one.entry.id } };
    });
  }

  #rename(fileName: string, to: EntryName): void {
    this.deployed = this.deployed.map(one => (formatEntryName(one.entry) === fileName ? { ...one, entry: to } : one));
  }
}

const isSame = (a: DeploymentId, b: DeploymentId | undefined): boolean =>
  a.commit === b?.commit && a.serial === b.serial;
