// Where decisions are made there is no outside: no files, no network, no clock, no chance, no waiting.

import { codeOf, importsOf, type SourceFile } from './source-file.ts';

const PURE = [/^packages\/spec\/src\//, /^packages\/capsule-plan\/src\//, /^packages\/[^/]+\/src\/(?:domain|review)\//];

/** The files in pure folders that are adapters, and say so in their first comment. */
const ADAPTERS: ReadonlySet<string> = new Set([
  'packages/spec/src/clock.ts',
  'packages/spec/src/disk-cache.ts',
  'packages/spec/src/read-directory.ts',
  'packages/spec/src/validate-directory.ts',
  'packages/capsule-plan/src/bytes/reading.ts',
]);

const IMPURE_MODULES =
  /^(?:node:)?(?:fs|fs\/promises|net|tls|dgram|dns|http|https|http2|child_process|worker_threads|cluster|timers|timers\/promises|os)$/;

const IMPURE_CODE: Readonly<Record<string, RegExp>> = {
  await: /\bawait\b/,
  'the clock': /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/,
  chance: /\bMath\.random\b|\brandomUUID\b|\brandomBytes\b|\brandomInt\b|\bgetRandomValues\b/,
  'a timer': /\bset(?:Timeout|Interval|Immediate)\b/,
  'the process': /\bprocess\.(?!versions)/,
};

/** One line per thing that a deciding file may not touch. */
export function purityViolations(file: SourceFile): readonly string[] {
  if (!PURE.some(folder => folder.test(file.path)) || ADAPTERS.has(file.path)) return [];
  const code = codeOf(file.text);
  return [
    ...importsOf(file)
      .filter(specifier => IMPURE_MODULES.test(specifier))
      .map(specifier => `${file.path} imports ${specifier}`),
    ...Object.entries(IMPURE_CODE)
      .filter(([, pattern]) => pattern.test(code))
      .map(([what]) => `${file.path} uses ${what}`),
  ];
}

/** Adapters that are listed and do not exist any more. */
export const staleAdapters = (files: readonly SourceFile[]): readonly string[] =>
  [...ADAPTERS].filter(path => !files.some(file => file.path === path));
