// One kind of work on the reports of many boards, in a process of its own: `decide.ts WORK STATE COUNT`. Prints as JSON what a
// board cost, after a tenth of the boards have warmed the compiler up.

import { decodeReport, EMPTY_JOURNAL, judgeReport, preview, type Report } from '@seatrial/capsule-plan';
import { InvariantError } from '@seatrial/spec';
import { type BoardState, type ReportedBoard, reportedBoards } from '../fleet/board-reports.ts';

interface Decoded extends ReportedBoard {
  readonly text: string;
  readonly report: Report;
}

/** Each returns something that depends on all of its work, so that none of it can be left out. */
const WORKS: Readonly<Record<string, (board: Decoded) => number>> = {
  parse: ({ text }) => Object.keys(JSON.parse(text)).length,
  decode: ({ message }) => Number(decodeReport(message).ok),
  judge: ({ report, target }) => judgeReport(report, target).kind.length,
  preview: ({ report, target }) => preview(report.observed, target, EMPTY_JOURNAL).steps.length,
};

const [name = '', state = '', countText = ''] = process.argv.slice(2);
const work = WORKS[name];
if (work === undefined || (state !== 'converged' && state !== 'update to do')) throw new InvariantError(`no ${name}`);
const boards = prepare(state, Number(countText));

/** The sum of what the work returned: of a preview, how many steps it found. */
const runAll = (some: readonly Decoded[]): number => some.reduce((sum, board) => sum + work(board), 0);

runAll(boards.slice(0, Math.ceil(boards.length / 10)));
const started = performance.now();
const before = process.cpuUsage();
const sum = runAll(boards);
const { user, system } = process.cpuUsage(before);
const seconds = (performance.now() - started) / 1_000;
console.log(
  JSON.stringify({
    cpuMicros: (user + system) / boards.length,
    perSecond: boards.length / seconds,
    yieldPerBoard: sum / boards.length,
    messageBytes: boards[0]?.message.length ?? 0,
  }),
);

function prepare(state: BoardState, count: number): readonly Decoded[] {
  return reportedBoards(state, count).map(board => {
    const report = decodeReport(board.message);
    if (!report.ok) throw new InvariantError(`a report is ${report.error}`);
    return { ...board, report: report.value, text: new TextDecoder().decode(board.message) };
  });
}
