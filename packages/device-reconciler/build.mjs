// Makes dist/bundle/agent.js: the agent as one file for Node 20 and later, with nothing beside it. Another directory may be named.

import { mkdir, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const [OUT = new URL('dist/bundle/', import.meta.url).pathname] = process.argv
  .slice(2)
  .filter(word => !word.startsWith('--'));

const NOTHING = 'module.exports = {};';
/** What is never used on a board: timers of browsers, mqtt.js's transports beside our own, messages in other languages. */
const IN_PLACE_OF = [
  { filter: /node_modules\/worker-timers\//, contents: NOTHING },
  { filter: /node_modules\/mqtt\/build\/lib\/connect\/index\.js$/, contents: NOTHING },
  { filter: /node_modules\/zod\/v4\/locales\/index\.js$/, contents: "export { default as en } from './en.js';" },
];

const leaveOut = {
  name: 'leave-out',
  setup({ onLoad }) {
    for (const { filter, contents } of IN_PLACE_OF) onLoad({ filter }, () => ({ contents, loader: 'js' }));
  },
};

const { metafile } = await build({
  entryPoints: [new URL('src/agent-entry.ts', import.meta.url).pathname],
  outfile: `${OUT}agent.js`,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  legalComments: 'none',
  metafile: true,
  // mqtt.js brings a copy of what Node has.
  alias: { 'readable-stream': 'node:stream' },
  logLevel: 'warning',
  // Of a module that is read and then left out.
  logOverride: { 'empty-import-meta': 'silent' },
  plugins: [leaveOut],
});
await mkdir(OUT, { recursive: true });
// In this repository a .js file would otherwise be taken for an ES module.
await writeFile(`${OUT}package.json`, '{"type":"commonjs"}\n');
if (process.argv.includes('--weights')) {
  const [output] = Object.values(metafile.outputs);
  const weights = Object.entries(output.inputs).map(([path, { bytesInOutput }]) => [bytesInOutput, path]);
  for (const [bytes, path] of weights.sort(([a], [b]) => b - a).slice(0, 60)) console.log(bytes, path);
}
