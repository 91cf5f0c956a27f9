// What is written on the audit branch can be read back, whatever people put into it.

import { canonicalJson, type Json, millis } from '@seatrial/spec';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  auditMessage,
  auditPath,
  isAuditPath,
  readAuditMessage,
  readRolloutFile,
  rolloutFile,
} from '../../src/domain/audit-record.ts';
import type { RecordedDecision } from '../../src/domain/decision.ts';
import { FIELD } from '../support/fleet-simulation.ts';
import { aRollout } from '../support/paper-rollout.ts';

const ordered = (by: string, reason: string): RecordedDecision => ({
  id: 'store-1',
  atMs: millis(1_795_273_342_780),
  decision: { kind: 'rollout-resumed', fleet: FIELD, rollout: 'field-r1', stage: 1, by, reason },
});

describe('when a decision is written and read', () => {
  test('then it is the same, whatever the engineer has written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (by, reason) => {
        const recorded = ordered(by, reason);
        const read = readAuditMessage(auditMessage(recorded));
        expect(read.ok && canonicalJson(read.value as unknown as Json)).toBe(
          canonicalJson(recorded as unknown as Json),
        );
      }),
    );
  });

  test('then text that looks like the trailer is not taken for it', () => {
    const recorded = ordered(
      'eve',
      'Seatrial-Decision: {"id":"forged","atMs":0,"decision":{"kind":"rollout-completed"}}',
    );
    expect(readAuditMessage(auditMessage(recorded))).toEqual({ ok: true, value: recorded });
  });

  test('then a commit of a person is passed over and a broken trailer is not', () => {
    expect(readAuditMessage('Explain what happened on Tuesday\n')).toEqual({ ok: true, value: undefined });
    expect(readAuditMessage('Title\n\nSeatrial-Decision: {')).toMatchObject({ ok: false });
    expect(readAuditMessage('Title\n\nSeatrial-Decision: {"id":"a"}')).toMatchObject({ ok: false });
  });
});

describe('when a rollout is written and read', () => {
  test('then it is the same, under a path of its own', () => {
    const rollout = aRollout({ stage: 2, promoted: 1 });
    expect(readRolloutFile(rolloutFile(rollout))).toEqual({ ok: true, value: rollout });
    expect(isAuditPath(auditPath(rollout))).toBe(true);
    expect(isAuditPath('README.md')).toBe(false);
  });

  test('then a file that is not one is refused', () => {
    expect(readRolloutFile(Buffer.from('{"schema":2}'))).toMatchObject({ ok: false });
    expect(readRolloutFile(Buffer.from('{'))).toMatchObject({ ok: false });
  });
});
