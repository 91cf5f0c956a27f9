// Every way in which the two trials can end together, and where the board is then: the promise that tests hold the rules
// to, cell by cell, and that the documentation prints.

import type { FailureReason } from './journal.ts';

/** What becomes of the firmware half. */
export type FirmwareEvent =
  /** Taken, on trial, and restored when asked to. */
  | 'applied'
  /** Taken without TrialBootEnabled: variable missing, RPMB not provisioned, base variant. */
  | 'applied-without-trial'
  /** Taken, and UEFI refuses to go back when asked: its floor is reached. */
  | 'applied-for-good'
  | 'refused'
  | 'metadata-unreadable'
  /** The firmware starts and leaves capsule and ESRT alone. */
  | 'ignored'
  /** Taken, but no OS ever starts on it: UEFI counts the trial out and goes back by itself. */
  | 'never-boots'
  /** UEFI's count runs out while the OS that came with it is on trial. */
  | 'exhausted';

/** What becomes of the OS half. */
export type OsEvent = 'healthy' | 'unhealthy' | 'panics';

export interface Outcome {
  readonly firmware: 'old' | 'new';
  readonly os: 'old' | 'new';
  readonly ends: 'up to date' | 'failed' | 'stalled';
  /** Undefined where all is well. */
  readonly reason?: FailureReason;
}

type PairMatrix<E extends FirmwareEvent> = Readonly<Record<E, Readonly<Record<OsEvent, Outcome>>>>;
/** Firmware that is judged before any new OS is there can not run out under one. */
type AloneEvent = Exclude<FirmwareEvent, 'exhausted'>;

const BOTH_NEW: Outcome = { firmware: 'new', os: 'new', ends: 'up to date' };
const back = (reason: FailureReason): Outcome => ({ firmware: 'old', os: 'old', ends: 'failed', reason });
const osBack = (reason: FailureReason): Outcome => ({ firmware: 'new', os: 'old', ends: 'failed', reason });
const STUCK: Outcome = { firmware: 'new', os: 'old', ends: 'stalled', reason: 'firmware-cannot-go-back' };
const untouched = (reason: FailureReason) => ({ healthy: back(reason), unhealthy: back(reason), panics: back(reason) });

const NEVER_RUNNING = {
  refused: untouched('capsule-refused'),
  'metadata-unreadable': untouched('capsule-metadata-unreadable'),
  ignored: untouched('capsule-ignored'),
  'never-boots': untouched('firmware-rolled-back'),
};

/** The pair goes forward together and goes back together, as long as the firmware can. */
const COUPLED: PairMatrix<FirmwareEvent> = {
  applied: { healthy: BOTH_NEW, unhealthy: back('os-unhealthy'), panics: back('os-fell-back') },
  'applied-without-trial': { healthy: BOTH_NEW, unhealthy: osBack('os-unhealthy'), panics: osBack('os-fell-back') },
  'applied-for-good': { healthy: BOTH_NEW, unhealthy: STUCK, panics: STUCK },
  ...NEVER_RUNNING,
  exhausted: {
    healthy: back('os-on-old-firmware'),
    unhealthy: back('os-on-old-firmware'),
    panics: back('firmware-rolled-back'),
  },
};

/** The firmware is proven under the old OS and committed; whatever the new OS does, it stays. */
const FIRMWARE_FIRST: PairMatrix<AloneEvent> = {
  applied: { healthy: BOTH_NEW, unhealthy: osBack('os-unhealthy'), panics: osBack('os-fell-back') },
  'applied-without-trial': { healthy: BOTH_NEW, unhealthy: osBack('os-unhealthy'), panics: osBack('os-fell-back') },
  'applied-for-good': { healthy: BOTH_NEW, unhealthy: osBack('os-unhealthy'), panics: osBack('os-fell-back') },
  ...NEVER_RUNNING,
};

/** Firmware alone, judged by the health of the OS that was there: `unhealthy` is that OS on the new firmware. */
const FIRMWARE_ONLY: Readonly<Record<AloneEvent, Readonly<Record<'healthy' | 'unhealthy', Outcome>>>> = {
  applied: { healthy: { ...BOTH_NEW, os: 'old' }, unhealthy: back('firmware-unhealthy') },
  'applied-without-trial': { healthy: { ...BOTH_NEW, os: 'old' }, unhealthy: osBack('firmware-unhealthy') },
  'applied-for-good': { healthy: { ...BOTH_NEW, os: 'old' }, unhealthy: STUCK },
  refused: { healthy: back('capsule-refused'), unhealthy: back('capsule-refused') },
  'metadata-unreadable': {
    healthy: back('capsule-metadata-unreadable'),
    unhealthy: back('capsule-metadata-unreadable'),
  },
  ignored: { healthy: back('capsule-ignored'), unhealthy: back('capsule-ignored') },
  'never-boots': { healthy: back('firmware-rolled-back'), unhealthy: back('firmware-rolled-back') },
};

const OS_ONLY: Readonly<Record<OsEvent, Outcome>> = {
  healthy: { ...BOTH_NEW, firmware: 'old' },
  unhealthy: back('os-unhealthy'),
  panics: back('os-fell-back'),
};

export const OUTCOME_MATRIX = {
  coupled: COUPLED,
  firmwareFirst: FIRMWARE_FIRST,
  firmwareOnly: FIRMWARE_ONLY,
  osOnly: { none: OS_ONLY },
} as const;

export type TransactionShape = keyof typeof OUTCOME_MATRIX;

export interface MatrixCell {
  readonly shape: TransactionShape;
  readonly firmwareEvent: FirmwareEvent | 'none';
  readonly osEvent: OsEvent;
  readonly outcome: Outcome;
}

/** The matrix as a list, in the order of the tables above. */
export const matrixCells = (): readonly MatrixCell[] =>
  entries<TransactionShape, Readonly<Record<string, Readonly<Record<string, Outcome>>>>>(OUTCOME_MATRIX).flatMap(
    ([shape, rows]) =>
      entries<FirmwareEvent | 'none', Readonly<Record<string, Outcome>>>(rows).flatMap(([firmwareEvent, cells]) =>
        entries<OsEvent, Outcome>(cells).map(([osEvent, outcome]) => ({ shape, firmwareEvent, osEvent, outcome })),
      ),
  );

const TITLES = {
  coupled: 'Firmware and OS, coupled',
  firmwareFirst: 'Firmware first, then OS',
  firmwareOnly: 'Firmware only',
  osOnly: 'OS only',
} satisfies Record<TransactionShape, string>;

/** The matrix in Markdown, one table for each shape of transaction. */
export function renderOutcomeMatrix(): string {
  const cells = matrixCells();
  return entries<TransactionShape, string>(TITLES)
    .map(([shape, title]) => [`### ${title}`, '', ...table(cells.filter(cell => cell.shape === shape)), ''].join('\n'))
    .join('\n');
}

const table = (cells: readonly MatrixCell[]): readonly string[] => [
  '| capsule | OS on trial | firmware afterwards | OS afterwards | reported as |',
  '|---|---|---|---|---|',
  ...cells.map(
    ({ firmwareEvent, osEvent, outcome }) =>
      `| ${firmwareEvent} | ${osEvent} | ${outcome.firmware} | ${outcome.os} | ${outcome.ends}${outcome.reason === undefined ? '' : ` (\`${outcome.reason}\`)`} |`,
  ),
];

/** Object.entries with the keys that the type promises; the tables above are closed. */
const entries = <K extends string, V>(record: Readonly<Record<string, V>>): readonly (readonly [K, V])[] =>
  Object.entries(record) as unknown as readonly (readonly [K, V])[];
