// One vitest project per package, so that a package's tests run alone by its name and all run together by default.
import { defineConfig } from 'vitest/config';

const packages = ['spec', 'capsule-plan', 'controller', 'device-reconciler', 'virtual-board', 'cli'];

export default defineConfig({
  test: {
    projects: [
      ...packages.map(name => ({
        test: { name, root: `./packages/${name}`, include: ['test/**/*.test.ts'], testTimeout: 30_000 },
      })),
      {
        test: {
          name: 'house',
          root: './test',
          include: ['architecture/**/*.test.ts', 'docs/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      { test: { name: 'e2e', root: './test', include: ['e2e/**/*.test.ts'], testTimeout: 300_000 } },
    ],
  },
});
