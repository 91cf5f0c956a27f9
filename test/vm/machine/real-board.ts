// A board of real UEFI variables, a real ESP, systemd-boot, OSTree and systemd, in a virtual machine. What is ours in it is the
// firmware that takes capsules.

import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { efiVariableFileName } from '@seatrial/capsule-plan';
import { type DeviceId, type Guid, parseBootId } from '@seatrial/spec';
import type {
  Board,
  BoardEvent,
  BoardEvidence,
  BoardListener,
  FirmwareFaultKind,
  ShellAnswer,
} from '@seatrial/virtual-board';
import { ESP_OFFSET_MIB } from '../image/disk.ts';
import { run } from '../run-program.ts';
import { BoardFailure } from './board-failure.ts';
import { LOOK, readLook } from './look-at-board.ts';
import { Qemu, type Services } from './qemu.ts';
import { SerialLog } from './serial-log.ts';
import { askShell } from './test-console.ts';

const VARIABLES = '/usr/share/OVMF/OVMF_VARS_4M.fd';
const SHELL_DEADLINE_MS = 90_000;
/** A boot takes 30 s on an idle machine. */
export const BOOT_DEADLINE_MS = 900_000;
/** Of the variables that belong to the test and its firmware. */
const PRIVATE = '5EA71A1F-B0A2-4D00-8D01-544553544244' as Guid;
const FAULT_ATTRIBUTES = 7;

const FAULTS = {
  'attempt-status': 1,
  'metadata-unreadable': 2,
  'stale-row': 3,
  'ignore-request': 4,
  'forget-trial': 5,
  'early-rollback': 6,
  'refuse-rollback': 7,
} satisfies Record<FirmwareFaultKind['kind'], number>;

export interface RealBoardOptions {
  readonly id: DeviceId;
  /** Made, and removed with the board. */
  readonly directory: string;
  /** The disk that every board starts from; it is not written. */
  readonly disk: string;
  readonly services: Services;
  /** Told of every line on the serial line. */
  readonly watch?: (line: string) => void;
}

export class RealBoard implements Board {
  readonly id: DeviceId;
  readonly log: SerialLog;
  readonly #options: RealBoardOptions;
  readonly #qemu: Qemu;
  readonly #listeners = new Set<BoardListener>();

