// The controller in pieces, for whoever brings its own ports: a simulator, say.

export { mqttBroker } from './adapters/mqtt-broker.ts';
export { openSqliteStore } from './adapters/sqlite-store.ts';
export { type ControllerOptions, startLoops } from './app/controller.ts';
export { Desk } from './app/desk.ts';
export { Publisher } from './app/publish-loop.ts';
export { sendWindowed } from './app/windowed.ts';
export * from './domain/boards.ts';
export { failuresAllowed } from './domain/cohort.ts';
export type { Decision, RecordedDecision } from './domain/decision.ts';
export * from './domain/diff.ts';
export { emptyLedger } from './domain/ledger.ts';
export type { PlanContent, PlanRecord } from './domain/plan-record.ts';
export { planContent } from './domain/plan-record.ts';
export type { Rollout } from './domain/rollout.ts';
export * from './domain/standing.ts';
export * from './domain/tallies.ts';
export { PortError } from './errors.ts';
export type { AuditHistory, AuditLog, AuditRecord } from './ports/audit-log.ts';
export type { Broker, BrokerHandlers, BrokerMessage } from './ports/broker.ts';
export type { CommitInfo, FleetRepository } from './ports/fleet-repository.ts';
export type { Metrics } from './ports/metrics.ts';
export type { Office } from './ports/office.ts';
export type { Changes, Store, StoredBoard, StoreMeta } from './ports/store.ts';
export type { Validated, Validator } from './ports/validator.ts';
