import { generateKeyPairSync } from 'node:crypto';
import {
  millis,
  parseDeviceId,
  parseGeneration,
  parseGitCommit,
  parseKeyId,
  parseName,
  publicKeyOf,
  type Signer,
  type SigningRole,
} from '@seatrial/spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePlan, MAX_PLAN_BYTES, openPlan, type Plan, parseTopic, topic } from '../../src/index.ts';
import { NOON, need, target } from '../support/builders.ts';

const newSigner = (id: string): Signer => ({
  keyId: need(parseKeyId(id)),
  privateKey: generateKeyPairSync('ed25519').privateKey,
});
const roleOf = ({ keyId, privateKey }: Signer): SigningRole => ({
  role: 'controller',
  threshold: 1,
  keys: new Map([[keyId, need(publicKeyOf(privateKey))]]),
});

const controllerKey = newSigner('k-controller-1');
const device = need(parseDeviceId('hub-000001'));
const reader = { device, controller: roleOf(controllerKey), nowMs: NOON };

const plan = (changes: Partial<Plan> = {}): Plan => ({
  ...target(),
  schema: 1,
  device,
  generation: need(parseGeneration(7)),
  gitCommit: need(parseGitCommit('0'.repeat(40))),
  fleet: need(parseName('iq9075-lab')),
  release: need(parseName('iq9075-2026.11.0')),
  issuedAtMs: NOON,
  expiresAtMs: millis(NOON + 86_400_000),
  ...changes,
});

describe('a plan on the wire', () => {
  it('when it is signed, then the board reads back what was meant, and it is small', () => {
    const message = encodePlan(plan(), [controllerKey]);
    expect(message.byteLength).toBeLessThanOrEqual(MAX_PLAN_BYTES);
    expect(openPlan(message, reader)).toEqual({ ok: true, value: plan() });
  });

  it.each([
    ['unsigned', encodePlan(plan(), [newSigner('k-controller-1')]), {}],
    ['unsigned', encodePlan(plan(), [newSigner('k-stranger')]), {}],
    ['unsigned', encodePlan(plan(), []), {}],
    ['old-generation', encodePlan(plan(), [controllerKey]), { seenGeneration: parseGeneration(8) }],
    ['other-board', encodePlan(plan({ device: need(parseDeviceId('hub-000002')) }), [controllerKey]), {}],
    ['expired', encodePlan(plan({ expiresAtMs: NOON }), [controllerKey]), {}],
    ['oversized', new Uint8Array(MAX_PLAN_BYTES + 1), {}],
    ['malformed', new TextEncoder().encode('{"payload":'), {}],
    ['malformed', encodePlan({ ...plan(), schema: 2 } as unknown as Plan, [controllerKey]), {}],
    ['malformed', new Uint8Array(), {}],
  ] as const)('when it is %s, then the board refuses it by that name', (refusal, message, changes) => {
    expect(openPlan(message, { ...reader, ...changes } as typeof reader)).toEqual({ ok: false, error: refusal });
  });

  it('when the clock was never set, then a plan is not refused as expired', () => {
    const message = encodePlan(plan(), [controllerKey]);
    expect(openPlan(message, { ...reader, nowMs: millis(0) }).ok).toBe(true);
  });

  it('when any byte is changed or missing, then it is refused, and nothing throws', () => {
    const message = encodePlan(plan(), [controllerKey]);
    fc.assert(
      fc.property(fc.nat(message.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, cut) => {
        const broken = cut ? message.slice(0, at) : message.map((byte, index) => (index === at ? byte ^ flip : byte));
        const opened = openPlan(broken, reader);
        // A change that a reader does not see, such as base64 padding in an ignored place, must not change the plan.
        expect(opened.ok ? opened.value : plan()).toEqual(plan());
      }),
      { numRuns: 2000 },
    );
  });

  it('when bytes are random, then nothing throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => !openPlan(bytes, reader).ok));
    expect(openPlan(new Uint8Array(), reader).ok).toBe(false);
  });
});

describe('topics', () => {
  it('when a topic is built, then it parses back, and a foreign one does not', () => {
    expect(parseTopic(topic(device, 'plan'))).toEqual({ device, channel: 'plan' });
    for (const text of [
      '',
      'seatrial/v1/hub',
      'seatrial/v2/hub/plan',
      'seatrial/v1/hub/plan/x',
      'seatrial/v1/+/plan',
      'seatrial/v1/hub/secret',
    ]) {
      expect(parseTopic(text)).toBeUndefined();
    }
  });
});
