// Documents that are well-formed alone but do not fit together.

import type { IssueKind } from '../issue-table.ts';

export const REFERENCE_ISSUES = {
  'duplicate-name': {
    severity: 'error',
    title: 'Name given twice',
    cause: 'Two documents of one kind have the same metadata.name, or two entries of one list the same name.',
    remedy: 'Rename or delete one of them.',
  },
  'duplicate-device': {
    severity: 'error',
    title: 'Device listed twice',
    cause: 'The same device id stands in two places; a board has one identity and one place.',
    remedy: 'Delete one of the two entries. If two boards share the id, re-provision one of them.',
  },
  'device-in-two-fleets': {
    severity: 'error',
    title: 'Device selected by two fleets',
    cause: 'The labels of the device match the selectors of two fleets of its board type, which could disagree.',
    remedy: 'Make the labels or the selectors exclude each other.',
  },
  'device-without-fleet': {
    severity: 'warning',
    title: 'Devices selected by no fleet',
    cause: 'No fleet of the board type matches the labels of these devices, so nothing is ever planned for them.',
    remedy: 'Add the label that a fleet selects by, or a fleet.',
  },
  'fleet-without-devices': {
    severity: 'warning',
    title: 'Fleet selects no device',
    cause: 'No device of the board type has the labels that the fleet selects by.',
    remedy: 'Compare the selector with the labels of the device lists.',
  },
  'unknown-board': {
    severity: 'error',
    title: 'No such board',
    cause: 'No Board document has this name.',
    remedy: 'Mind the spelling, or add the Board.',
  },
  'unknown-release': {
    severity: 'error',
    title: 'No such release',
    cause: 'No Release document has this name.',
    remedy: 'Mind the spelling, or merge the Release first.',
  },
  'unknown-fleet': {
    severity: 'error',
    title: 'No such fleet',
    cause: 'No Fleet document has this name.',
    remedy: 'Mind the spelling, or delete approvals of fleets that are gone.',
  },
  'unknown-stage': {
    severity: 'error',
    title: 'No such stage',
    cause: 'Stages are counted from 1, and the rollout has fewer than this.',
    remedy: 'Name a stage that the fleet’s rollout has.',
  },
  'unknown-role': {
    severity: 'error',
    title: 'No such role',
    cause: 'The fleet asks for no approval by this role at this stage.',
    remedy: 'Compare with rollout.approvals of the fleet.',
  },
  'release-for-another-board': {
    severity: 'error',
    title: 'Release is for another board',
    cause: 'A fleet or a pinned device names a release that was made for a different Board.',
    remedy: 'Name a release of the same board; firmware of another board could destroy this one.',
  },
  'release-below-floor': {
    severity: 'error',
    title: 'Release below the floor of its board',
    cause: 'The firmware is older than firmware.versionFloor of the Board; boards refuse it for ever.',
    remedy: 'Delete the release, or build one with newer firmware. Never lower the floor.',
  },
  'lowest-supported-above-version': {
    severity: 'error',
    title: 'Lowest supported version above the version',
    cause: 'Firmware that declares itself unsupported would be refused, or could never be rolled back to.',
    remedy: 'Set lowestSupported to the version or below.',
  },
  'requirement-cycle': {
    severity: 'error',
    title: 'Firmware that only itself could lead to',
    cause: 'firmware.minimumFrom is not below firmware.version: a board would have to run this firmware to get it.',
    remedy: 'Set minimumFrom to an older version, or remove it.',
  },
  'requires-newer-firmware': {
    severity: 'error',
    title: 'The os requires newer firmware than the release brings',
    cause: 'os.requires.firmware is above firmware.version of the same release, so that the pair can not run.',
    remedy: 'Raise the firmware of the release or lower the requirement.',
  },
  'requirement-unmet': {
    severity: 'warning',
    title: 'No release brings the required firmware',
    cause:
      'No release of the board brings the firmware that minimumFrom or os.requires.firmware demands, so that only boards which left the factory with it can take this release.',
    remedy: 'Add the release in between, or lower the requirement.',
  },
  'capsules-too-large': {
    severity: 'error',
    title: 'Capsules do not fit the ESP',
    cause: 'A board keeps twice the capsules’ size free on its ESP; these need more than half of the whole ESP.',
    remedy: 'Make the capsules smaller, or correct esp.size of the Board.',
  },
  'plan-too-large': {
    severity: 'error',
    title: 'Plan would exceed 4 KiB',
    cause: 'What this fleet sends to each board (payload and policy) is longer than a plan may be.',
    remedy: 'Use fewer windows and health checks, or shorter URLs and commands.',
  },
  'stages-do-not-grow': {
    severity: 'error',
    title: 'Stages do not grow',
    cause: 'Each stage must hold more boards than the one before it.',
    remedy: 'Order the stages by limit and drop those that add nothing.',
  },
  'last-stage-not-all': {
    severity: 'error',
    title: 'Last stage is not 100%',
    cause: 'Boards beyond the last stage would never be updated.',
    remedy: 'End the stages with { limit: 100% }.',
  },
  'trial-budget-exceeded': {
    severity: 'error',
    title: 'Trial needs more boots than can be counted',
    cause:
      'UEFI counts trial boots in four bits. One boot after the capsule, every try, the fallback and one to spare must fit into 15.',
    remedy: 'Set trial.bootTries to 12 or less.',
  },
  'health-deadline-too-short': {
    severity: 'error',
    title: 'Health deadline shorter than a check',
    cause: 'The trial ends before its slowest health check can time out.',
    remedy: 'Raise trial.healthDeadline or lower the timeout of the check.',
  },
  'window-too-short': {
    severity: 'warning',
    title: 'Window shorter than a trial',
    cause:
      'Within the window a board restarts and proves its health; the health deadline alone is longer than the window.',
    remedy: 'Lengthen the window or shorten trial.healthDeadline.',
  },
  'coupled-without-trial': {
    severity: 'warning',
    title: 'Firmware can not go back with the system',
    cause:
      'The release couples firmware and os, but firmware.trial of its board is unavailable: when the system fails its trial, the new firmware stays.',
    remedy: 'Make sure that the old system runs on the new firmware, and say firmwareFirst.',
  },
  'fw-class-of-another-target': {
    severity: 'warning',
    title: 'fwClass belongs to another target',
    cause: 'The GUID is the capsule tool’s GUID of another chipset; its default is QCS6490’s whatever the board.',
    remedy: 'Compare with the ESRT: /sys/firmware/efi/esrt/entries/entry0/fw_class.',
  },
} as const satisfies Readonly<Record<string, IssueKind>>;
