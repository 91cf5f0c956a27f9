// One vitest project per package, so that a package's tests run alone by its name and all run together by default.

import { join, relative } from 'node:path';
import { defineConfig } from 'vitest/config';

const packages = ['spec', 'capsule-plan', 'controller', 'device-reconciler', 'virtual-board', 'simulator', 'cli'];

/** A run that is started inside a package leaves its results there: turbo keeps them, and the gate counts them. */
const startedInPackage = /^(?:packages\/[^/]+|test|bench)$/.test(relative(import.meta.dirname, process.cwd()));

/** Boards in virtual machines take minutes each: only who asks for them gets them. */
const realBoard = process.argv.includes('vm')
  ? [
      {
        test: {
          name: 'vm',
          root: './test',
          include: ['vm/**/*.test.ts'],
          testTimeout: 3_600_000,
          hookTimeout: 3_600_000,
        },
      },
    ]
  : [];

/** Several shares of the gate start in `test`: each keeps its own results. */
const report = `${['simulation', 'crash', 'github'].find(share => process.argv.includes(share)) ?? 'test'}-report.json`;

export default defineConfig({
  test: {
    reporters: startedInPackage
      ? ['default', ['json', { outputFile: join(process.cwd(), 'dist', report) }]]
      : ['default'],
    projects: [
      ...packages.map(name => ({
        test: { name, root: `./packages/${name}`, include: ['test/**/*.test.ts'], testTimeout: 30_000 },
      })),
      {
        test: {
          name: 'house',
          include: ['test/architecture/**/*.test.ts', 'test/docs/**/*.test.ts', 'scripts/test/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      { test: { name: 'bench', root: './bench', include: ['test/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'crash', root: './test', include: ['crash/**/*.test.ts'], testTimeout: 600_000 } },
      { test: { name: 'simulation', root: './test', include: ['simulation/**/*.test.ts'], testTimeout: 600_000 } },
      { test: { name: 'github', root: './test', include: ['github/**/*.test.ts'], testTimeout: 60_000 } },
      ...realBoard,
      { test: { name: 'e2e', root: './test', include: ['e2e/**/*.test.ts'], testTimeout: 300_000 } },
    ],
  },
});
