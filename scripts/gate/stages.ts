// What the gate runs, in order: from what is quick to what is slow.

/** `reports` are vitest's JSON, relative to the root, and each must be there afterwards. */
export interface Stage {
  readonly name: string;
  /** Program and arguments; exit code 0 is success. */
  readonly command: readonly [string, ...string[]];
  readonly reports?: readonly string[];
}

/** oxlint colours its frames whatever it is told. */
const PLAIN_LINT = process.stdout.isTTY ? [] : ['--format=unix'];

const PACKAGES = ['spec', 'capsule-plan', 'controller', 'device-reconciler', 'virtual-board', 'simulator', 'cli'];

/** turbo restores the reports of packages whose tests it need not run again. */
export const STAGES: readonly Stage[] = [
  { name: 'format', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', ...PLAIN_LINT] },
  { name: 'types', command: ['tsc', '-b'] },
  {
    name: 'house',
    command: [
      ...(['vitest', 'run', '--project', 'house', '--reporter=default'] as const),
      ...['--reporter=json', '--outputFile.json=test/dist/house-report.json'],
    ],
    reports: ['test/dist/house-report.json'],
  },
  {
    name: 'tests',
    command: ['turbo', 'run', 'test', '--continue', '--concurrency=2', '--output-logs=new-only'],
    reports: [...PACKAGES.map(name => `packages/${name}`), 'bench'].map(folder => `${folder}/dist/test-report.json`),
  },
  {
    name: 'simulation',
    command: ['turbo', 'run', 'simulation', '--output-logs=new-only'],
    reports: ['test/dist/simulation-report.json'],
  },
  {
    name: 'github',
    command: ['turbo', 'run', 'github', '--output-logs=new-only'],
    reports: ['test/dist/github-report.json'],
  },
  {
    name: 'crash',
    command: ['turbo', 'run', 'crash', '--output-logs=new-only'],
    reports: ['test/dist/crash-report.json'],
  },
  {
    name: 'e2e',
    command: ['turbo', 'run', 'e2e', '--output-logs=new-only'],
    reports: ['test/dist/test-report.json'],
  },
];
