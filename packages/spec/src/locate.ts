// From a path through a document to the place in the text that an engineer must look at.

import { isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import { keyText, startOf } from './source.ts';

export type Path = readonly (string | number)[];

export interface Location {
  /** Of the value; of its key where the value is absent or empty; of the nearest thing that exists where both are. */
  readonly offset: number;
  /** Of the key, for what is said about the key itself. */
  readonly keyOffset: number;
  /** undefined where the path leads nowhere. */
  readonly node: ParsedNode | null | undefined;
}

/** Never fails: what does not exist is shown at the key or list that should hold it. */
export function locate(root: ParsedNode, path: Path): Location {
  let here: Location = { offset: startOf(root), keyOffset: startOf(root), node: root };
  for (const step of path) {
    const next = child(here.node, step);
    if (next === undefined) return { ...here, offset: here.keyOffset, node: undefined };
    here = next;
  }
  return here;
}

function child(parent: ParsedNode | null | undefined, step: string | number): Location | undefined {
  if (isSeq<ParsedNode>(parent) && typeof step === 'number') {
    const item = parent.items[step];
    return item === undefined ? undefined : { offset: startOf(item), keyOffset: startOf(item), node: item };
  }
  if (!isMap<ParsedNode, ParsedNode | null>(parent)) return undefined;
  const pair = parent.items.find(({ key }) => keyText(key) === String(step));
  if (pair === undefined) return undefined;
  const keyOffset = startOf(pair.key);
  return { offset: isEmpty(pair.value) ? keyOffset : startOf(pair.value), keyOffset, node: pair.value };
}

/** Nothing was written: `release:` and the end of the line. */
export const isEmpty = (node: ParsedNode | null | undefined): node is null | undefined =>
  node === null || node === undefined || (isScalar(node) && node.source === '' && node.type === 'PLAIN');

/** `spec.rollout.stages[0].limit`, for messages. */
export const pathText = (path: Path): string =>
  path
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
