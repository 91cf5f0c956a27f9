// A whole board in memory: the fakes of all ports, and the UEFI and systemd-boot that act on them at power-on.

import {
  compareLoaderEntries,
  countBoot,
  decodeOsIndications,
  decodeTrialBoot,
  type EsrtEntry,
  encodeOsIndications,
  encodeTrialBoot,
  FILE_CAPSULE_DELIVERY,
  formatEntryName,
  isOnTrial,
  PERSISTENT_ATTRIBUTES,
  type TrialBoot,
  trialCount,
  trialMaxCount,
  withoutCapsuleDelivery,
  withTrialCount,
  withTrialEnabled,
} from '@seatrial/capsule-plan';
import { firmwareVersion, sha256Hex } from '@seatrial/spec';
import { heldEntryId, LOADER_HOLD } from '../../src/domain/loader-hold.ts';
import type { Ports } from '../../src/ports/ports.ts';
import { OS_INDICATIONS, OS_INDICATIONS_SUPPORTED } from '../../src/steps/variables.ts';
import { FakeBoot } from './fake-boot.ts';
import { FakeEfiVariables } from './fake-efi-variables.ts';
import { FakeEsp } from './fake-esp.ts';
import {
  FakeArtifacts,
  FakeFacts,
  FakeHealth,
  FakeLog,
  FakeRecords,
  FakeServices,
  FakeTimer,
} from './fake-surroundings.ts';
import { Power } from './power.ts';
import { CAPSULE, FW_CLASS, fw, NEW_FW, NEW_OS, need, OLD_FW, OLD_OS, TRIAL_VARIABLE } from './values.ts';

/** What the new half is like. */
export interface Behaviour {
  readonly capsule: 'applies' | 'refused';
  readonly newOs: 'healthy' | 'unhealthy' | 'panics';
}

export class FakeBoard {
  readonly power = new Power();
  readonly efi = new FakeEfiVariables(this.power);
  readonly boot = new FakeBoot(this.power);
  readonly artifacts = new FakeArtifacts(this.power);
  readonly esp = new FakeEsp(this.power, path => this.#artifact(path));
  readonly records = new FakeRecords(this.power);
  readonly facts = new FakeFacts();
  readonly health = new FakeHealth();
  readonly services = new FakeServices(this.power);
  readonly timer = new FakeTimer();
  readonly log = new FakeLog();
  readonly behaviour: Behaviour;
  esrt: EsrtEntry = {
    fwClass: FW_CLASS,
    fwType: 1,
    fwVersion: OLD_FW,
    lowestSupportedFwVersion: fw('0.0.1.0'),
    capsuleFlags: 0,
    lastAttemptVersion: firmwareVersion(0),
    lastAttemptStatus: 0,
  };

  constructor(behaviour: Behaviour = { capsule: 'applies', newOs: 'healthy' }) {
    this.behaviour = behaviour;
    this.#set(OS_INDICATIONS_SUPPORTED, encodeOsIndications(FILE_CAPSULE_DELIVERY));
    this.#set(OS_INDICATIONS, encodeOsIndications(0n));
    this.#set(TRIAL_VARIABLE, encodeTrialBoot({ raw: 1n, widthBytes: 4 }));
    this.boot.deployed = [{ commit: OLD_OS, serial: 0, stateroot: 'lab', entry: { id: 'ostree-1-lab' } }];
    this.boot.booted = { commit: OLD_OS, serial: 0 };
    this.boot.repository.add(OLD_OS);
    this.boot.remote.add(NEW_OS);
    this.artifacts.served.set('http://artifacts.example.com/firmware.cap', CAPSULE);
    this.health.answer = () => this.#isHealthy();
  }

  get ports(): Ports {
    return {
      efiVariables: this.efi,
      firmwareTable: { rows: async () => [this.esrt] },
      artifacts: this.artifacts,
      ostree: this.boot,
      loaderEntries: this.boot,
      bootAssessment: this.boot,
      facts: this.facts,
      services: this.services,
      health: this.health,
      records: this.records,
      timer: this.timer,
      log: this.log,
      espAt: () => this.esp,
    };
  }

  get runningOs() {
    return this.boot.booted?.commit;
  }

  get trial(): TrialBoot {
    const decoded = decodeTrialBoot(need(this.efi.stored.get(keyOf(TRIAL_VARIABLE))).value);
    if (!decoded.ok) throw new Error(decoded.error);
    return decoded.value;
  }

  /** Off and on, until something runs in which an agent can be started. */
  powerCycle(): void {
    this.power.restore();
    for (let boots = 0; boots < 50; boots += 1) {
      this.facts.boots += 1;
      this.#startFirmware();
      this.#startLoader();
      if (this.runningOs !== NEW_OS || this.behaviour.newOs !== 'panics') return;
    }
    throw new Error('the board boots for ever');
  }

  #isHealthy(): boolean {
    return this.runningOs !== NEW_OS || this.behaviour.newOs === 'healthy';
  }

