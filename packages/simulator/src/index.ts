// The public face of the simulator: whole fleets in one process, with time, chance, network, disks and power in its hands.

export type { SimBoard } from './board.ts';
export { type Campaign, type CampaignResult, runCampaign } from './campaign.ts';
export { Chance } from './chance.ts';
export { Hardware, type Nature } from './hardware.ts';
export { instead } from './process.ts';
export type { Violation } from './promises.ts';
export { FAILURE_KINDS, FAILURES, type FailureKind, missingHalf } from './rehearsal/failures.ts';
export {
  DEAD_SUMMARY,
  FAULT_KINDS,
  FAULT_PRESETS,
  FAULTS,
  type FaultKind,
  type FaultPreset,
  type FaultRates,
  isOfBoards,
} from './rehearsal/faults.ts';
export { releaseBefore } from './rehearsal/makes.ts';
export type { FleetEnd, FleetRehearsal, LeftBehind, Rehearsal, StageRehearsal } from './rehearsal/outcome.ts';
export { rehearse } from './rehearsal/rehearse.ts';
export { type Network, type RehearsalWish, type SeenBoard, USUAL_RATE } from './rehearsal/wish.ts';
export { type Ran, run } from './run.ts';
export { type Happening, type Scenario, type ScenarioOptions, scenarioOf, type Timed } from './scenario.ts';
export { shrink, tell } from './shrink.ts';
export { Simulation, type Tampering } from './simulation.ts';
export { VirtualTime } from './virtual-time.ts';
export { wilder } from './wild.ts';
export { desiredOf, type FleetFile, RELEASES, type ReleaseName } from './world.ts';
