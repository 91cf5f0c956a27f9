// Which HTTP status an error code answers with.

import type { ControllerErrorCode } from '../../errors.ts';

const STATUS: Readonly<Partial<Record<ControllerErrorCode, number>>> = {
  'request-malformed': 400,
  'request-unauthorized': 401,
  'orders-disabled': 403,
  'fleet-unknown': 404,
  'device-unknown': 404,
  'rollout-unknown': 404,
  'rollout-done': 409,
  'rollout-paused': 409,
  'rollout-not-paused': 409,
  'rollout-not-begun': 409,
  'webhook-unsigned': 401,
  'webhook-replayed': 409,
  'webhook-oversized': 413,
};

/** Whatever is not the caller's doing is a 503: the controller can not answer now. */
export const statusOf = (code: ControllerErrorCode): number => STATUS[code] ?? 503;
