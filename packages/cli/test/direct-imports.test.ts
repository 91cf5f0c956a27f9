import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { directImports } from '../direct-imports.ts';
import { emptyDirectory } from './support/workspace.ts';

const FILES = {
  'packages/language/package.json': '{"name":"language","type":"module","sideEffects":false}',
  'packages/language/src/index.ts':
    "export * from './small.ts';\nexport { type Size, whole as large } from './large.ts';\n",
  'packages/language/src/small.ts': "export const small = 'the small part';\n",
  'packages/language/src/large.ts':
    "export type Size = number;\nexport const whole: Record<string, string> = { text: 'the large part' };\nwhole['more'] = 'x';\n",
  'packages/app/src/main.ts': "void import('./one.ts');\nvoid import('./all.ts');\n",
  'packages/app/src/one.ts':
    "import { type Size, small as renamed } from 'language';\nconsole.log(renamed satisfies unknown as Size);\n",
  'packages/app/src/all.ts': "import {\n  large,\n  small,\n} from 'language';\nconsole.log(large, small);\n",
};

test('when a command needs one name of an entry, then its chunks bring only the file behind that name', async () => {
  const root = emptyDirectory();
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const entry = join(root, 'packages/language/src/index.ts');
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['packages/app/src/main.ts'],
    outdir: 'out',
    bundle: true,
    splitting: true,
    format: 'esm',
    metafile: true,
    write: false,
    alias: { language: entry },
    plugins: [directImports({ language: entry })],
  });
  const told = (name: string): string => {
    const [path, output] =
      Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(name)) ?? [];
    const paths = [path, ...(output?.imports ?? []).map(chunk => chunk.path)];
    return outputFiles
      .filter(file => paths.some(wanted => wanted && file.path.endsWith(wanted)))
      .map(file => file.text)
      .join();
  };
  expect([told('one.ts').includes('the small part'), told('one.ts').includes('the large part')]).toEqual([true, false]);
  expect([told('all.ts').includes('the small part'), told('all.ts').includes('the large part')]).toEqual([true, true]);
});
