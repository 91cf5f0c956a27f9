// The port to systemd.

export interface ServiceManager {
  /** Returns when the request is accepted; the board goes down soon after. Fails with `reboot-refused`, `command-missing`. */
  reboot(): Promise<void>;
}
