// Judging stored reports anew, for something else that git wants of their boards now.

import { decodeReport } from '@seatrial/capsule-plan';
import type { DeviceId } from '@seatrial/spec';
import { rowOf } from '../domain/boards.ts';
import { judge } from '../domain/take-report.ts';
import type { Desk } from './desk.ts';
import { lookQuietly } from './note-change.ts';

/** So many reports are held in memory, and judged without a pause, at a time. */
const AT_A_TIME = 500;

export async function rejudge(desk: Desk, devices: readonly DeviceId[]): Promise<void> {
  for (let at = 0; at < devices.length; at += AT_A_TIME) {
    const stored = await desk.store.reports(devices.slice(at, at + AT_A_TIME));
    await desk.decide(draft => {
      for (const { body } of stored) {
        const report = decodeReport(body);
        if (!report.ok) continue;
        const row = rowOf(desk.ledger.boards, report.value.device);
        const judgement = judge(desk.ledger, row, report.value);
        if (judgement === undefined) continue;
        draft.judgements.push({ device: report.value.device, judgement });
        lookQuietly(desk.ledger, draft, row);
      }
    });
  }
}
