// Makes what a fault says come true, or arranges that it will.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeOsIndications } from '@seatrial/capsule-plan';
import { globalVariablePath } from '../board-paths.ts';
import { publishFirmware, readFirmware, readSharedVariables, writeFirmware } from '../firmware/flash.ts';
import { writeVariable } from '../firmware/variable-files.ts';
import type { Machine } from '../machine.ts';
import type { BoardFault } from './board-fault.ts';
import { armLostBless } from './lost-bless.ts';

type Injector<K extends BoardFault['kind']> = (machine: Machine, fault: Extract<BoardFault, { kind: K }>) => void;

const INJECT: { readonly [K in BoardFault['kind']]: Injector<K> } = {
  firmware({ paths }, { fault }) {
    const state = readFirmware(paths);
    writeFirmware(paths, { ...state, faults: [...state.faults, fault] });
  },
  'esrt-missing'({ paths }) {
    const state = { ...readFirmware(paths), publishesEsrt: false };
    writeFirmware(paths, state);
    publishFirmware(paths, state);
  },
  'foreign-indications'({ paths }, { bits }) {
    const current = readSharedVariables(paths).osIndications ?? 0n;
    writeVariable(globalVariablePath(paths, 'OsIndications'), encodeOsIndications(current | bits));
  },
  'foreign-capsule'({ paths }, { fileName, bytes }) {
    mkdirSync(paths.updateCapsule, { recursive: true });
    writeFileSync(join(paths.updateCapsule, fileName), bytes);
  },
  storage({ storageFaults }, { place, fault }) {
    storageFaults.tell(place, fault);
  },
  'loader-ignores-exhaustion'(machine) {
    machine.loaderIgnoresExhaustion = true;
  },
  'bless-not-synced'({ paths }) {
    armLostBless(paths);
  },
  'power-cut-at-system-call'(machine, { cut }) {
    machine.systemCallCut = cut;
  },
};

/** Throws FAULT_NEEDS_ROOT for a full directory where mounts are not permitted. */
export function injectFault<K extends BoardFault['kind']>(
  machine: Machine,
  fault: Extract<BoardFault, { kind: K }>,
): void {
  const inject: Injector<K> = INJECT[fault.kind as K]; // the table's key and the fault's kind are one type
  inject(machine, fault);
}

/** Firmware, loader, storage and ESRT are well again; what has been done is not undone. */
export function mendMachine(machine: Machine): void {
  writeFirmware(machine.paths, { ...readFirmware(machine.paths), faults: [], publishesEsrt: true });
  for (const place of ['esp', 'efivars', 'sysroot'] as const) machine.storageFaults.lift(place);
  machine.loaderIgnoresExhaustion = false;
  machine.systemCallCut = undefined;
}
