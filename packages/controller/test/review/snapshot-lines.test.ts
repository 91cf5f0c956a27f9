// Snapshots read piece by piece: the same boards as when read at once, wherever the pieces are cut.

import { encodeObserved } from '@seatrial/capsule-plan';
import type { DeviceId } from '@seatrial/spec';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { observedFleet, parseSnapshot, readSnapshot, type Snapshot } from '../../src/review/index.ts';
import { need } from '../support/told-board.ts';
import { snapshotOf } from './scene.ts';

const SNAPSHOT: Snapshot = snapshotOf({
  boards: ['hub-1', 'hub-2', 'hub-3'].map(device => ({ device, unreachable: device === 'hub-2' })),
});
const plain = SNAPSHOT.devices.map(({ observed, ...rest }) => ({
  ...rest,
  observed: JSON.parse(Buffer.from(encodeObserved(observed)).toString()) as object,
}));
const { devices: _devices, ...header } = SNAPSHOT;
/** As `seatrial snapshot` writes it. */
const LINES = `${JSON.stringify(header).slice(0, -1)},"devices":[\n${plain.map(board => JSON.stringify(board)).join(',\n')}\n]}\n`;

const ids = (...names: string[]) => new Set(names as DeviceId[]);
const EVERY = ids('hub-1', 'hub-2', 'hub-3');

/** Each piece is overwritten when the next is asked for, as a reader with one buffer does. */
function* cut(text: string, sizes: readonly number[]): Generator<Uint8Array> {
  const bytes = Buffer.from(text);
  const buffer = Buffer.alloc(Math.max(...sizes));
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    const piece = buffer.subarray(0, bytes.copy(buffer, 0, at, at + size));
    yield piece;
    buffer.fill(0);
    at += size;
  }
}

function read(text: string, wanted = EVERY, sizes: readonly number[] = [1 << 16]) {
  const result = readSnapshot(cut(text, sizes), wanted);
  if (!result.ok) throw new Error(result.error.join('; '));
  return result.value;
}

const whole = observedFleet(need(unwrap(parseSnapshot(LINES))));
function unwrap<T>(result: { ok: boolean; value?: T }): T | undefined {
  return result.value;
}

describe('when a snapshot comes in pieces', () => {
  test('then it is the same wherever they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 5 }), sizes => {
        const { device, ...said } = read(LINES, EVERY, sizes);
        const { device: wholeDevice, ...wholeSaid } = whole;
        expect(said).toEqual(wholeSaid);
        for (const id of EVERY) expect(device(id)).toEqual(wholeDevice(id));
      }),
      { numRuns: 200 },
    );
  });

  const forms: readonly (readonly [string, string])[] = [
    ['without a last line end', LINES.trimEnd()],
    ['with the line ends of Windows', LINES.replaceAll('\n', '\r\n')],
    ['on one line', JSON.stringify(JSON.parse(LINES))],
    ['printed for people', JSON.stringify(JSON.parse(LINES), undefined, 2)],
    ['with the header last', JSON.stringify({ devices: plain, ...header })],
  ];
  test.each(forms)('then one %s is read as well', (_name, text) => {
    for (const sizes of [[7], [1 << 16]]) {
      const fleet = read(text, EVERY, sizes);
      expect(fleet.size).toBe(3);
      expect(fleet.device('hub-2' as DeviceId)).toEqual(whole.device('hub-2' as DeviceId));
      expect(fleet.gitCommit).toBe(whole.gitCommit);
    }
  });

  test('then boards that nobody asked for are counted and not decoded', () => {
    const broken = LINES.replace('"bootId":"00000000', '"bootId":"zzzzzzzz');
    const fleet = read(broken, ids('hub-2'));
    expect([fleet.size, fleet.device('hub-1' as DeviceId), fleet.device('hub-2' as DeviceId)?.unreachable]).toEqual([
      3,
      undefined,
      true,
    ]);
    expect(readSnapshot(cut(broken, [999]), EVERY).ok).toBe(false);
  });

  test('then one of an older version says nothing of itself', () => {
    const { gitCommit, takenAtMs } = read(LINES.replace(/"repository".*?,"devices"/, '"devices"'));
    expect([gitCommit, takenAtMs]).toEqual([undefined, undefined]);
  });
});

describe('when a snapshot is broken', () => {
  const twice = LINES.replaceAll('"device":"hub-3"', '"device":"hub-1"');
  const cases: readonly (readonly [string, string])[] = [
    ['cut in the middle', LINES.slice(0, LINES.length >> 1)],
    ['cut before its end', LINES.replace('\n]}\n', '\n')],
    ['going on behind its end', `${LINES}more\n`],
    ['empty', ''],
    ['of another schema', LINES.replace('"schema":1', '"schema":2')],
    ['naming a board twice', twice],
    ['holding something else', LINES.replace('{"device":"hub-2"', '["device","hub-2"')],
    ['a list', '[]'],
    ['one endless line', `{"schema":1,"devices":[${' '.repeat(1 << 21)}`],
  ];
  test.each(cases)('then one that is %s is refused with a reason', (_name, text) => {
    const result = readSnapshot(cut(text, [1_000]), EVERY);
    expect(result).toMatchObject({ ok: false, error: [expect.any(String)] });
  });
});
