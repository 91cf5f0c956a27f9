// Board: a hardware type, with what its firmware, its ESP and its system look like.

import { z } from 'zod';
import { documentOf } from './document.ts';
import { absolutePath, efiVariableName, firmwareVersion, guid, size, word } from './text.ts';

/** The capsule tool's names of Qualcomm's chipsets, each with the fwClass that its ESRT shows (qcom-capsule-tool). */
export const TARGET_FW_CLASSES = {
  QCS6490: '6F25BFD2-A165-468B-980F-AC51A0A45C52',
  QCS9100: '78462415-6133-431C-9FAE-48F2BAFD5C71',
  QCS8300: '8BF4424F-E842-409C-80BE-1418E91EF343',
  QCS615: '9FD379D2-670E-4BB3-86A1-40497E6E17B0',
  QRB2210: 'A2C156D8-ABBF-49B4-9F3D-8C134DDE977B',
  CQ2390M: 'BD3276F4-219C-452F-9E59-B15D8F242B75',
  'IQ-X7181': '0F6D58FC-2258-4D27-9E23-D77219B0897C',
  'IQ-X5121': '185A798B-13B2-4595-BD08-E2770A4BB190',
  Kaanapali: '2153308F-BE7C-404A-8605-1FF25E8703B9',
  SM8750: '3409BE01-F1F6-40C2-9336-192FD96606F4',
  Glymur: '6BA73695-DFDA-44E9-8699-36E1AE77E021',
} as const;

export type Target = keyof typeof TARGET_FW_CLASSES;

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
] as const satisfies readonly Target[];

export const STORAGES = ['UFS', 'EMMC', 'NORUFS', 'NORNVME'] as const;

const TrialVariable = z.strictObject({
  name: efiVariableName
    .prefault('OsTrialBootStatus')
    .describe('Name of the EFI variable that controls the firmware trial.'),
  guid: guid
    .prefault('8BE4DF61-93CA-11D2-AA0D-00E098032B8C')
    .describe('Vendor GUID of that variable. Its width is read from the board and kept.'),
});

export const Board = documentOf(
  'Board',
  z.strictObject({
    target: z.enum(TARGETS).describe('The capsule tool’s name of the chipset.'),
    storage: z.enum(STORAGES).describe('Where the firmware partitions are.'),
    firmware: z
      .strictObject({
        fwClass: guid.describe('The GUID of the ESRT entry that capsules for this board must name.'),
        versionFloor: firmwareVersion.describe(
          'Nothing below is ever planned, whatever the ESRT allows. Raise it when a hole was closed; never lower it.',
        ),
        trial: z
          .enum(['required', 'unavailable'])
          .default('required')
          .describe(
            '`required` refuses capsules on boards without a firmware trial (RPMB not provisioned, base variants). `unavailable` accepts in writing that firmware can not go back.',
          ),
        trialVariable: TrialVariable.prefault({}).describe('The variable of the firmware trial.'),
      })
      .describe('What the board’s UEFI firmware is.'),
    esp: z
      .strictObject({
        mountPoint: absolutePath.prefault('/boot').describe('Where the ESP is mounted on the board.'),
        size: size.describe('Size of the ESP. A release’s capsules may take half of it.'),
      })
      .describe('The EFI system partition, on which capsules are placed.'),
    os: z
      .strictObject({
        stateroot: word.describe('OSTree stateroot that deployments belong to.'),
        bootLoader: z.enum(['systemd-boot']).default('systemd-boot').describe('What counts the tries of a new system.'),
      })
      .describe('How the operating system is deployed.'),
    limits: z
      .strictObject({ nvram: size.optional().describe('Space for EFI variables.') })
      .optional()
      .describe('What the hardware can hold.'),
  }),
);
/** A hardware type. `firmware.trial: unavailable` accepts in writing that firmware can not go back. */
export type Board = z.output<typeof Board>;
