// The agent in pieces, for whoever brings its own ports: a simulator, say.

export { type DaemonOptions, runDaemon } from './app/daemon.ts';
export { readJournal } from './app/journal-record.ts';
export { observe, scopeOfTarget } from './app/observe.ts';
export { type PlanIntake, type PlanIntakeOptions, type PlanOffer, planIntake } from './app/plan-intake.ts';
export { type Look, reconcileOnce } from './app/reconcile-once.ts';
export { type ConnectionEnd, FIRST_ATTEMPT, nextAttempt } from './domain/connection.ts';
export { heldEntryId, LOADER_HOLD } from './domain/loader-hold.ts';
export type { PassResult } from './domain/pass-result.ts';
export type { BootAssessment } from './ports/boot-assessment.ts';
export type { ControllerLink, LinkHandlers } from './ports/controller-link.ts';
export type { HealthProbe } from './ports/health-probe.ts';
export type { Ports } from './ports/ports.ts';
export type { RecordName } from './ports/record-store.ts';
export type { Timer } from './ports/timer.ts';
export type { TrustSource } from './ports/trust-source.ts';
export { OS_INDICATIONS, OS_INDICATIONS_SUPPORTED } from './steps/variables.ts';
