// Which waits pass by themselves, and which need somebody: the difference between Reconciling and Stalled.

import type { BlockedReason, PatientReason, WaitReason } from './step.ts';

const BLOCKS = {
  'window-closed': false,
  'clock-not-set': false,
  'download-network': false,
  'download-jitter': false,
  'gate-battery': false,
  'gate-parked': false,
  'gate-charging': false,
  'gate-network': false,
  'gate-maintenanceMode': false,
  'gate-consent': false,
  'firmware-below-floor': true,
  'firmware-below-minimum-from': true,
  'os-requires-firmware': true,
  'esrt-missing': true,
  'rpmb-not-provisioned': true,
  'capsule-on-disk-unsupported': true,
  'efivarfs-read-only': true,
  'esp-read-only': true,
  'esp-full': true,
  'boot-full': true,
  'foreign-capsule': true,
  'trial-budget': true,
  'trial-of-unknown-origin': true,
  'no-blessed-deployment': true,
} satisfies { readonly [R in WaitReason]: R extends BlockedReason ? true : false };

export const isBlocked = (reason: WaitReason): reason is BlockedReason => BLOCKS[reason];
export const isPatient = (reason: WaitReason): reason is PatientReason => !BLOCKS[reason];
export const WAIT_REASONS = Object.keys(BLOCKS) as readonly WaitReason[]; // total by its type
