// What builds say of capsules, as far as a change is about them.

import { bytes, type Name, parseUrl } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { capsuleLookup } from '../../../src/app/forge/indexed-capsules.ts';
import type { FirmwareArtifact } from '../../../src/domain/artifacts/artifact.ts';
import { PortError } from '../../../src/errors.ts';
import type { ArtifactIndex } from '../../../src/ports/artifact-index.ts';
import { changesBetween } from '../../../src/review/changes.ts';
import { need } from '../../support/told-board.ts';
import { desiredOf } from '../../support/written-fleet.ts';

const before = desiredOf({ release: 'r-1' });
const after = desiredOf({ release: 'r-2' });
const changes = changesBetween(before, after);
const firmware = need(need(after.targets[0]).payload.firmware);
const other = {
  ...need(firmware.capsules[0]),
  sizeBytes: bytes(7),
  url: need(parseUrl('https://other.example/x.cap')),
};

/** An index for boards of this type, which counts how often it is asked. */
function indexOf(answer: () => Promise<readonly FirmwareArtifact[]>) {
  const asked: Name[] = [];
  const index: ArtifactIndex = {
    newestOs: async () => undefined,
    firmwareFor: async board => {
      asked.push(board);
      return answer();
    },
  };
  return { index, asked };
}

const ignored = (): void => undefined;

describe('when a change brings capsules that an index has', () => {
  test('then what the index says is found by their URL, and each board type is asked for once', async () => {
    const { index, asked } = indexOf(async () => [{ ...firmware, capsules: [...firmware.capsules, other] }]);
    const look = capsuleLookup(index, ignored);
    const found = await look(changes);
    const { sha256, sizeBytes, url } = need(firmware.capsules[0]);
    expect(found.get(url)).toMatchObject({ kind: 'found', sha256, sizeBytes });
    expect(found.get(other.url)).toMatchObject({ sizeBytes: 7 });
    await look(changes);
    expect(asked).toEqual(['evk']);
  });
});

describe('when nothing can be said', () => {
  test('then a source that does not answer is logged, and nothing is held against the change', async () => {
    const { index } = indexOf(async () => {
      throw new PortError('artifact-unreachable', 'https://artifacts.example/index.json');
    });
    const lines: string[] = [];
    expect(await capsuleLookup(index, line => void lines.push(line))(changes)).toEqual(new Map());
    expect(lines.join()).toContain('artifact-unreachable');
  });

  test('then a defect is no silence', async () => {
    const { index } = indexOf(async () => {
      throw new TypeError('a defect');
    });
    await expect(capsuleLookup(index, ignored)(changes)).rejects.toThrow(TypeError);
  });

  test('then no source, and no change, is asked nothing', async () => {
    const { index, asked } = indexOf(async () => [firmware]);
    expect(await capsuleLookup(undefined, ignored)(changes)).toEqual(new Map());
    expect(await capsuleLookup(index, ignored)(undefined)).toEqual(new Map());
    expect(asked).toEqual([]);
  });
});
