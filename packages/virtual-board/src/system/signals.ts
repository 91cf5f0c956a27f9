// What the running OS tells its supervisor: one file per signal in run/seatrial-virtual/signals, seen as soon as it is there.

import { existsSync, type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

/** reboot: systemctl reboot was called. health-passed: a health check said yes. blessed: systemd-bless-boot good was called. */
export type SystemSignal = 'reboot' | 'health-passed' | 'boot-complete' | 'blessed';

/** Watches one boot's directory of signals; `close` before it is removed. */
export class SystemSignals {
  readonly #directory: string;
  readonly #watcher: FSWatcher;
  readonly #waiting = new Map<SystemSignal, () => void>();

  constructor(directory: string) {
    this.#directory = directory;
    this.#watcher = watch(directory, () => this.#look());
  }

  /** Settles when the signal is given; never, when it is not. One wait per signal. */
  given(signal: SystemSignal): Promise<void> {
    return new Promise(resolve => {
      this.#waiting.set(signal, resolve);
      this.#look();
    });
  }

  close(): void {
    this.#watcher.close();
  }

  #look(): void {
    for (const [signal, resolve] of this.#waiting) {
      if (!existsSync(join(this.#directory, signal))) continue;
      this.#waiting.delete(signal);
      resolve();
    }
  }
}
