// systemd, through its command.
// Touches: runs `systemctl reboot`. Privileges: root, or the polkit action org.freedesktop.login1.reboot.

import { PortError } from '../errors.ts';
import type { ServiceManager } from '../ports/service-manager.ts';
import { runCommand } from './command.ts';

const TIMEOUT_MS = 30_000;

export const systemctl = (command: readonly string[]): ServiceManager => ({
  reboot: async () => {
    const { exitCode, stderr } = await runCommand(command, ['reboot'], { timeoutMs: TIMEOUT_MS });
    if (exitCode !== 0) throw new PortError('reboot-refused', 'systemctl reboot', { detail: stderr });
  },
});
