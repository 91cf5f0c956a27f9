// An esbuild plugin: leads each import from a package's entry to the file behind it that declares the name.
//
// Tree shaking goes by name, but splitting into chunks goes by file: whoever imports one small function from an entry that
// another command uses as a whole would load all of it, the whole language to verify a capsule, say.

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

const FROM_FILE = /\bfrom '(\.[^']+\.ts)'/g;
const NAMED_IMPORT = /^import \{([^}]*)\} from '([^']+)';/gm;

/** `entries`: the text of an import, and the file that it stands for. They must do nothing but export. */
export const directImports = (entries: Readonly<Record<string, string>>): Plugin => ({
  name: 'direct-imports',
  async setup(plugins) {
    const behind = new Map<string, Files>();
    for (const [specifier, entry] of Object.entries(entries)) behind.set(specifier, await filesByName(entry));
    plugins.onLoad({ filter: /packages\/[^/]+\/src\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      return {
        contents: source.replace(NAMED_IMPORT, (text, names, from) =>
          direct({ text, names, from, files: behind.get(from) }),
        ),
        loader: 'ts',
      };
    });
  },
});

/** A name, and the file that declares it. */
type Files = ReadonlyMap<string, string>;

/** Every value that an entry exports, with the file that it comes from. */
async function filesByName(entry: string): Promise<Files> {
  const files = [...(await readFile(entry, 'utf8')).matchAll(FROM_FILE)].map(([, file = '']) =>
    join(dirname(entry), file),
  );
  const { metafile } = await build({
    entryPoints: files,
    absWorkingDir: dirname(entry),
    outdir: '.',
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'error',
  });
  return new Map(
    Object.values(metafile.outputs).flatMap(({ entryPoint, exports }) =>
      exports.map(name => [name, join(dirname(entry), entryPoint ?? '')]),
    ),
  );
}

interface NamedImport {
  readonly text: string;
  readonly names: string;
  readonly from: string;
  readonly files: Files | undefined;
}

/** The same import, name by name; as many lines as before, so that positions stay. */
function direct({ text, names, from, files }: NamedImport): string {
  if (files === undefined) return text;
  const wanted = names
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '' && !name.startsWith('type '));
  const lines = wanted.map(name => `import { ${name} } from '${files.get(name.replace(/ as .*/, '')) ?? from}';`);
  return lines.join(' ') + '\n'.repeat(text.split('\n').length - 1);
}
