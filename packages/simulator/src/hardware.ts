// A board without its agent: flash, UEFI variables, ESP, boot entries and OSTree, over the firmware and boot loader models
// of the virtual board, and the in-memory ports that the agent's contract suites hold against the real adapters.

import {
  efiVariableFileName,
  encodeOsIndications,
  encodeTrialBoot,
  entryState,
  FILE_CAPSULE_DELIVERY,
  PERSISTENT_ATTRIBUTES,
} from '@seatrial/capsule-plan';
import { PortError } from '@seatrial/device-reconciler';
import {
  BY_CONTENT,
  FakeArtifacts,
  FakeBoot,
  FakeEfiVariables,
  FakeEsp,
  FakeFacts,
  FakeRecords,
  type Measure,
  Power,
  PowerCut,
} from '@seatrial/device-reconciler/memory-ports';
import { OS_INDICATIONS, OS_INDICATIONS_SUPPORTED, type RecordName } from '@seatrial/device-reconciler/parts';
import { type FirmwareVersion, type Guid, type OstreeCommit, parseBootId, parseGuid } from '@seatrial/spec';
import { esrtEntry, type FirmwareState, factoryFirmware, type SharedVariables } from '@seatrial/virtual-board';
import { type Startable, type Started, sharedVariables, startBoard } from './start.ts';
import {
  COMMITS,
  capsuleOf,
  capsuleUrl,
  FACTORY,
  FIRMWARES,
  type FirmwareBehaviour,
  FLOOR,
  need,
  type OsBehaviour,
} from './world.ts';

export const FW_CLASS = need(parseGuid('78462415-6133-431C-9FAE-48F2BAFD5C71'));
const keyOf = ({ name, guid }: Make['trialVariable']): string => efiVariableFileName(name, guid);

/** What a board is when it leaves the factory, and what the servers have for it. */
export interface Make {
  readonly fwClass: Guid;
  readonly trialVariable: { readonly name: string; readonly guid: Guid };
  readonly stateroot: string;
  readonly factory: {
    readonly firmware: FirmwareVersion;
    readonly lowestSupported: FirmwareVersion;
    readonly os: OstreeCommit;
  };
  /** Commits that its remote serves. */
  readonly commits: readonly OstreeCommit[];
  /** Capsules by URL, in the form that the simulated firmware understands. */
  readonly capsules: ReadonlyMap<string, Uint8Array>;
  readonly measure: Measure;
}

/** The board of every seeded run. */
export const EVK: Make = {
  fwClass: FW_CLASS,
  trialVariable: { name: 'OsTrialBootStatus', guid: need(parseGuid('8be4df61-93ca-11d2-aa0d-00e098032b8c')) },
  stateroot: 'poky',
  factory: { ...FACTORY, lowestSupported: FLOOR },
  commits: COMMITS,
  capsules: new Map(FIRMWARES.map(version => [capsuleUrl(version), capsuleOf(version)])),
  measure: BY_CONTENT,
};

/** How firmware and OS of each release behave on one board. */
export interface Nature {
  readonly os: ReadonlyMap<OstreeCommit, OsBehaviour>;
  readonly firmware: ReadonlyMap<FirmwareVersion, FirmwareBehaviour>;
}

/** Power that fails where it is told to, and tells of every effect that reached the hardware. */
export class EffectPower extends Power {
  isOn = true;
  effects = 0;
  /** Cuts power at the effect so many from now; undefined: not at all. */
  cutAfter: number | undefined;
  onEffect: (name: string) => void = () => {};
  onCut: () => void = () => {};

  override point(name: string): void {
    if (!this.isOn) throw new PowerCut(name);
    if (name.endsWith('report-counter')) return;
    this.effects += 1;
    this.onEffect(name);
    if (this.cutAfter === undefined) return;
    this.cutAfter -= 1;
    if (this.cutAfter > 0) return;
    this.cutAfter = undefined;
    this.isOn = false;
    this.onCut();
    throw new PowerCut(name);
  }
}

/** How long a disk that lies about flushes keeps what it was given in memory. */
const WRITES_BACK_MS = 5_000;

/** Records on a disk that may be full, or answer a flush that it has not done. */
class Disk extends FakeRecords {
  isFull = false;
  isLying = false;
  /** Something that was flushed has been lost. */
  hasLied = false;
  nowMs = 0;
  /** What a record was before a write that may still be lost, newest last. */
  #unsure: { readonly name: RecordName; readonly before: string | undefined; readonly atMs: number }[] = [];

  override async write(name: RecordName, text: string): Promise<void> {
    if (this.isFull && name !== 'report-counter') throw new PortError('disk-full', name);
    if (this.isLying) this.#unsure.push({ name, before: this.stored.get(name), atMs: this.nowMs });
    await super.write(name, text);
  }

  powerIsGone(atMs: number): void {
    for (const { name, before, atMs: writtenMs } of this.#unsure.toReversed()) {
      if (writtenMs + WRITES_BACK_MS <= atMs) continue;
      this.hasLied = true;
      if (before === undefined) this.stored.delete(name);
      else this.stored.set(name, before);
    }
    this.#unsure = [];
  }
}