  #startFirmware(): void {
    const bits = decodeOsIndications(need(this.efi.stored.get(keyOf(OS_INDICATIONS))).value);
    const asked = bits.ok && (bits.value & FILE_CAPSULE_DELIVERY) !== 0n;
    const capsules = [...this.esp.files.keys()].filter(name => name.endsWith('.cap'));
    if (bits.ok && asked) this.#set(OS_INDICATIONS, encodeOsIndications(withoutCapsuleDelivery(bits.value)));
    if (asked && capsules.length > 0) this.#takeCapsules(capsules);
    else if (isOnTrial(this.trial)) this.#countTrial();
  }

  #takeCapsules(names: readonly string[]): void {
    const whole = names.every(name => sha256Hex(need(this.esp.files.get(name))) === sha256Hex(CAPSULE));
    for (const name of names) this.esp.files.delete(name);
    const applies = this.behaviour.capsule === 'applies' && whole;
    this.esrt = {
      ...this.esrt,
      lastAttemptVersion: NEW_FW,
      lastAttemptStatus: applies ? 0 : 5,
      ...(applies ? { fwVersion: NEW_FW } : {}),
    };
    if (applies && trialMaxCount(this.trial) > 0) {
      this.#setTrial(withTrialCount(withTrialEnabled(this.trial, { enabled: true }), 1));
    }
  }

  #countTrial(): void {
    if (trialCount(this.trial) < trialMaxCount(this.trial)) {
      this.#setTrial(withTrialCount(this.trial, trialCount(this.trial) + 1));
      return;
    }
    this.#setTrial(withTrialCount(withTrialEnabled(this.trial, { enabled: false }), 0));
    this.esrt = { ...this.esrt, fwVersion: OLD_FW, lastAttemptVersion: NEW_FW, lastAttemptStatus: 0 };
  }

  #startLoader(): void {
    const held = heldEntryId(this.efi.stored.get(keyOf(LOADER_HOLD)));
    const entries = this.boot.deployed.map((one, index) => ({
      one,
      fileName: formatEntryName(one.entry),
      name: one.entry,
      title: '',
      version: String(this.boot.deployed.length - index),
      linux: '',
    }));
    const [first] = entries.sort(compareLoaderEntries);
    const { one } = need(entries.find(({ name }) => name.id === held) ?? first);
    this.boot.deployed = this.boot.deployed.map(other =>
      other === one ? { ...other, entry: countBoot(other.entry) } : other,
    );
    this.boot.booted = { commit: one.commit, serial: one.serial };
  }

  #setTrial(trial: TrialBoot): void {
    this.#set(TRIAL_VARIABLE, encodeTrialBoot(trial));
  }

  #set(id: typeof TRIAL_VARIABLE, value: Uint8Array): void {
    this.efi.stored.set(keyOf(id), { attributes: PERSISTENT_ATTRIBUTES, value });
  }

  #artifact(path: string): Uint8Array {
    const [, content] = [...this.artifacts.stored].find(([sha256]) => sha256 === path) ?? [];
    return need(content);
  }
}

const keyOf = ({ name, guid }: typeof TRIAL_VARIABLE): string => `${name}-${guid.toLowerCase()}`;
