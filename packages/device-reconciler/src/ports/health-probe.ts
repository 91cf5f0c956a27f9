// The port to one health check.

import type { HealthResult } from '@seatrial/capsule-plan';
import type { HealthCheck } from '@seatrial/spec';

export interface HealthProbe {
  /** Never fails: what can not be asked is not healthy. Ends within the check's own timeout. */
  run(check: HealthCheck, signal: AbortSignal): Promise<HealthResult>;
}
