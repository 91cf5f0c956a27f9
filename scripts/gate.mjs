// The one gate, the same by hand and in CI: format, lint, types, house rules and docs, tests, end to end, clean tree.
// Goes through all stages whatever fails; its last line sums up the tests, and a stage that failed without one counts as one.

import { countReports, removeReports } from './gate/reports.mjs';
import { runStage } from './gate/run-stage.mjs';
import { STAGES } from './gate/stages.mjs';
import { describeChanges, treeState } from './gate/tree.mjs';

const before = treeState();
removeReports();

const results = [];
for (const stage of STAGES) results.push(await runStage(stage));
results.push(await runStage({ name: 'clean tree', check: () => describeChanges(before, treeState()) }));

console.log('');
for (const { name, ok, seconds } of results) console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(12)} ${seconds} s`);
const { passed, failed, skipped } = countReports(results);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
