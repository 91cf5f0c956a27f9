// What the gate runs, in order: from what is quick to what is slow.

/**
 * A stage is a command line, and the reports (vitest's JSON, relative to the root) that it must leave.
 * turbo restores the report of a package whose tests it does not need to run again.
 */
export const STAGES = [
  { name: 'format', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '-b'] },
  {
    name: 'house',
    command: [
      ...['vitest', 'run', '--project', 'house', '--reporter=default'],
      ...['--reporter=json', '--outputFile.json=test/dist/house-report.json'],
    ],
    reports: ['test/dist/house-report.json'],
  },
  {
    name: 'tests',
    command: ['turbo', 'run', 'test', '--continue', '--concurrency=2', '--output-logs=new-only'],
    reports: ['spec', 'capsule-plan', 'controller', 'device-reconciler', 'virtual-board', 'cli'].map(
      name => `packages/${name}/dist/test-report.json`,
    ),
  },
  {
    name: 'e2e',
    command: ['turbo', 'run', 'e2e', '--output-logs=new-only'],
    reports: ['test/dist/test-report.json'],
  },
];
