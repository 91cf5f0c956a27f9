// What can be held against a board from outside its agent: ESRT, trial flag, boot entries and deployments on its disk.

import { entryState, isOnTrial, parseEntryName } from '@seatrial/capsule-plan';
import { type FirmwareVersion, formatFirmwareVersion, type OstreeCommit } from '@seatrial/spec';
import type { Board, BoardEvidence } from '@seatrial/virtual-board';

export interface ExpectedPair {
  readonly firmware: FirmwareVersion;
  readonly commit: OstreeCommit;
}

/** One board's evidence in plain values, for the summary. */
export interface EvidenceRow {
  readonly device: string;
  readonly bootId?: string;
  readonly commit?: string;
  readonly bootEntry?: string;
  readonly firmware?: string;
  readonly lowestSupported?: string;
  readonly lastAttempt?: { readonly version: string; readonly status: number };
  readonly onTrial: boolean;
  readonly capsulesOnEsp: number;
  readonly firmwareStarts: number;
}

export async function lookAt(board: Board): Promise<EvidenceRow> {
  return toRow(board.id, await board.inspect());
}

/** Why the board is not at rest on the pair; empty when it is. */
export function complaints(row: EvidenceRow, { firmware, commit }: ExpectedPair): readonly string[] {
  return [
    ...complaint(row.firmware === formatFirmwareVersion(firmware), `runs firmware ${row.firmware}`),
    ...complaint(row.commit === commit, `runs commit ${row.commit?.slice(0, 10)}`),
    ...complaint(isBlessed(row), `is not blessed: ${row.bootEntry}`),
    ...complaint(!row.onTrial, 'has firmware on trial'),
    ...complaint(row.capsulesOnEsp === 0, 'has a capsule on its ESP'),
  ].map(text => `${row.device} ${text}`);
}

const complaint = (holds: boolean, text: string): readonly string[] => (holds ? [] : [text]);

const isBlessed = ({ bootEntry }: EvidenceRow): boolean => {
  const name = parseEntryName(bootEntry ?? '');
  return name !== undefined && entryState(name) === 'good';
};

function toRow(device: string, evidence: BoardEvidence): EvidenceRow {
  const { running, esrt, trial, entries, capsules, firmwareStarts } = evidence;
  const entry = entries.find(({ fileName }) => idOf(fileName) === idOf(running?.entryId ?? ''));
  return {
    device,
    ...(running === undefined ? {} : { bootId: running.bootId, commit: running.commit }),
    ...(entry === undefined ? {} : { bootEntry: entry.fileName }),
    ...(esrt === undefined
      ? {}
      : {
          firmware: formatFirmwareVersion(esrt.fwVersion),
          lowestSupported: formatFirmwareVersion(esrt.lowestSupportedFwVersion),
          lastAttempt: { version: formatFirmwareVersion(esrt.lastAttemptVersion), status: esrt.lastAttemptStatus },
        }),
    onTrial: trial !== undefined && isOnTrial(trial),
    capsulesOnEsp: capsules.length,
    firmwareStarts,
  };
}

const idOf = (fileName: string): string | undefined => parseEntryName(fileName)?.id;
