// One executor for every kind of step: a kind that is added does not compile until it has one.

import type { Step, StepKind } from '@seatrial/capsule-plan';
import { armBootCounting } from './arm-boot-counting.ts';
import { armTrial } from './arm-trial.ts';
import { blessBoot } from './bless-boot.ts';
import { checkHealth } from './check-health.ts';
import { cleanUp } from './clean-up.ts';
import { commitFirmware } from './commit-firmware.ts';
import { deployCommit } from './deploy-commit.ts';
import type { Executor, StepContext, StepOutcome } from './executor.ts';
import { fetchCapsule } from './fetch-capsule.ts';
import { markBootBad } from './mark-boot-bad.ts';
import { placeCapsule } from './place-capsule.ts';
import { pullCommit } from './pull-commit.ts';
import { reboot } from './reboot.ts';
import { requestCapsule } from './request-capsule.ts';
import { requestFirmwareRollback } from './request-firmware-rollback.ts';
import { wait } from './wait.ts';

export const EXECUTORS = {
  wait,
  'fetch-capsule': fetchCapsule,
  'pull-commit': pullCommit,
  'place-capsule': placeCapsule,
  'arm-trial': armTrial,
  'request-capsule': requestCapsule,
  reboot,
  'deploy-commit': deployCommit,
  'arm-boot-counting': armBootCounting,
  'check-health': checkHealth,
  'bless-boot': blessBoot,
  'commit-firmware': commitFirmware,
  'mark-boot-bad': markBootBad,
  'request-firmware-rollback': requestFirmwareRollback,
  'clean-up': cleanUp,
} satisfies { readonly [K in StepKind]: Executor<K> };

/** A row is only ever given steps of its own kind; this is where TypeScript is told so. */
export const execute = (step: Step, context: StepContext): Promise<StepOutcome> =>
  (EXECUTORS[step.kind] as Executor<StepKind>)(step, context);
