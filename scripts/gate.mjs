// The one gate, the same by hand and in CI: format, lint, types, house rules and docs, tests, end to end, clean tree.
// Goes through all stages whatever fails; its last line sums up the tests, and a stage that failed without one counts as one.

import { countResults, removeReports, summaryLine } from './gate/reports.ts';
import { runCheck, runStage } from './gate/run-stage.ts';
import { STAGES } from './gate/stages.ts';
import { describeChanges, treeState } from './gate/tree.ts';
import { HOME } from './setup/run.mjs';

const before = treeState(HOME);
removeReports(
  HOME,
  STAGES.flatMap(({ reports = [] }) => reports),
);

const results = [];
for (const stage of STAGES) results.push(await runStage(stage));
const strict = Boolean(process.env['CI']);
results.push(await runCheck('clean tree', () => describeChanges({ before, after: treeState(HOME) }, { strict })));

console.log('');
for (const { name, ok, seconds } of results) console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(12)} ${seconds} s`);
const counts = countResults(HOME, results);
console.log(summaryLine(counts));
process.exitCode = counts.failed > 0 ? 1 : 0;
