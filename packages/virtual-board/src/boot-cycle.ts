// One stretch of power, as a loop: firmware, boot loader, OS, and again, until the power is gone.

import { type StartedEntry, startEntry } from './boot-loader/boot-loader.ts';
import { holdBackMs } from './boot-pace.ts';
import { keepUnsynced, loseUnsynced } from './faults/lost-bless.ts';
import { publishFirmware, readCapsules, readFirmware, removeCapsules, writeFirmware } from './firmware/flash.ts';
import { firmwarePass } from './firmware/power-on.ts';
import { forgetVariables } from './firmware/variable-files.ts';
import { type Machine, tell } from './machine.ts';
import type { Power } from './power.ts';
import { runSystem } from './run-system.ts';
import { forgetVolatile, type SystemStart, startSystem } from './system/operating-system.ts';

/** Settles when power is lost. Throws on a defect of this machine only, never on one of the board's. */
export async function runWhilePowered(machine: Machine, power: Power): Promise<void> {
  try {
    for (;;) await bootOnce(machine, power);
  } catch (error) {
    if (power.isOn) throw error;
  }
}

async function bootOnce(machine: Machine, power: Power): Promise<void> {
  await runFirmware(machine, power);
  const started = startEntry(machine.paths, { ignoresExhaustion: machine.loaderIgnoresExhaustion });
  if (started === undefined) {
    tell(machine, { kind: 'nothing-to-boot' });
    return resetByWatchdog(machine, power);
  }
  tell(machine, { kind: 'entry-started', fileName: started.fileName });
  await power.wait(machine.timing.kernelMs);
  const system = startSystem(machine.paths, started);
  if (system.kind === 'running') return liveThrough(machine, system, started, power);
  tell(machine, { kind: 'system-dead', how: system.how });
  return resetByWatchdog(machine, power);
}

/** Passes of the firmware until it starts the boot loader. A power cut in a pass leaves it undone, to be done again. */
async function runFirmware(machine: Machine, power: Power): Promise<void> {
  for (;;) {
    await paceStarts(machine, power);
    forgetWhatPowerKept(machine);
    tell(machine, { kind: 'firmware-started', start: machine.startsAtMs.length });
    await power.wait(machine.timing.firmwareMs);
    const pass = firmwarePass(readFirmware(machine.paths), readCapsules(machine.paths), machine.verifyCapsule);
    writeFirmware(machine.paths, pass.state);
    removeCapsules(machine.paths, pass.removed);
    for (const action of pass.log) tell(machine, { kind: 'firmware-acted', action });
    power.require();
    if (pass.next === 'boot-loader') return publishFirmware(machine.paths, pass.state);
    tell(machine, { kind: 'firmware-reset' });
  }
}

/** A reset, too, ends everything that is only in memory. */
export function forgetWhatPowerKept({ paths }: Machine): void {
  forgetVolatile(paths);
  forgetVariables(paths.efivars, { keepPersistent: readFirmware(paths).rpmb === 'provisioned' });
}

async function paceStarts(machine: Machine, power: Power): Promise<void> {
  const forMs = holdBackMs(machine.startsAtMs, Date.now(), machine.timing.maxStartsPerMinute);
  if (forMs > 0) tell(machine, { kind: 'boots-held-back', forMs });
  await power.wait(forMs);
  machine.startsAtMs.push(Date.now());
}

async function liveThrough(
  machine: Machine,
  { bootId, deployment, behaviour }: Extract<SystemStart, { kind: 'running' }>,
  { fileName }: StartedEntry,
  power: Power,
): Promise<void> {
  machine.storageFaults.systemStarts();
  try {
    tell(machine, { kind: 'booted', bootId, commit: deployment.commit, fileName });
    power.require();
    const end = await runSystem(machine, behaviour, power);
    if (end === 'reboot') return keepUnsynced(machine.paths);
    loseUnsynced(machine.paths);
    tell(machine, { kind: 'system-dead', how: 'passed its health checks, then died' });
  } finally {
    machine.storageFaults.systemEnds();
  }
  await resetByWatchdog(machine, power);
}

async function resetByWatchdog(machine: Machine, power: Power): Promise<void> {
  await power.wait(machine.timing.watchdogMs);
  tell(machine, { kind: 'watchdog-reset' });
}
