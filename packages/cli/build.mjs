// Bundles the command into dist/bundle: one small entry, and a chunk for each command that is loaded when it is called.

import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { directImports } from './direct-imports.ts';

const home = dirname(fileURLToPath(import.meta.url));
const outdir = join(home, 'dist/bundle');

rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: home,
  entryPoints: { seatrial: 'src/main.ts' },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  sourcemap: true,
  sourcesContent: false,
  minifySyntax: true,
  minifyWhitespace: true,
  metafile: true,
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [
    directImports({
      '@seatrial/spec': join(home, '../spec/src/index.ts'),
      '@seatrial/capsule-plan': join(home, '../capsule-plan/src/index.ts'),
      '@seatrial/capsule-plan/capsule': join(home, '../capsule-plan/src/capsule.ts'),
    }),
  ],
  // A native module finds its binary beside itself.
  external: ['better-sqlite3'],
  // CommonJS dependencies ask for Node's own modules through require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});

// bin/seatrial.js compares these with the bundle; dependencies only change with a new build after an install.
const inputs = Object.keys(metafile.inputs).filter(input => !input.includes('node_modules/'));
writeFileSync(join(outdir, 'inputs.txt'), inputs.join('\n'));
const now = new Date();
utimesSync(join(outdir, 'seatrial.js'), now, now);
