// How the API says no.

import type { FastifyReply } from 'fastify';
import { type ControllerErrorCode, errorRow } from '../../errors.ts';
import { statusOf } from './status-codes.ts';

export const refuse = (reply: FastifyReply, code: ControllerErrorCode, detail?: string) =>
  reply.status(statusOf(code)).send(bodyOf(code, detail));

export const bodyOf = (code: ControllerErrorCode, detail?: string) => {
  const { cause, remedy } = errorRow(code);
  return { error: { code, message: detail === undefined ? cause : `${cause} ${detail}`, remedy } };
};

export const DEFECT = {
  error: { code: 'defect', message: 'The controller broke one of its own promises.', remedy: 'Report this.' },
};