  private constructor(options: RealBoardOptions) {
    this.id = options.id;
    this.#options = options;
    this.log = new SerialLog(join(options.directory, 'serial.log'));
    this.#qemu = new Qemu({ directory: options.directory, services: options.services, log: this.log });
    this.log.onLine(line => this.#hear(line));
  }

  /** As it leaves the factory: never powered on. */
  static async make(options: RealBoardOptions): Promise<RealBoard> {
    const { directory, disk } = options;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    copyFileSync(VARIABLES, join(directory, 'vars.fd'));
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', disk, '-F', 'raw', join(directory, 'disk.qcow2')]);
    return new RealBoard(options);
  }

  async powerOn(clock?: string): Promise<void> {
    this.#qemu.powerOn(clock);
  }

  async cutPower(): Promise<void> {
    await this.#qemu.cutPower();
    this.#tell({ kind: 'power-cut' });
  }

  async stop(): Promise<void> {
    await this.#qemu.cutPower();
  }

  get poweredOn(): boolean {
    return this.#qemu.running;
  }

  /** Firmware starts since the board was made, resets included. */
  get firmwareStarts(): number {
    return this.log.matching(/^FIRMWARE start \d+/).length;
  }

  async shell(script: string, deadlineMs = SHELL_DEADLINE_MS): Promise<ShellAnswer> {
    const paths = 'ROOT=; PATH=$PATH:/usr/lib/systemd:/usr/sbin; ';
    const answer = await askShell(this.#qemu.consoleSocket, `${paths}${script}`, { deadlineMs }).catch(
      (error: unknown) => {
        throw new BoardFailure(
          `the board's shell: ${error instanceof Error ? error.message : String(error)}`,
          this.log.tail(),
        );
      },
    );
    return answer;
  }

  async inspect(): Promise<BoardEvidence> {
    if (!this.#qemu.running) return { capsules: [], entries: [], deployments: [], firmwareStarts: this.firmwareStarts };
    return readLook((await this.shell(LOOK)).output, this.firmwareStarts);
  }

  onEvent(listener: BoardListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The first line from `from` on that matches. Fails with what was awaited and the end of the log. */
  async says(
    pattern: RegExp,
    { from = this.log.length, deadlineMs = BOOT_DEADLINE_MS }: SaysOptions = {},
  ): Promise<string> {
    const until = Date.now() + deadlineMs;
    for (;;) {
      const [line] = this.log.matching(pattern, from);
      if (line !== undefined) return line;
      this.log.requireSound();
      if (Date.now() > until)
        throw new BoardFailure(`the board never said ${String(pattern)} in ${deadlineMs / 1000} s`, this.log.tail());
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }

  async comesUp(options: SaysOptions = {}): Promise<void> {
    await this.says(/TEST-BOARD up /, options);
  }

  /** The firmware will do this wrong, once. */
  async firmwareWill(fault: FirmwareFaultKind): Promise<void> {
    const argument = fault.kind === 'attempt-status' ? fault.status : 0;
    const file = `/sys/firmware/efi/efivars/${efiVariableFileName('TestBoardFault', PRIVATE)}`;
    const bytes = [FAULT_ATTRIBUTES, 0, 0, 0, FAULTS[fault.kind], argument].map(
      byte => `\\0${byte.toString(8).padStart(3, '0')}`,
    );
    const { exitCode, output } = await this.shell(
      `chattr -i ${file} 2>/dev/null; printf '%b' '${bytes.join('')}' >${file}`,
    );
    if (exitCode !== 0)
      throw new BoardFailure(`the firmware could not be told to misbehave: ${output}`, this.log.tail());
  }

  #tell(event: BoardEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  #hear(line: string): void {
    this.#options.watch?.(line);
    const [, start] = /^FIRMWARE start (\d+)/.exec(line) ?? [];
    if (start !== undefined) this.#tell({ kind: 'firmware-started', start: Number(start) });
    const bootId = parseBootId(/TEST-BOARD up .*boot=(\S+)/.exec(line)?.[1] ?? '');
    if (bootId !== undefined) void this.#tellBooted();
    const [, output] = /node\[\d+\]: (.*)/.exec(line) ?? [];
    if (output !== undefined) this.#tell({ kind: 'agent-output', line: output });
  }

  async #tellBooted(): Promise<void> {
    const { running, entries } = await this.inspect().catch(() => ({ running: undefined, entries: [] }));
    if (running === undefined) return;
    const entry = entries.find(({ commit }) => commit === running.commit);
    this.#tell({ kind: 'booted', bootId: running.bootId, commit: running.commit, fileName: entry?.fileName ?? '' });
  }
}

export interface SaysOptions {
  /** A position in the log; default: now. */
  readonly from?: number;
  readonly deadlineMs?: number;
}

/** A copy of the factory's disk with this firmware on its ESP. */
export async function diskWithFirmware(options: {
  readonly disk: string;
  readonly firmware: string;
  readonly to: string;
}): Promise<void> {
  const { disk, firmware, to } = options;
  await run('cp', ['--sparse=always', '--reflink=auto', disk, to]);
  const esp = `${to}@@${ESP_OFFSET_MIB}M`;
  await run('mcopy', ['-o', '-i', esp, join(firmware, 'board-firmware.efi'), '::EFI/BOOT/BOOTX64.EFI']);
  await run('mcopy', ['-o', '-i', esp, join(firmware, 'resident.efi'), '::EFI/test-board/resident.efi']);
}
