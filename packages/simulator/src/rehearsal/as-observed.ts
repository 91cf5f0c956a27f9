// Puts a board of the simulator into the state in which a real one was seen.

import {
  type EfiVariable,
  efiVariableFileName,
  encodeEfiText,
  encodeJournal,
  encodeOsIndications,
  encodeTrialBoot,
  entryState,
  isOnTrial,
  type Journal,
  type Observed,
  PERSISTENT_ATTRIBUTES,
} from '@seatrial/capsule-plan';
import { LOADER_HOLD, OS_INDICATIONS, OS_INDICATIONS_SUPPORTED } from '@seatrial/device-reconciler/parts';
import type { Hardware } from '../hardware.ts';
import type { SeenBoard } from './wish.ts';

/** What can not be seen from outside is taken as it usually is: the old firmware image of a running trial, say. */
export function makeAsObserved(hardware: Hardware, { observed, journal }: SeenBoard): void {
  setFirmware(hardware, observed, journal);
  setVariables(hardware, observed);
  setStorage(hardware, observed);
  setSystem(hardware, observed);
  hardware.records.stored.set('journal', new TextDecoder().decode(encodeJournal(journal)));
  const { facts } = hardware;
  facts.facts = observed.facts;
  facts.timeZone = async () => observed.clock.timeZone;
  facts.rpmbProvisioned = async () => observed.firmware.rpmbProvisioned ?? true;
  facts.freeBytes = async path => (path === '/boot' ? observed.os.bootFreeBytes : observed.os.sysrootFreeBytes);
}

function setFirmware(hardware: Hardware, { firmware: { esrt, trial, rpmbProvisioned } }: Observed, journal: Journal) {
  const before = journal.attempt?.from.firmware;
  const { previous: _previous, ...flash } = hardware.flash;
  hardware.flash = {
    ...flash,
    rpmb: rpmbProvisioned === false ? 'unprovisioned' : 'provisioned',
    publishesEsrt: esrt !== undefined,
    ...(esrt !== undefined && {
      running: esrt.fwVersion,
      lowestSupported: esrt.lowestSupportedFwVersion,
      lastAttempt: { lastAttemptVersion: esrt.lastAttemptVersion, lastAttemptStatus: esrt.lastAttemptStatus },
    }),
    ...(trial !== undefined && isOnTrial(trial) && before !== undefined && { previous: before }),
  };
}

function setVariables({ efi, make }: Hardware, { firmware, os }: Observed): void {
  const { trial, osIndications, osIndicationsSupported } = firmware;
  efi.isWritable = firmware.variablesWritable;
  efi.stored.clear();
  const put = ({ name, guid }: typeof make.trialVariable, value: EfiVariable['value'] | undefined): void => {
    if (value !== undefined)
      efi.stored.set(efiVariableFileName(name, guid), { attributes: PERSISTENT_ATTRIBUTES, value });
  };
  put(make.trialVariable, trial && encodeTrialBoot(trial));
  put(OS_INDICATIONS, osIndications === undefined ? undefined : encodeOsIndications(osIndications));
  put(
    OS_INDICATIONS_SUPPORTED,
    osIndicationsSupported === undefined ? undefined : encodeOsIndications(osIndicationsSupported),
  );
  put(LOADER_HOLD, os.heldEntryId === undefined ? undefined : encodeEfiText(`${os.heldEntryId.toLowerCase()}.conf`));
}

function setStorage({ esp, artifacts, make }: Hardware, { esp: seen, fetched }: Observed): void {
  const known = new Map([...make.capsules.values()].map(content => [make.measure.digestOf(content), content]));
  for (const { fileName, sha256, sizeBytes } of seen.capsules)
    esp.files.set(fileName, known.get(sha256) ?? Buffer.alloc(Math.min(sizeBytes, LARGEST_STRANGER)));
  const used = [...esp.files.values()].reduce((sum, content) => sum + make.measure.sizeOf(content), 0);
  esp.sizeBytes = seen.freeBytes + used;
  esp.isWritable = seen.writable;
  for (const sha256 of fetched.capsules) {
    const content = known.get(sha256);
    if (content !== undefined) artifacts.stored.set(sha256, content);
  }
}

/** A capsule of which nothing is known but its size is not worth more memory than this. */
const LARGEST_STRANGER = 4096;

function setSystem({ boot, proven }: Hardware, { os, fetched }: Observed): void {
  if (os.deployments.length === 0) return;
  boot.deployed = os.deployments.map(({ commit, serial, stateroot, entry, index }) => ({
    commit,
    serial,
    stateroot,
    entry: entry ?? { id: `ostree-${os.deployments.length - index}-${stateroot}` },
  }));
  const booted = os.deployments.find(deployment => deployment.booted) ?? os.deployments[0];
  if (booted !== undefined) boot.booted = { commit: booted.commit, serial: booted.serial };
  proven.clear();
  for (const { commit, entry } of boot.deployed) {
    boot.repository.add(commit);
    if (entryState(entry) === 'good') proven.add(commit);
  }
  for (const commit of fetched.commits) boot.repository.add(commit);
}
