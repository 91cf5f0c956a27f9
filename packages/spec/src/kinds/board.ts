// Board: a hardware type, with what its firmware, its ESP and its system look like.

import { z } from 'zod';
import { documentOf } from './document.ts';
import { absolutePath, efiVariableName, firmwareVersion, guid, size, word } from './text.ts';

/** The names that the capsule tool gives to Qualcomm's chipsets. */
export const TARGETS = [
  'QCS6490',
  'QCS9100',
  'QCS8300',
  'QCS615',
  'QRB2210',
  'CQ2390M',
  'IQ-X7181',
  'IQ-X5121',
  'Kaanapali',
  'SM8750',
  'Glymur',
] as const;

export const STORAGES = ['UFS', 'EMMC', 'NORUFS', 'NORNVME'] as const;

const TrialVariable = z.strictObject({
  name: efiVariableName.prefault('OsTrialBootStatus'),
  guid: guid.prefault('8BE4DF61-93CA-11D2-AA0D-00E098032B8C'),
});

export const Board = documentOf(
  'Board',
  z.strictObject({
    target: z.enum(TARGETS),
    storage: z.enum(STORAGES),
    firmware: z.strictObject({
      fwClass: guid,
      versionFloor: firmwareVersion,
      trial: z.enum(['required', 'unavailable']).default('required'),
      trialVariable: TrialVariable.prefault({}),
    }),
    esp: z.strictObject({ mountPoint: absolutePath.prefault('/boot'), size }),
    os: z.strictObject({ stateroot: word, bootLoader: z.enum(['systemd-boot']).default('systemd-boot') }),
    limits: z.strictObject({ nvram: size.optional() }).optional(),
  }),
);
/** A hardware type. `firmware.trial: unavailable` accepts in writing that firmware can not go back. */
export type Board = z.output<typeof Board>;
