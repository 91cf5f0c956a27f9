// Every vector of the set: rebuilt byte for byte, parsed field by field, judged with its class.

import { describe, expect, test } from 'vitest';
import { file, manifest, sha256 } from './manifest.ts';
import { checkVector } from './vector-kinds.ts';

describe('capsule vectors', () => {
  test('when a set is opened, then it holds vectors and its files are whole', () => {
    expect(manifest.vectors.length).toBeGreaterThan(0);
    for (const entry of manifest.files)
      expect([entry.path, sha256(file(entry.path))]).toEqual([entry.path, entry.sha256]);
  });

  test.each(manifest.vectors.map(vector => [vector.id, vector] as const))(
    'when %s is rebuilt, parsed and judged, then nothing differs',
    (_id, vector) => {
      expect(checkVector(vector)).toBe('as stored');
    },
  );
});
