import { generateKeyPairSync } from 'node:crypto';
import {
  millis,
  PLAN_BODY_BYTES,
  parseDeviceId,
  parseGeneration,
  parseGitCommit,
  parseKeyId,
  parseName,
} from '@seatrial/spec';
import { describe, expect, it } from 'vitest';
import { encodePlan, MAX_PLAN_BYTES, type Plan } from '../../src/index.ts';
import { board, NOON, need, target } from '../support/builders.ts';

const LONG_NAME = need(parseName('n'.repeat(63)));

/** Every id as long as it may be. */
const plan = (notes: string): Plan => ({
  ...target({ board: { ...board(), name: LONG_NAME, limits: { nvramBytes: board().esp.sizeBytes } } }),
  schema: 1,
  device: need(parseDeviceId('d'.repeat(64))),
  generation: need(parseGeneration(Number.MAX_SAFE_INTEGER)),
  attempt: 99_999,
  gitCommit: need(parseGitCommit('0'.repeat(64))),
  fleet: LONG_NAME,
  release: LONG_NAME,
  issuedAtMs: NOON,
  expiresAtMs: millis(NOON + 86_400_000),
  downloadNotBeforeMs: millis(NOON + 86_400_000),
  payload: { ...target().payload, os: { remote: 'r', ref: notes, commit: need(target().payload.os).commit } },
});

describe('the size of a plan', () => {
  it('when payload and policy are as long as validation allows, then the signed plan still fits', () => {
    const bodyBytes = (candidate: Plan): number => JSON.stringify([candidate.payload, candidate.policy]).length;
    const full = plan('x'.repeat(PLAN_BODY_BYTES - bodyBytes(plan(''))));
    expect(bodyBytes(full)).toBe(PLAN_BODY_BYTES);
    const signer = { keyId: need(parseKeyId('k'.repeat(64))), privateKey: generateKeyPairSync('ed25519').privateKey };
    expect(encodePlan(full, [signer]).byteLength).toBeLessThanOrEqual(MAX_PLAN_BYTES);
  });
});