export class Hardware {
  readonly power = new EffectPower();
  readonly efi = new FakeEfiVariables(this.power);
  readonly boot = new FakeBoot(this.power);
  readonly artifacts: FakeArtifacts;
  readonly esp: FakeEsp;
  readonly records = new Disk(this.power);
  readonly facts = new FakeFacts();
  flash: Omit<FirmwareState, 'variables'>;
  readonly nature: Nature;
  /** Commits that have once run healthy here. */
  readonly proven: Set<OstreeCommit>;
  readonly make: Make;
  readonly number: number;
  #asked: { readonly read: readonly unknown[]; readonly os: OstreeCommit | undefined } | undefined;

  constructor(number: number, nature: Nature, make: Make = EVK) {
    this.number = number;
    this.nature = nature;
    this.make = make;
    const { factory, stateroot, measure } = make;
    this.artifacts = new FakeArtifacts(this.power, measure);
    this.esp = new FakeEsp(
      this.power,
      digest => need(new Map<string, Uint8Array>(this.artifacts.stored).get(digest)),
      measure,
    );
    this.proven = new Set([factory.os]);
    const { variables: _none, ...flash } = factoryFirmware({
      fwClass: make.fwClass,
      version: factory.firmware,
      lowestSupported: factory.lowestSupported,
    });
    this.flash = flash;
    this.#set(OS_INDICATIONS_SUPPORTED, encodeOsIndications(FILE_CAPSULE_DELIVERY));
    this.#set(make.trialVariable, encodeTrialBoot({ raw: 1n, widthBytes: 4 }));
    this.boot.deployed = [{ commit: factory.os, serial: 0, stateroot, entry: { id: `ostree-1-${stateroot}` } }];
    this.boot.booted = { commit: factory.os, serial: 0 };
    this.boot.repository.add(factory.os);
    for (const commit of make.commits) this.boot.remote.add(commit);
    for (const [url, capsule] of make.capsules) this.artifacts.served.set(url, capsule);
    this.facts.bootId = async () => this.bootId;
  }

  /** A board whose firmware knows no trial boots, as before its RPMB is provisioned. */
  takeTrialAway(): void {
    this.flash = { ...this.flash, rpmb: 'unprovisioned' };
    this.efi.stored.delete(keyOf(this.make.trialVariable));
    this.facts.rpmbProvisioned = async () => false;
  }

  get bootId() {
    const text = `${this.number.toString(16).padStart(8, '0')}-0000-4000-8000-${this.facts.boots.toString(16).padStart(12, '0')}`;
    return need(parseBootId(text));
  }

  get runningOs(): OstreeCommit {
    return need(this.boot.booted).commit;
  }

  get bootedEntry() {
    return this.boot.deployed.find(
      ({ commit, serial }) => commit === this.boot.booted?.commit && serial === this.boot.booted.serial,
    )?.entry;
  }

  get firmware(): FirmwareState {
    return { ...this.flash, variables: this.#variables() };
  }

  get esrt() {
    return esrtEntry(this.firmware);
  }

  get isOnTrial(): boolean {
    const { trial } = this.#variables();
    return trial !== undefined && (trial.raw & 0x10000n) !== 0n;
  }

  osBehaviour = (commit: OstreeCommit): OsBehaviour => this.nature.os.get(commit) ?? 'healthy';

  start(): Started {
    const started = startBoard(this.#startable(), this);
    const { flash, variables, deployed, booted, removed, os } = started;
    this.flash = flash;
    this.boot.deployed = deployed;
    if (variables.osIndications !== undefined) this.#set(OS_INDICATIONS, encodeOsIndications(variables.osIndications));
    if (variables.trial !== undefined) this.#set(this.make.trialVariable, encodeTrialBoot(variables.trial));
    for (const name of removed) this.esp.files.delete(name);
    if (booted !== undefined) this.boot.booted = { commit: booted.commit, serial: booted.serial };
    if (os === undefined) return started;
    this.facts.boots += 1;
    this.records.stored.delete('report-counter');
    return started;
  }

  /** What would come up if power failed now. */
  wouldStart(): OstreeCommit | undefined {
    return startBoard(this.#startable(), this).os;
  }

  /** The same, worked out only when something that a start reads is not what it was when it was last asked. */
  wouldStartStill(): OstreeCommit | undefined {
    const { deployed } = this.boot;
    const read = [
      this.flash,
      ...deployed,
      ...this.efi.stored.values(),
      ...this.esp.files.keys(),
      ...this.esp.files.values(),
    ];
    if (this.#asked === undefined || !isSameList(this.#asked.read, read)) this.#asked = { read, os: this.wouldStart() };
    return this.#asked.os;
  }

  /** An entry without a counter over a commit that is known to run here. */
  hasBlessedWayBack(): boolean {
    return this.boot.deployed.some(({ entry, commit }) => entryState(entry) === 'good' && this.proven.has(commit));
  }

  setVariableBits(bits: bigint): void {
    this.#set(OS_INDICATIONS, encodeOsIndications((this.#variables().osIndications ?? 0n) | bits));
  }

  #startable(): Startable {
    return { flash: this.flash, deployed: this.boot.deployed, variables: this.efi.stored, files: this.esp.files };
  }

  #variables(): SharedVariables {
    return sharedVariables(this.efi.stored, this.make);
  }

  #set(id: Make['trialVariable'], value: Uint8Array): void {
    this.efi.stored.set(keyOf(id), { attributes: PERSISTENT_ATTRIBUTES, value });
  }
}

/** By identity: what a start reads is replaced, never written into. */
const isSameList = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index]);
