// A small world for boards under test: a repository with a few systems, capsules of a format that the tests' verifier knows.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NEW_TRIAL_BOOT } from '@seatrial/capsule-plan';
import {
  type DeviceId,
  type FirmwareVersion,
  firmwareVersion,
  type Guid,
  type OstreeCommit,
  parseDeviceId,
  parseGuid,
} from '@seatrial/spec';
import {
  type Behaviour,
  type CapsuleVerdict,
  commitSystem,
  createOstreeRepository,
  createVirtualBoard,
  type FactoryFirmware,
  type FactoryOptions,
  openVirtualBoard,
  type VirtualBoard,
} from '../../src/index.ts';

export const known = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('expected a value');
  return value;
};

export const FW_CLASS: Guid = known(parseGuid('78462415-6133-431c-9fae-48f2bafd5c71'));
export const OTHER_FW_CLASS: Guid = known(parseGuid('6f25bfd2-a165-468b-980f-ac51a0a45c52'));
export const BOARD_ID: DeviceId = known(parseDeviceId('board-1'));
/** 0.0.1.n */
export const v = (n: number): FirmwareVersion => firmwareVersion(0x10000 + n);

interface TestCapsule {
  readonly fwClass?: Guid;
  readonly version: FirmwareVersion;
  readonly lowestSupported?: FirmwareVersion;
  /** As if the signature did not match. */
  readonly forged?: boolean;
  readonly unreadable?: boolean;
}

/** A capsule in the format of `verifyTestCapsule`: JSON. */
export const testCapsule = (capsule: TestCapsule): Uint8Array => new TextEncoder().encode(JSON.stringify(capsule));

export function verifyTestCapsule(bytes: Uint8Array): CapsuleVerdict {
  if (bytes.length === 0) return { kind: 'refused', status: 4, detail: 'empty' };
  const capsule: TestCapsule = JSON.parse(new TextDecoder().decode(bytes));
  const { version, lowestSupported = v(0), fwClass = FW_CLASS } = capsule;
  if (capsule.unreadable === true) return { kind: 'metadata-unreadable', detail: 'as the test wants it' };
  if (capsule.forged === true) return { kind: 'refused', status: 5, version, detail: 'forged' };
  return { kind: 'genuine', images: [{ fwClass, version, lowestSupported }] };
}

export const FACTORY_FIRMWARE: FactoryFirmware = {
  fwClass: FW_CLASS,
  version: v(1),
  lowestSupported: v(0),
  trial: NEW_TRIAL_BOOT,
};

export const REF = 'board/stable';
export const STATEROOT = 'poky';

/** A directory that is gone after the test run, with a repository of systems in it. */
export class Lab {
  readonly directory = mkdtempSync(join(tmpdir(), 'seatrial-lab-'));
  readonly repository = join(this.directory, 'repository');
  readonly #boards: VirtualBoard[] = [];
  readonly #templates = new Map<OstreeCommit, Promise<VirtualBoard>>();
  #repositoryMade: Promise<void> | undefined;

  async commit(version: string, behaviour: Partial<Behaviour> = {}): Promise<OstreeCommit> {
    this.#repositoryMade ??= createOstreeRepository(this.repository);
    await this.#repositoryMade;
    return commitSystem(this.repository, { ref: REF, version, behaviour });
  }

  /** A board with `commit` from the factory, whose agent sleeps unless told otherwise. */
  async board(commit: OstreeCommit, changes: Partial<FactoryOptions> = {}): Promise<VirtualBoard> {
    const options = { ...this.#options(commit), ...changes };
    const board = changes.firmware === undefined ? await this.#copyOf(options) : await createVirtualBoard(options);
    this.#boards.push(board);
    return board;
  }

  /** Boards that differ only in what runs on them are copies of one, which is quicker than making each. */
  async #copyOf(options: FactoryOptions): Promise<VirtualBoard> {
    const { commit } = options.system;
    const template = join(this.directory, `template-${commit}`);
    const made = this.#templates.get(commit) ?? createVirtualBoard({ ...options, directory: template });
    this.#templates.set(commit, made);
    await made;
    if (existsSync(options.directory)) return createVirtualBoard(options);
    execFileSync('cp', ['-a', template, options.directory]);
    return openVirtualBoard(options);
  }

  #options(commit: OstreeCommit): FactoryOptions {
    return {
      directory: join(this.directory, `board-${this.#boards.length}`),
      id: BOARD_ID,
      agent: { command: () => ['sleep', '600'] },
      verifyCapsule: verifyTestCapsule,
      firmware: FACTORY_FIRMWARE,
      timing: { firmwareMs: 1, kernelMs: 1, watchdogMs: 1, agentRestartMs: 10, maxStartsPerMinute: 1_000 },
      system: {
        repository: this.repository,
        ref: REF,
        commit,
        stateroot: STATEROOT,
        remote: { name: 'factory', url: `file://${this.repository}` },
      },
    };
  }

  async close(): Promise<void> {
    for (const board of this.#boards) await board.remove();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
