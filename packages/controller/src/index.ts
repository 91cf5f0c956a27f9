// The public face of the controller: start it, ask it, and its words.

export * from './client.ts';
export { ControllerConfig, type ControllerConfigInput, loadConfig, parseConfig } from './config.ts';
export type {
  DevicePage,
  DeviceSummary,
  DeviceView,
  EventView,
  FleetView,
  OrderBody,
  ReleaseView,
  RolloutView,
  SnapshotView,
  StatusView,
  WhyView,
} from './domain/api.ts';
export * from './domain/boards.ts';
export * from './domain/cohort.ts';
export type { Decision, DecisionKind, Order, RecordedDecision } from './domain/decision.ts';
export { headline } from './domain/decision.ts';
export * from './domain/diff.ts';
export * from './domain/hold.ts';
export * from './domain/rollout.ts';
export { type OrderKind, type OrderRefusal, startRollout, takeOrder } from './domain/rollout-orders.ts';
export * from './domain/standing.ts';
export * from './domain/tallies.ts';
export { explain, type Why, type WhyInput } from './domain/why.ts';
export { CONTROLLER_ERRORS, type ControllerErrorCode, type ErrorRow, errorRow, PortError } from './errors.ts';
export {
  CONTROLLER_VERSION,
  type ControllerPorts,
  type RunningController,
  runController,
  startController,
} from './main.ts';
