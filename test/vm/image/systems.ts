// The OSTree repository that boards pull from: one commit per variant of the operating system.

import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type OstreeCommit, parseOstreeCommit } from '@seatrial/spec';
import { run } from '../run-program.ts';
import { packInitramfs } from './initramfs.ts';
import { type Built, builtStage } from './stage.ts';
import { earlyOf, filesOf, VARIANTS, type Variant, versionOf } from './system-variants.ts';
import { writeFiles } from './tree.ts';

export const refOf = (variant: Variant): string => `board/x86_64/${variant}`;

export interface Systems {
  readonly repository: string;
  readonly commits: Readonly<Record<Variant, OstreeCommit>>;
}

/** `repo/` in its directory. */
export const systemsStage = (tree: Built, tell: (what: string) => void): Promise<Built> =>
  builtStage(
    {
      name: 'systems',
      inputs: [
        tree.key,
        ...['systems.ts', 'system-variants.ts'].map(name => readFileSync(join(import.meta.dirname, name), 'utf8')),
      ],
      build: async directory => {
        const repository = join(directory, 'repo');
        await run('ostree', [`--repo=${repository}`, 'init', '--mode=archive']);
        // A repository that a power cut spoils is made anew.
        await run('ostree', [`--repo=${repository}`, 'config', 'set', 'core.fsync', 'false']);
        // The quickest packing: what is saved later on the wire costs more here.
        await run('ostree', [`--repo=${repository}`, 'config', 'set', 'archive.zlib-level', '1']);
        const base = [`--tree=dir=${join(tree.directory, 'root')}`];
        // Only here: with a modifier, ostree would write every file of the base again for each variant.
        await commit(repository, ['--branch=base', '--no-xattrs', ...base]);
        const commits: Partial<Record<Variant, OstreeCommit>> = {};
        for (const variant of VARIANTS)
          commits[variant] = await commitVariant({ directory, repository, tree, variant });
        writeFileSync(join(directory, 'commits.json'), JSON.stringify(commits));
        await run('ostree', [`--repo=${repository}`, 'summary', '--update']);
      },
    },
    tell,
  );

/** What the stage has left behind. */
export const readSystems = ({ directory }: Built): Systems => ({
  repository: join(directory, 'repo'),
  // written by the stage itself, one for each variant
  commits: JSON.parse(readFileSync(join(directory, 'commits.json'), 'utf8')) as Systems['commits'],
});

async function commitVariant(options: {
  readonly directory: string;
  readonly repository: string;
  readonly tree: Built;
  readonly variant: Variant;
}): Promise<OstreeCommit> {
  const { directory, repository, tree, variant } = options;
  const overlay = join(directory, 'overlay', variant);
  writeFiles(overlay, filesOf(variant));
  const early = earlyOf(variant);
  if (early !== undefined)
    await otherInitramfs({ tree, overlay, early, scratch: join(directory, `initramfs-${variant}`) });
  return commit(repository, [
    ...[`--branch=${refOf(variant)}`, `--add-metadata-string=version=${versionOf(variant)}`],
    ...['--tree=ref=base', `--tree=dir=${overlay}`],
  ]);
}

async function commit(repository: string, words: readonly string[]): Promise<OstreeCommit> {
  const answer = await run('ostree', [`--repo=${repository}`, 'commit', '--subject=Test Board Linux', ...words]);
  const checksum = parseOstreeCommit(answer.trim());
  if (checksum === undefined) throw new Error(`ostree commit answered ${answer}`);
  return checksum;
}

async function otherInitramfs(options: {
  readonly tree: Built;
  readonly overlay: string;
  readonly early: string;
  readonly scratch: string;
}): Promise<void> {
  const { tree, overlay, early, scratch } = options;
  const [image] = globSync('usr/lib/modules/*/initramfs.img', { cwd: join(tree.directory, 'root') });
  if (image === undefined) throw new Error('the tree has no initramfs');
  if (!existsSync(scratch)) await run('cp', ['-a', join(tree.directory, 'initramfs'), scratch]);
  mkdirSync(dirname(join(overlay, image)), { recursive: true });
  await packInitramfs({ directory: scratch, file: join(overlay, image), early });
}
