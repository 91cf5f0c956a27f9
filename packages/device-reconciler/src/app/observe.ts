// One look at the board: every port is read, nothing is concluded.

import type { EsrtEntry, Observed, PlanTarget } from '@seatrial/capsule-plan';
import type { Guid, OstreeCommit } from '@seatrial/spec';
import type { AgentConfig } from '../domain/config.ts';
import { heldEntryId, LOADER_HOLD } from '../domain/loader-hold.ts';
import type { VariableId } from '../ports/efi-variables.ts';
import type { Ports } from '../ports/ports.ts';
import { OS_INDICATIONS, OS_INDICATIONS_SUPPORTED, readIndications, readTrialBoot } from '../steps/variables.ts';

/** Which of the board's things to look at: the plan says, and before there is one the configuration. */
export interface Scope {
  /** Undefined: the only row of the ESRT that is system firmware. */
  readonly fwClass: Guid | undefined;
  readonly trialVariable: VariableId;
  readonly espMountPoint: string;
  /** Commits that may be in the repository without being deployed. */
  readonly commits: readonly OstreeCommit[];
}

export const scopeOfTarget = ({ board, payload }: PlanTarget): Scope => ({
  fwClass: board.fwClass,
  trialVariable: board.trialVariable,
  espMountPoint: board.esp.mountPoint,
  commits: payload.os === undefined ? [] : [payload.os.commit],
});

export const scopeOfHints = ({ fwClass, trialVariable, espMountPoint }: AgentConfig['board']): Scope => ({
  fwClass,
  trialVariable,
  espMountPoint,
  commits: [],
});

export async function observe(ports: Ports, scope: Scope): Promise<Observed> {
  return {
    bootId: await ports.facts.bootId(),
    clock: { nowMs: ports.timer.now(), timeZone: await ports.facts.timeZone() },
    firmware: await observeFirmware(ports, scope),
    esp: await observeEsp(ports, scope),
    os: await observeOs(ports),
    fetched: await observeFetched(ports, scope),
    facts: await ports.facts.gates(),
  };
}

async function observeFirmware(
  { efiVariables, firmwareTable, facts }: Ports,
  { fwClass, trialVariable }: Scope,
): Promise<Observed['firmware']> {
  return withoutUnknown({
    esrt: rowOf(await firmwareTable.rows(), fwClass),
    osIndications: await readIndications(efiVariables, OS_INDICATIONS),
    osIndicationsSupported: await readIndications(efiVariables, OS_INDICATIONS_SUPPORTED),
    trial: await readTrialBoot(efiVariables, trialVariable),
    variablesWritable: await efiVariables.writable(),
    rpmbProvisioned: await facts.rpmbProvisioned(),
  });
}

/** ESRT_FW_TYPE_SYSTEMFIRMWARE [UEFI-23.4]. */
const SYSTEM_FIRMWARE = 1;

function rowOf(rows: readonly EsrtEntry[], fwClass: Guid | undefined): EsrtEntry | undefined {
  if (fwClass !== undefined) return rows.find(row => row.fwClass === fwClass);
  const systems = rows.filter(({ fwType }) => fwType === SYSTEM_FIRMWARE);
  return systems.length === 1 ? systems[0] : undefined;
}

async function observeEsp({ espAt }: Ports, { espMountPoint }: Scope): Promise<Observed['esp']> {
  const esp = espAt(espMountPoint);
  return { writable: await esp.writable(), freeBytes: await esp.freeBytes(), capsules: await esp.list() };
}

async function observeOs({ ostree, efiVariables, facts }: Ports): Promise<Observed['os']> {
  return withoutUnknown({
    deployments: await ostree.deployments(),
    ostreeCountsBoots: await ostree.countsBoots(),
    heldEntryId: heldEntryId(await efiVariables.read(LOADER_HOLD)),
    bootFreeBytes: await facts.freeBytes('/boot'),
    sysrootFreeBytes: await facts.freeBytes('/ostree'),
  });
}

async function observeFetched({ artifacts, ostree }: Ports, { commits }: Scope): Promise<Observed['fetched']> {
  const whole: OstreeCommit[] = [];
  for (const commit of commits) if (await ostree.hasCommit(commit)) whole.push(commit);
  return { capsules: await artifacts.list(), commits: whole };
}

type WithoutUnknown<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** What is not known is absent rather than undefined: that is how it travels in JSON. */
function withoutUnknown<T extends object>(values: T): WithoutUnknown<T> {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as WithoutUnknown<T>; // only undefined members were left out
}
