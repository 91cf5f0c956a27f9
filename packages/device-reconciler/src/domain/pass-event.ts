// The end of a pass as an event of the lifecycle machine, which alone knows what it means for the next one.

import { assertNever } from '@seatrial/spec';
import { errorRow } from '../errors.ts';
import type { LifecycleEvent } from './lifecycle.ts';
import type { PassResult } from './pass-result.ts';

export function passEvent(result: PassResult, nowMs: number, roll: number): LifecycleEvent {
  switch (result.kind) {
    case 'done':
      return { type: 'pass.done', nowMs };
    case 'requeueAfter':
      return { type: 'pass.requeue', nowMs, afterMs: result.afterMs };
    case 'rebooting':
      return { type: 'pass.rebooting', nowMs };
    case 'retry':
      return { type: 'pass.retry', nowMs, roll, patient: errorRow(result.error.code).class === 'waiting' };
    case 'terminal':
      return { type: 'pass.terminal', nowMs };
    default:
      return assertNever(result, 'end of a pass');
  }
}
