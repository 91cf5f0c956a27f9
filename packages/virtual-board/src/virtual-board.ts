// A board in a directory: firmware, boot loader and OS over real files, and the real agent as a process of its own.

import { execFile, execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DeviceId } from '@seatrial/spec';
import type { Board, BoardEvidence, ShellAnswer } from './board.ts';
import { BoardEvents, type BoardListener } from './board-events.ts';
import { type BoardPaths, boardPaths } from './board-paths.ts';
import { killBoardProcesses } from './board-processes.ts';
import { forgetWhatPowerKept, runWhilePowered } from './boot-cycle.ts';
import { VirtualBoardError } from './errors.ts';
import type { BoardFault, StoragePlace } from './faults/board-fault.ts';
import { injectFault, mendMachine } from './faults/inject-fault.ts';
import { keepUnsynced, loseUnsynced } from './faults/lost-bless.ts';
import { releaseForgottenMounts, StorageFaults } from './faults/storage-faults.ts';
import type { CapsuleVerifier } from './firmware/capsule-verifier.ts';
import { readFirmware } from './firmware/flash.ts';
import { inspectFiles, readRunning } from './inspect-board.ts';
import { type AgentSetup, type BoardTiming, BUNDLED_AGENT, DEFAULT_TIMING, type Machine, tell } from './machine.ts';
import { Power } from './power.ts';
import { systemEnvironment } from './run-system.ts';

export interface VirtualBoardOptions {
  readonly directory: string;
  readonly id: DeviceId;
  /** Default: /boot. */
  readonly espMountPoint?: string;
  /** Default: the bundled agent, as `npm run build` leaves it, on this machine's Node. */
  readonly agent?: AgentSetup;
  /** Judges capsules by the trust anchor that is built into this board. */
  readonly verifyCapsule: CapsuleVerifier;
  readonly timing?: Partial<BoardTiming>;
}

/** A board that was created earlier. Throws BOARD_UNREADABLE where there is none. */
export function openVirtualBoard(options: VirtualBoardOptions): VirtualBoard {
  const board = new VirtualBoard(options);
  readFirmware(board.paths);
  releaseForgottenMounts(board.paths.directory);
  return board;
}

/**
 * One object per directory and time: it owns the board's power.
 * After `cutPower` and `stop` no process and no mount of the board is left, and its directory may be copied or removed.
 */
export class VirtualBoard implements Board {
  readonly id: DeviceId;
  readonly paths: BoardPaths;
  readonly #machine: Machine;
  #power: Power | undefined;
  #life: Promise<void> = Promise.resolve();
  #defect: Error | undefined;

  constructor({ directory, id, espMountPoint, agent = BUNDLED_AGENT, verifyCapsule, timing }: VirtualBoardOptions) {
    this.id = id;
    this.paths = boardPaths(resolve(directory), espMountPoint);
    this.#machine = {
      paths: this.paths,
      agent,
      verifyCapsule,
      timing: { ...DEFAULT_TIMING, ...timing },
      events: new BoardEvents(),
      storageFaults: new StorageFaults(this.paths),
      startsAtMs: [],
      loaderIgnoresExhaustion: false,
      systemCallCut: undefined,
    };
  }

  async powerOn(): Promise<void> {
    if (this.#power?.isOn === true) return;
    await this.#life;
    const power = new Power();
    this.#power = power;
    this.#life = this.#live(power);
  }

  cutPower(): Promise<void> {
    this.#power?.lose('cut');
    return this.#ended();
  }

  stop(): Promise<void> {
    this.#power?.lose('off');
    return this.#ended();
  }

  async inspect(): Promise<BoardEvidence> {
    const running = readRunning(this.paths);
    return {
      ...(running === undefined ? {} : { running }),
      ...(await inspectFiles(this.paths)),
      firmwareStarts: this.#machine.startsAtMs.length,
    };
  }

  /** The stand-ins of `bin/` come first on PATH. Throws BOARD_IS_OFF where no OS runs. */
  shell(script: string): Promise<ShellAnswer> {
    const power = this.#power;
    if (power === undefined || readRunning(this.paths) === undefined) {
      return Promise.reject(new VirtualBoardError('BOARD_IS_OFF', this.id));
    }
    const env = { ...process.env, ...systemEnvironment(this.paths), ROOT: this.paths.root };
    return new Promise(answer => {
      const child = execFile('sh', ['-c', script], { env, cwd: this.paths.root }, (error, stdout) => {
        const exitCode = typeof error?.code === 'number' ? error.code : error === null ? 0 : 137;
        answer({ exitCode, output: stdout });
      });
      void power.lost.then(() => child.kill('SIGKILL'));
    });
  }

  onEvent(listener: BoardListener): () => void {
    return this.#machine.events.listen(listener);
  }

  /** From now on something goes wrong; see `BoardFault` for what and for how long. */
  inject(fault: BoardFault): void {
    injectFault(this.#machine, fault);
  }

  liftStorageFault(place: StoragePlace): void {
    this.#machine.storageFaults.lift(place);
  }

  /** Takes every fault back that still lies ahead. */
  mend(): void {
    mendMachine(this.#machine);
  }

  /** Stops the board and removes its directory. */
  async remove(): Promise<void> {
    await this.stop();
    releaseForgottenMounts(this.paths.directory);
    makeMutable(this.paths);
    rmSync(this.paths.directory, { recursive: true, force: true });
  }

  async #live(power: Power): Promise<void> {
    try {
      await runWhilePowered(this.#machine, power);
    } catch (cause) {
      power.lose('cut');
      this.#defect = new Error(`the machine of ${this.id} broke`, { cause });
    }
    killBoardProcesses(this.paths.root);
    if (power.loss === 'cut') loseUnsynced(this.paths);
    else keepUnsynced(this.paths);
    forgetWhatPowerKept(this.#machine);
    tell(this.#machine, { kind: power.loss === 'cut' ? 'power-cut' : 'power-off' });
  }

  async #ended(): Promise<void> {
    await this.#life;
    if (this.#defect !== undefined) throw this.#defect;
  }
}

/** Deployments that an agent made without our environment carry the immutable flag. */
function makeMutable({ root }: BoardPaths): void {
  if (process.getuid?.() !== 0) return;
  try {
    execFileSync('chattr', ['-R', '-f', '-i', join(root, 'ostree/deploy')], { stdio: 'ignore' });
  } catch {
    // A file system without flags has no immutable files either.
  }
}
