// A change under review, from the few things that a test is about: two written fleets and what their boards were seen to be.

import { firmwareVersion, type Millis, millis, parseGitCommit } from '@seatrial/spec';
import {
  DEFAULT_POLICY,
  observedFleet,
  parsePolicy,
  type Review,
  type ReviewInput,
  type ReviewPolicy,
  readSide,
  reviewChange,
  type Side,
  type Snapshot,
  type SnapshotDevice,
} from '../../src/review/index.ts';
import { NOW_MS, need, type ToldBoard, toldBoard } from '../support/told-board.ts';
import { FACTORY, filesOf, type WrittenFleet } from '../support/written-fleet.ts';

export const NOW: Millis = millis(NOW_MS);
export const BASE = need(parseGitCommit('b'.repeat(40)));
export const HEAD = need(parseGitCommit('d'.repeat(40)));

/** A written fleet, or the files that came of one and were edited. */
type Written = WrittenFleet | ReadonlyMap<string, string>;

export interface Scene extends Partial<Omit<ReviewInput, 'base' | 'head' | 'snapshot' | 'policy'>> {
  readonly base?: Written;
  readonly head?: Written;
  /** Those of the factory's fleet by default. */
  readonly boards?: readonly SceneBoard[];
  readonly header?: Partial<Omit<Snapshot, 'schema' | 'devices'>>;
  /** YAML of the policy's spec. */
  readonly policy?: string;
}

export interface SceneBoard extends Omit<ToldBoard, 'runs'> {
  readonly runs?: ToldBoard['runs'];
  readonly unreachable?: boolean;
  readonly timeZone?: string;
  readonly espFreeBytes?: number;
  /** Its firmware came from the factory: no capsule was ever taken. */
  readonly isUntouched?: boolean;
}

export const side = (written: Written, commit = HEAD): Side =>
  readSide({ files: bytesOf(written), commit, atMs: NOW }, { nowMs: NOW });

const bytesOf = (written: Written): ReadonlyMap<string, Uint8Array> =>
  new Map(
    [...(written instanceof Map ? written : filesOf(written as WrittenFleet))].map(([path, text]) => [
      path,
      Buffer.from(text),
    ]),
  );

/** The files of a written fleet with some of them replaced; undefined deletes. */
export function edited(
  fleet: WrittenFleet,
  changes: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const files = filesOf(fleet);
  for (const [path, text] of Object.entries(changes)) {
    if (text === undefined) files.delete(path);
    else files.set(path, text);
  }
  return files;
}

/** One file of a written fleet with some words replaced; throws where they do not stand. */
export function reworded(
  fleet: WrittenFleet,
  path: string,
  words: string,
  others: string,
): ReadonlyMap<string, string> {
  const text = need(filesOf(fleet).get(path));
  if (!text.includes(words)) throw new Error(`${path} does not say ${words}`);
  return edited(fleet, { [path]: text.replace(words, others) });
}

const FOUR: readonly SceneBoard[] = ['hub-1', 'hub-2', 'hub-3', 'hub-4'].map(device => ({ device }));

export function snapshotOf({ boards = FOUR, header }: Scene): Snapshot {
  const said = { repository: 'https://git.example.com/house/fleets', gitCommit: BASE, takenAtMs: NOW, ...header };
  return { schema: 1, ...said, devices: boards.map(seenBoard) };
}

function seenBoard({ unreachable, timeZone, espFreeBytes, isUntouched, ...told }: SceneBoard): SnapshotDevice {
  const { device, observed, attempt, success, failures } = toldBoard({ runs: FACTORY, ...told });
  const { clock, esp, firmware } = observed;
  const esrt = need(firmware.esrt);
  return {
    device,
    observed: {
      ...observed,
      firmware:
        isUntouched === true ? { ...firmware, esrt: { ...esrt, lastAttemptVersion: firmwareVersion(0) } } : firmware,
      clock: { ...clock, ...(timeZone === undefined ? {} : { timeZone }) },
      esp: { ...esp, ...(espFreeBytes === undefined ? {} : { freeBytes: espFreeBytes as typeof esp.freeBytes }) },
    },
    failures,
    ...(attempt && { attempt }),
    ...(success && { success }),
    ...(unreachable === undefined ? {} : { unreachable }),
  };
}

export function policyWith(spec: string): ReviewPolicy {
  const text = `apiVersion: seatrial.dev/v1alpha1\nkind: ReviewPolicy\nmetadata: { name: house }\nspec:\n${spec}`;
  const { policy, issues } = parsePolicy(Buffer.from(text));
  if (policy === undefined) throw new Error(JSON.stringify(issues));
  return policy;
}

/** The head gives the fleet r-2 unless the scene says otherwise. */
export function inputOf(scene: Scene = {}): ReviewInput {
  const { base = {}, head = { release: 'r-2' }, boards: _boards, header: _header, policy, ...rest } = scene;
  return {
    base: side(base, BASE),
    head: side(head, HEAD),
    snapshot: observedFleet(snapshotOf(scene)),
    policy: policy === undefined ? DEFAULT_POLICY : policyWith(policy),
    nowMs: NOW,
    snapshotAge: 'same',
    ...rest,
  };
}

export const reviewOf = (scene: Scene = {}): Review => reviewChange(inputOf(scene));

/** Codes of the warnings, each once, in order. */
export const codesOf = ({ warnings }: Review): readonly string[] => [...new Set(warnings.map(({ code }) => code))];
