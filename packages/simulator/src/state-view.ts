// Everything that matters of a simulated fleet at one moment, as flat text: for people who want to know what an event has
// changed on the boards, in the controller and at the broker.

import { decodeJournal, efiVariableFileName, formatEntryName, topic } from '@seatrial/capsule-plan';
import { heldEntryId, LOADER_HOLD } from '@seatrial/device-reconciler/parts';

import { formatFirmwareVersion } from '@seatrial/spec';
import type { SimBoard } from './board.ts';
import { sequenceOf } from './scene.ts';
import type { Simulation } from './simulation.ts';

/** By path, such as `hub-1/firmware`. */
export type View = ReadonlyMap<string, string>;

export function viewOf(simulation: Simulation): View {
  const { boards, controller, broker, git } = simulation;
  const rows: [string, string | undefined][] = [
    ...boards.flatMap(board => boardRows(board)),
    ['git/release', git.current.isRemoved ? 'no fleet' : git.current.release],
    ['controller', controller.isRunning ? 'runs' : 'is down'],
    ...(controller.office?.rollouts() ?? []).map(({ id, stage, state }): [string, string] => [
      `controller/${id}`,
      `stage ${stage}, ${state.kind}: ${state.message}`,
    ]),
    ...(controller.office?.devices({ limit: 10_000 }).devices ?? []).map(({ device, standing }): [string, string] => [
      `controller/${device}`,
      standing,
    ]),
    ['broker', broker.isUp ? `up, ${broker.sessions.size} connections` : 'down'],
    ...boards.map(({ device }): [string, string | undefined] => {
      const report = broker.retained.get(topic(device, 'report'));
      return [`broker/${device}/report`, report === undefined ? undefined : String(sequenceOf(report))];
    }),
  ];
  return new Map(rows.flatMap(([path, text]) => (text === undefined ? [] : [[path, text] as const])));
}

function boardRows(board: SimBoard): readonly [string, string | undefined][] {
  const { hardware, isPowered, isDead, reboots } = board;
  const { flash, boot, esp, records, efi } = hardware;
  const { trial, osIndications } = hardware.firmware.variables;
  const held = heldEntryId(efi.stored.get(efiVariableFileName(LOADER_HOLD.name, LOADER_HOLD.guid)));
  const rows: readonly [string, string | undefined][] = [
    ['power', `${isDead ? 'dead' : isPowered ? 'on' : 'off'}, ${reboots} reboots`],
    ['firmware', formatFirmwareVersion(flash.running)],
    ['floor', formatFirmwareVersion(flash.lowestSupported)],
    [
      'last attempt',
      `${formatFirmwareVersion(flash.lastAttempt.lastAttemptVersion)} status ${flash.lastAttempt.lastAttemptStatus}`,
    ],
    ['trial', trial === undefined ? undefined : `0x${trial.raw.toString(16)}`],
    ['OsIndications', osIndications === undefined ? undefined : `0x${osIndications.toString(16)}`],
    ['capsules', [...esp.files.keys()].join(' ')],
    ['running OS', hardware.runningOs.slice(0, 8)],
    ['entries', boot.deployed.map(({ entry, commit }) => `${formatEntryName(entry)}=${commit.slice(0, 8)}`).join(' ')],
    ['held to', held],
    ['plan', planOf(records.stored.get('last-plan'))],
    ['journal', journalOf(records.stored.get('journal'))],
    ['lifecycle', /"phase":"(\w+)"/.exec(records.stored.get('lifecycle') ?? '')?.[1]],
  ];
  return rows.map(([name, text]) => [`${board.device}/${name}`, text]);
}

const planOf = (record: string | undefined): string | undefined => {
  const generation = /"generation":(\d+)/.exec(record ?? '')?.[1];
  return generation === undefined ? undefined : `generation ${generation}`;
};

function journalOf(record: string | undefined): string | undefined {
  const journal = record === undefined ? undefined : decodeJournal(Buffer.from(record));
  if (journal === undefined) return record === undefined ? undefined : 'unreadable';
  const { attempt, success, failures } = journal;
  return [
    attempt && `attempt ${attempt.attempt} of ${attempt.payloadHash.slice(0, 8)}`,
    attempt?.failure && `going back for ${attempt.failure.reason}`,
    success && `proven ${success.payloadHash.slice(0, 8)}`,
    `${failures.length} failures`,
  ]
    .filter(part => part !== undefined)
    .join(', ');
}

/** One line for each path that is not what it was. */
export function changesBetween(before: View, after: View): readonly string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths.flatMap(path => {
    const [was, is] = [before.get(path) ?? 'nothing', after.get(path) ?? 'nothing'];
    return was === is ? [] : [`${path}: ${was} -> ${is}`];
  });
}

/** One line for each path. */
export const linesOf = (view: View): readonly string[] => [...view].map(([path, text]) => `${path}: ${text}`);
