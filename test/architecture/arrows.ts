// Who may import whom: between packages, and between the layers inside of one.

import { importsOf, packageOf, resolveImport, type SourceFile } from './source-file.ts';

/** What each package may know; a test or a benchmark may know all. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  spec: [],
  'capsule-plan': ['spec'],
  controller: ['spec', 'capsule-plan'],
  'device-reconciler': ['spec', 'capsule-plan'],
  'virtual-board': ['spec', 'capsule-plan'],
  console: ['spec', 'capsule-plan'],
  simulator: ['spec', 'capsule-plan', 'controller', 'device-reconciler', 'virtual-board'],
  cli: ['spec', 'capsule-plan', 'controller', 'device-reconciler', 'virtual-board', 'simulator', 'console'],
};

/** What a layer of an application package may know of the others; files outside of all layers know everyone. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  domain: ['domain'],
  review: ['review', 'domain'],
  ports: ['ports', 'domain', 'review'],
  app: ['app', 'steps', 'ports', 'domain', 'review'],
  steps: ['steps', 'ports', 'domain'],
  adapters: ['adapters', 'ports', 'domain', 'review'],
};

/** Words that every layer of a package shares. */
const SHARED = /\/src\/errors\.ts$/;

/** One line per import that goes against an arrow. */
export const arrowViolations = (file: SourceFile): readonly string[] =>
  importsOf(file).flatMap(specifier => {
    const complaint = packageComplaint(file, specifier) ?? layerComplaint(file, specifier);
    return complaint === undefined ? [] : [`${file.path} imports ${specifier}: ${complaint}`];
  });

function packageComplaint(file: SourceFile, specifier: string): string | undefined {
  const from = packageOf(file.path);
  const target = resolveImport(file, specifier);
  if (target !== undefined) {
    return packageOf(target) === from ? undefined : 'between packages, import by the package name';
  }
  const [, to, rest] = /^@seatrial\/([^/]+)(\/.*)?$/.exec(specifier) ?? [];
  if (to === undefined) return undefined;
  if (rest?.startsWith('/src')) return 'only what a package exports may be imported';
  const allowed = ARROWS[from];
  return allowed === undefined || isTest(file) || allowed.includes(to) ? undefined : `${from} may not know ${to}`;
}

function layerComplaint(file: SourceFile, specifier: string): string | undefined {
  const target = resolveImport(file, specifier);
  const layer = layerOf(file.path);
  if (target === undefined || layer === undefined || isTest(file) || SHARED.test(target)) return undefined;
  const other = layerOf(target);
  const allowed = LAYERS[layer] ?? [];
  return other !== undefined && allowed.includes(other) ? undefined : `${layer} may know only ${allowed.join(', ')}`;
}

/** The folder just below src, where it is one of the layers of an application package. */
function layerOf(path: string): string | undefined {
  const [, name, folder] = /^packages\/([^/]+)\/src\/([^/]+)\//.exec(path) ?? [];
  const layered = name === 'controller' || name === 'device-reconciler';
  return layered && folder !== undefined && Object.hasOwn(LAYERS, folder) ? folder : undefined;
}

const isTest = ({ path }: SourceFile): boolean => /^packages\/[^/]+\/test\//.test(path);
