// What git remembers, for readers that need no controller: `seatrial log` and `seatrial blame`.

export {
  type AuditTrail,
  type AuditTrailOptions,
  type FleetAtCommit,
  type Origin,
  openAuditTrail,
} from './adapters/audit-trail.ts';
export { type Blame, blame, type Turn } from './domain/blame.ts';
export {
  type Decision,
  type DecisionKind,
  detailOf,
  deviceOf,
  fleetOf,
  headline,
  orderedBy,
  type RecordedDecision,
} from './domain/decision.ts';
export { errorRow, PortError } from './errors.ts';
export type { AuditHistory } from './ports/audit-log.ts';
