// A board without its agent: flash, UEFI variables, ESP, boot entries and OSTree, over the firmware and boot loader models
// of the virtual board, and the in-memory ports that the agent's contract suites hold against the real adapters.

import {
  countBoot,
  decodeOsIndications,
  decodeTrialBoot,
  efiVariableFileName,
  encodeOsIndications,
  encodeTrialBoot,
  entryState,
  FILE_CAPSULE_DELIVERY,
  formatEntryName,
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
import {
  heldEntryId,
  LOADER_HOLD,
  OS_INDICATIONS,
  OS_INDICATIONS_SUPPORTED,
  type RecordName,
} from '@seatrial/device-reconciler/parts';
import { type FirmwareVersion, type Guid, type OstreeCommit, parseBootId, parseGuid } from '@seatrial/spec';
import {
  type CapsuleVerdict,
  esrtEntry,
  type FirmwareEvent,
  type FirmwareState,
  factoryFirmware,
  powerOn,
  type SharedVariables,
  selectEntry,
} from '@seatrial/virtual-board';
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

/** Records on a disk that may be full. */
class Disk extends FakeRecords {
  isFull = false;

  override async write(name: RecordName, text: string): Promise<void> {
    if (this.isFull && name !== 'report-counter') throw new PortError('disk-full', name);
    await super.write(name, text);
  }
}

export interface Start {
  /** Undefined where nothing comes up however often it is tried: a brick. */
  readonly os: OstreeCommit | undefined;
  readonly starts: number;
  readonly log: readonly FirmwareEvent[];
}

const MOST_STARTS = 60;

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
  readonly #number: number;

  constructor(number: number, nature: Nature, make: Make = EVK) {
    this.#number = number;
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

  get bootId() {
    const text = `${this.#number.toString(16).padStart(8, '0')}-0000-4000-8000-${this.facts.boots.toString(16).padStart(12, '0')}`;
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
    const { trial } = this.firmware.variables;
    return trial !== undefined && (trial.raw & 0x10000n) !== 0n;
  }

  osBehaviour = (commit: OstreeCommit): OsBehaviour => this.nature.os.get(commit) ?? 'healthy';

  /** From power to an OS that runs, over resets, trial boots and fallbacks. */
  start(): Start {
    const log: FirmwareEvent[] = [];
    for (let starts = 1; starts <= MOST_STARTS; starts += 1) {
      log.push(...this.#startFirmware());
      const commit = this.nature.firmware.get(this.flash.running) === 'dead' ? undefined : this.#startLoader();
      if (commit === undefined || this.osBehaviour(commit) === 'panics') continue;
      this.facts.boots += 1;
      this.records.stored.delete('report-counter');
      return { os: commit, starts, log };
    }
    return { os: undefined, starts: MOST_STARTS, log };
  }

  /** What would come up if power failed now: asked of a copy. */
  wouldStart(): OstreeCommit | undefined {
    const copy = new Hardware(this.#number, this.nature, this.make);
    copy.flash = this.flash;
    copy.boot.deployed = [...this.boot.deployed];
    for (const [key, variable] of this.efi.stored) copy.efi.stored.set(key, variable);
    for (const [name, content] of this.esp.files) copy.esp.files.set(name, content);
    return copy.start().os;
  }

  /** An entry without a counter over a commit that is known to run here. */
  hasBlessedWayBack(): boolean {
    return this.boot.deployed.some(({ entry, commit }) => entryState(entry) === 'good' && this.proven.has(commit));
  }

  setVariableBits(bits: bigint): void {
    this.#set(OS_INDICATIONS, encodeOsIndications((this.#variables().osIndications ?? 0n) | bits));
  }

  #startFirmware(): readonly FirmwareEvent[] {
    const capsules = [...this.esp.files]
      .filter(([name]) => name.endsWith('.cap'))
      .map(([fileName, bytes]) => ({ fileName, bytes }));
    const { state, removed, log } = powerOn(this.firmware, capsules, bytes => this.#verify(bytes));
    const { variables, ...flash } = state;
    this.flash = flash;
    if (variables.osIndications !== undefined) this.#set(OS_INDICATIONS, encodeOsIndications(variables.osIndications));
    if (variables.trial !== undefined) this.#set(this.make.trialVariable, encodeTrialBoot(variables.trial));
    for (const name of removed) this.esp.files.delete(name);
    return log;
  }

  #startLoader(): OstreeCommit | undefined {
    const entries = this.boot.deployed.map(({ entry, commit, serial }, index) => ({
      fileName: formatEntryName(entry),
      name: entry,
      title: commit,
      version: String(this.boot.deployed.length - index),
      linux: '/vmlinuz',
      ostree: `/ostree/${commit}.${serial}`,
    }));
    const held = heldEntryId(this.efi.stored.get(keyOf(LOADER_HOLD)));
    const selection = selectEntry(entries, held === undefined ? {} : { default: `${held}.conf` });
    if (selection === undefined) return undefined;
    const one = need(
      this.boot.deployed[entries.indexOf(need(entries.find(({ fileName }) => fileName === selection.entry.fileName)))],
    );
    this.boot.deployed = this.boot.deployed.map(other =>
      other === one ? { ...other, entry: countBoot(other.entry) } : other,
    );
    this.boot.booted = { commit: one.commit, serial: one.serial };
    return one.commit;
  }

  #verify(bytes: Uint8Array): CapsuleVerdict {
    try {
      const { version, lowestSupported } = JSON.parse(Buffer.from(bytes).toString()) as {
        version: FirmwareVersion;
        lowestSupported: FirmwareVersion;
      }; // our own capsules
      return this.nature.firmware.get(version) === 'refused'
        ? { kind: 'refused', status: 5, version, detail: 'its signature does not hold' }
        : { kind: 'genuine', images: [{ fwClass: this.make.fwClass, version, lowestSupported }] };
    } catch {
      return { kind: 'metadata-unreadable', detail: 'cut off' };
    }
  }

  #variables(): SharedVariables {
    const indications = this.efi.stored.get(keyOf(OS_INDICATIONS));
    const trial = this.efi.stored.get(keyOf(this.make.trialVariable));
    const bits = indications && decodeOsIndications(indications.value);
    const decoded = trial && decodeTrialBoot(trial.value);
    return {
      ...(bits?.ok === true && { osIndications: bits.value }),
      ...(decoded?.ok === true && { trial: decoded.value }),
    };
  }

  #set(id: Make['trialVariable'], value: Uint8Array): void {
    this.efi.stored.set(keyOf(id), { attributes: PERSISTENT_ATTRIBUTES, value });
  }
}
