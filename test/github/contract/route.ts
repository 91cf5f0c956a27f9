// Finds the documented operation that a request means, and its path parameters.

import type { JsonObject } from '../json.ts';
import { type Description, deref, type Operation } from '../openapi/description.ts';
import { OPERATIONS, type OperationId } from '../openapi/operations.ts';

export interface Route {
  readonly id: OperationId;
  readonly operation: Operation;
  /** Decoded, as texts. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

type Finder = (method: string, path: string) => Route | undefined;

/** Literal segments win over parameters; a parameter with `x-multi-segment` may hold slashes. */
export function routeFinder(description: Description): Finder {
  const patterns = OPERATIONS.map(id => {
    const operation = description.operations[id];
    return { id, operation, pattern: patternOf(operation, { components: description.components }) };
  }).sort((a, b) => literals(b.operation.path) - literals(a.operation.path));
  return (method, path) => {
    for (const { id, operation, pattern } of patterns) {
      const found = operation.method === method ? pattern.exec(path) : null;
      if (found !== null) return { id, operation, pathParameters: decodeAll(found.groups ?? {}) };
    }
    return undefined;
  };
}

const literals = (path: string): number => path.split('/').filter(segment => !segment.startsWith('{')).length;

function patternOf({ path, parameters }: Operation, root: JsonObject): RegExp {
  const long = new Set(
    parameters.map(parameter => deref(root, parameter)).flatMap(p => (p['x-multi-segment'] ? [p['name']] : [])),
  );
  const source = path
    .replace(/[.+]/g, '\\$&')
    // The root of the contents: a path of its own, which is empty.
    .replace(/\/\{path\}$/, '(?:/(?<path>.*))?')
    .replace(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>${long.has(name) ? '.+' : '[^/]+'})`);
  return new RegExp(`^${source}$`);
}

const decodeAll = (groups: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decode(text ?? '')]));

/** Text that is not well encoded stays as it is: its schema or its handler will refuse it. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
