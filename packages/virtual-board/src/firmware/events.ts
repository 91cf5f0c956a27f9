// What the firmware did at a power-on, as it would print it on the serial console.

import { type FirmwareVersion, formatFirmwareVersion } from '@seatrial/spec';

export type FirmwareEvent =
  | { readonly kind: 'capsules-not-taken'; readonly fileNames: readonly string[] }
  | { readonly kind: 'capsule-applied'; readonly fileName: string; readonly version: FirmwareVersion }
  | {
      readonly kind: 'capsule-refused';
      readonly fileName: string;
      readonly version: FirmwareVersion;
      readonly status: number;
      readonly detail: string;
    }
  | { readonly kind: 'capsule-metadata-unreadable'; readonly fileName: string; readonly detail: string }
  /** The capsule is of another firmware class; no ESRT row speaks of it. */
  | { readonly kind: 'capsule-of-another-board'; readonly fileName: string }
  | { readonly kind: 'capsule-dropped'; readonly fileName: string }
  | { readonly kind: 'request-without-capsule' }
  | { readonly kind: 'trial-started'; readonly maxCount: number }
  | { readonly kind: 'trial-boot-counted'; readonly count: number; readonly maxCount: number }
  | { readonly kind: 'rolled-back'; readonly from: FirmwareVersion; readonly to: FirmwareVersion }
  | { readonly kind: 'rollback-refused'; readonly lowestSupported: FirmwareVersion }
  | { readonly kind: 'committed'; readonly version: FirmwareVersion };

type Teller<K extends FirmwareEvent['kind']> = (event: Extract<FirmwareEvent, { kind: K }>) => string;

const version = formatFirmwareVersion;

const TELL: { readonly [K in FirmwareEvent['kind']]: Teller<K> } = {
  'capsules-not-taken': event => `not asked for, left alone: ${event.fileNames.join(', ')}`,
  'capsule-applied': event => `${event.fileName}: installed ${version(event.version)}`,
  'capsule-refused': event =>
    `${event.fileName}: refused ${version(event.version)}, status ${event.status}: ${event.detail}`,
  'capsule-metadata-unreadable': event => `${event.fileName}: metadata unreadable: ${event.detail}`,
  'capsule-of-another-board': event => `${event.fileName}: for another firmware class`,
  'capsule-dropped': event => `${event.fileName}: dropped`,
  'request-without-capsule': () => 'capsules were asked for, but there are none',
  'trial-started': event => `trial of ${event.maxCount} boots`,
  'trial-boot-counted': event => `trial boot ${event.count} of ${event.maxCount}`,
  'rolled-back': event => `trial over, restored ${version(event.to)} in place of ${version(event.from)}`,
  'rollback-refused': event => `trial over, but nothing below ${version(event.lowestSupported)} may run`,
  committed: event => `${version(event.version)} is accepted, nothing older runs any more`,
};

/** One line for the console log. */
export function tellFirmwareEvent<K extends FirmwareEvent['kind']>(event: Extract<FirmwareEvent, { kind: K }>): string {
  const tell: Teller<K> = TELL[event.kind as K]; // the table's key and the event's kind are one type
  return tell(event);
}
