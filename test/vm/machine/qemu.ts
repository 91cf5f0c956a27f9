// One virtual machine: QEMU in software emulation, its serial line, and its power.
// Runs qemu-system-x86_64 at low priority; opens two sockets in the board's directory.

import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { start } from '../run-children.ts';
import type { SerialLog } from './serial-log.ts';

const CODE = '/usr/share/OVMF/OVMF_CODE_4M.fd';

export interface Services {
  /** On this machine's loopback. */
  readonly httpPort: number;
  readonly mqttPort: number;
}

export interface QemuOptions {
  /** Holds disk.qcow2 and vars.fd; the sockets come here. */
  readonly directory: string;
  readonly services: Services;
  readonly log: SerialLog;
  /** The real-time clock at power-on, as QEMU writes it; default: now. */
  readonly clock?: string;
}

export class Qemu {
  readonly #options: QemuOptions;
  #child: ChildProcess | undefined;

  constructor(options: QemuOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  /** Where root's shell listens. */
  get consoleSocket(): string {
    return join(this.#options.directory, 'console.sock');
  }

  powerOn(clock = this.#options.clock): void {
    if (this.#child !== undefined) return;
    const { log } = this.#options;
    const child = start('nice', ['-n', '1', 'qemu-system-x86_64', ...this.#words(clock)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout?.on('data', (chunk: Buffer) => log.take(chunk));
    child.stderr?.on('data', (chunk: Buffer) => log.take(Buffer.from(`QEMU ${chunk.toString('utf8')}`)));
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    this.#child = child;
  }

  /** The plug is pulled: what the disk was not told to keep may be gone. */
  async cutPower(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const gone = new Promise<void>(resolve => child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await gone;
  }

  #words(clock: string | undefined): readonly string[] {
    const { directory, services } = this.#options;
    const forward = (port: number, to: number) => `guestfwd=tcp:10.0.2.100:${port}-cmd:nc 127.0.0.1 ${to}`;
    return [
      // With more than one processor the emulation breaks now and then, and a broken start burns a boot try.
      ...[
        '-machine',
        'q35,smm=off',
        '-accel',
        'tcg,thread=single,tb-size=256',
        '-cpu',
        'max,-la57,-cx16',
        '-smp',
        '1',
        '-m',
        '768',
      ],
      ...['-nodefaults', '-display', 'none', '-no-user-config'],
      ...['-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${CODE}`],
      ...['-drive', `if=pflash,format=raw,unit=1,file=${join(directory, 'vars.fd')}`],
      ...['-drive', `if=none,id=disk,format=qcow2,cache=writeback,file=${join(directory, 'disk.qcow2')}`],
      ...['-device', 'nvme,drive=disk,serial=test-board', '-device', 'virtio-rng-pci'],
      ...['-netdev', `user,id=net,restrict=on,${forward(8080, services.httpPort)},${forward(1883, services.mqttPort)}`],
      ...['-device', 'virtio-net-pci,netdev=net,romfile='],
      ...['-device', 'i6300esb', '-action', 'watchdog=reset'],
      ...['-chardev', 'stdio,id=log,signal=off', '-serial', 'chardev:log'],
      ...['-chardev', `socket,id=console,path=${this.consoleSocket},server=on,wait=off`, '-serial', 'chardev:console'],
      ...(clock === undefined ? [] : ['-rtc', `base=${clock}`]),
    ];
  }
}
