// Judging stored reports anew, for something else that git wants of their boards now.

import { decodeReport, type Report } from '@seatrial/capsule-plan';
import type { DeviceId } from '@seatrial/spec';
import { rowOf } from '../domain/boards.ts';
import { type Judgement, judge } from '../domain/take-report.ts';
import type { Desk } from './desk.ts';
import type { Draft } from './draft.ts';
import { lookQuietly } from './note-change.ts';

/** So many reports are held in memory, and judged without a pause, at a time. */
const AT_A_TIME = 500;

export async function rejudge(desk: Desk, devices: readonly DeviceId[]): Promise<void> {
  for (let at = 0; at < devices.length; at += AT_A_TIME) {
    const stored = await desk.store.reports(devices.slice(at, at + AT_A_TIME));
    await desk.decide(draft => {
      for (const { body } of stored) {
        const report = decodeReport(body);
        if (report.ok) rejudgeOne(desk, draft, report.value);
      }
    });
  }
}

function rejudgeOne(desk: Desk, draft: Draft, report: Report): void {
  const { device } = report;
  const row = rowOf(desk.ledger.boards, device);
  const judgement = judgeOrTell(desk, draft, row, report);
  if (judgement === undefined) return;
  draft.judgements.push({ device, judgement });
  lookQuietly(desk.ledger, draft, row);
}

/** One board that makes our rules fail must not keep its fleet from being looked after. */
function judgeOrTell(desk: Desk, draft: Draft, row: number, report: Report): Judgement | undefined {
  try {
    return judge(desk.ledger, row, report);
  } catch {
    const { device } = report;
    draft.tell({ kind: 'report-unjudgeable', message: `${device}: report-unjudgeable`, device });
    return undefined;
  }
}
