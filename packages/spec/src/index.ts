// The public face of the desired-state language.

export * from './clock.ts';
export * from './condition.ts';
export * from './desired-state.ts';
export * from './dsse.ts';
export * from './fingerprint.ts';
export * from './ids.ts';
export * from './issue-table.ts';
export { Approval } from './kinds/approval.ts';
export { Board, STORAGES, TARGETS } from './kinds/board.ts';
export { DeviceList } from './kinds/device-list.ts';
export { API_VERSION, type Labels } from './kinds/document.ts';
export { Fleet } from './kinds/fleet.ts';
export { AnyKind, type DocumentOf, isKind, KINDS, type Kind, type SpecDocument } from './kinds/kinds.ts';
export { Release } from './kinds/release.ts';
export type { Portion } from './kinds/text.ts';
export { BUILT_IN_ROLES, TrustRoot } from './kinds/trust-root.ts';
export { type HealthCheck, NETWORK_CLASSES, type NetworkClass } from './kinds/update-policy.ts';
export * from './kinds/written-forms.ts';
export * from './limits.ts';
export * from './result.ts';
export * from './units.ts';
