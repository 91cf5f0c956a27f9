// What the checks of several kinds of vector share.

import { expect } from 'vitest';
import type { Vector } from './manifest.ts';
import { comparable, onlyNamed } from './parsed-shape.ts';

export const sameShape = (theirs: unknown, ours: unknown): void => {
  expect(onlyNamed(theirs, ours)).toEqual(comparable(theirs, ours));
};

export const first = (vector: Vector, suffix: string): string => {
  const path = vector.files.find(candidate => candidate.endsWith(suffix));
  if (path === undefined) throw new Error(`${vector.id}: no file *${suffix}`);
  return path;
};

export const signingTimeMs = (text: string): number => Date.parse(text.replace(/Z?$/, 'Z').replace(' ', 'T'));
