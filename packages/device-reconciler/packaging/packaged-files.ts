// Where each file of this directory goes on a board; `agent.js` is the bundle.

export interface Placed {
  /** Relative to the root. */
  readonly to: string;
  /** Default: 0644. */
  readonly mode?: number;
}

export const PACKAGED_FILES: Readonly<Record<string, Placed>> = {
  'agent.js': { to: 'usr/lib/seatrial/agent.js' },
  'bless-boot': { to: 'usr/lib/seatrial/bless-boot', mode: 0o755 },
  'seatrial-agent': { to: 'usr/bin/seatrial-agent', mode: 0o755 },
  'seatrial-agent.service': { to: 'usr/lib/systemd/system/seatrial-agent.service' },
  'seatrial-health.service': { to: 'usr/lib/systemd/system/seatrial-health.service' },
  'seatrial-agent.preset': { to: 'usr/lib/systemd/system-preset/80-seatrial-agent.preset' },
  'watchdog.conf': { to: 'usr/lib/systemd/system.conf.d/80-seatrial-watchdog.conf' },
  'seatrial-agent.tmpfiles': { to: 'usr/lib/tmpfiles.d/seatrial-agent.conf' },
  'seatrial-agent.sysusers': { to: 'usr/lib/sysusers.d/seatrial-agent.conf' },
  'agent.yaml': { to: 'usr/share/doc/seatrial-agent/examples/agent.yaml' },
  'debian/copyright': { to: 'usr/share/doc/seatrial-agent/copyright' },
};
