// Everything outside that the agent touches, in one bag that main.ts fills.

import type { ArtifactStore } from './artifact-store.ts';
import type { BoardFacts } from './board-facts.ts';
import type { BootAssessment } from './boot-assessment.ts';
import type { CapsuleDirectory } from './capsule-directory.ts';
import type { EfiVariables } from './efi-variables.ts';
import type { FirmwareTable } from './firmware-table.ts';
import type { HealthProbe } from './health-probe.ts';
import type { LoaderEntries } from './loader-entries.ts';
import type { Log } from './log.ts';
import type { Ostree } from './ostree.ts';
import type { RecordStore } from './record-store.ts';
import type { ServiceManager } from './service-manager.ts';
import type { Timer } from './timer.ts';

export interface Ports {
  readonly efiVariables: EfiVariables;
  readonly firmwareTable: FirmwareTable;
  readonly artifacts: ArtifactStore;
  readonly ostree: Ostree;
  readonly loaderEntries: LoaderEntries;
  readonly bootAssessment: BootAssessment;
  readonly facts: BoardFacts;
  readonly services: ServiceManager;
  readonly health: HealthProbe;
  readonly records: RecordStore;
  readonly timer: Timer;
  readonly log: Log;
  /** The ESP is mounted where the board's type says. */
  readonly espAt: (mountPoint: string) => CapsuleDirectory;
}
