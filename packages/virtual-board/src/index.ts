// The public face of boards that exist in a directory only, and of the small world around them.

export type { AgentExit } from './agent-process.ts';
export type { ArtifactFault, ArtifactFaultRule } from './artifact-server/artifact-fault.ts';
export { type ArtifactServer, type ServedRequest, startArtifactServer } from './artifact-server/artifact-server.ts';
export type {
  Board,
  BoardEvidence,
  DeploymentEvidence,
  EntryEvidence,
  RunningSystem,
  ShellAnswer,
} from './board.ts';
export {
  type BoardEvent,
  type BoardEventOf,
  type BoardListener,
  type ListenedBoard,
  type NextEventOptions,
  nextEvent,
} from './board-events.ts';
export { type BoardPaths, globalVariablePath, loaderVariablePath } from './board-paths.ts';
export { inLoaderOrder, type LoaderWishes, type Selection, selectEntry } from './boot-loader/select-entry.ts';
export {
  type CapsuleDescription,
  type CapsuleFactory,
  type CapsuleFlaw,
  createCapsuleFactory,
} from './capsule-factory.ts';
export { createVirtualBoard, type FactoryOptions, type FactorySystem } from './create-board.ts';
export { VIRTUAL_BOARD_ERRORS, VirtualBoardError, type VirtualBoardErrorCode } from './errors.ts';
export type { BoardFault, StoragePlace, SystemCallCut } from './faults/board-fault.ts';
export { cutPowerAt, type DiskTrace, type PowerCutMoment, type PowerCutOptions } from './faults/power-cut.ts';
export type { StorageFault } from './faults/storage-fault.ts';
export {
  ATTEMPT_STATUS,
  type CapsuleFile,
  type CapsuleImage,
  type CapsuleVerdict,
  type CapsuleVerifier,
  trustingVerifier,
} from './firmware/capsule-verifier.ts';
export { capsuleDelivery, type Delivery } from './firmware/deliver-capsules.ts';
export { type FirmwareEvent, tellFirmwareEvent } from './firmware/events.ts';
export { esrtEntry } from './firmware/flash.ts';
export { type FirmwarePass, firmwarePass, type PowerOnOutcome, powerOn } from './firmware/power-on.ts';
export {
  type FactoryFirmware,
  type FirmwareFault,
  type FirmwareFaultKind,
  type FirmwareState,
  type FirmwareVariant,
  factoryFirmware,
  type Rpmb,
  type SharedVariables,
} from './firmware/state.ts';
export { type AgentSetup, type BoardTiming, BUNDLED_AGENT } from './machine.ts';
export { commitSystem, createOstreeRepository, HEALTH_SCRIPT, type SystemDescription } from './ostree-factory.ts';
export {
  BEHAVIOUR_FILE,
  type Behaviour,
  type BootBehaviour,
  type HealthBehaviour,
  type LastMoment,
} from './system/behaviour.ts';
export { openVirtualBoard, VirtualBoard, type VirtualBoardOptions } from './virtual-board.ts';
