// What makes the Debian tree this board: its mounts, its network, its console, and two units that speak to the test alone.
// Everything here is the test's; what is the product's comes from its Debian package.

import type { DeviceId, Guid } from '@seatrial/spec';

export const DEVICE_ADDRESS = '10.0.2.15';
/** Where the virtual machine reaches this machine's services, and nothing else. */
export const HOST_ADDRESS = '10.0.2.100';
export const HTTP_PORT = 8080;
export const MQTT_PORT = 1883;
export const STATEROOT = 'lab';
export const REMOTE = 'lab';
export const ROOT_DEVICE = '/dev/nvme0n1p2';

/** Logs go to the serial line. A busy host may keep the emulated timer from ticking when the kernel checks it: no check. */
export const KERNEL_ARGUMENTS = [
  ...[`root=${ROOT_DEVICE}`, 'rw', 'console=ttyS0', 'quiet', 'panic=5'],
  ...[
    'mitigations=off',
    'audit=0',
    'no_timer_check',
    'nowatchdog',
    'systemd.gpt_auto=0',
    'systemd.show_status=no',
    'systemd.default_device_timeout_sec=600',
  ],
];

/** Modules that such a board needs beside what Debian's cloud kernel has built in. */
export const MODULES = [
  ...['efivarfs', 'fat', 'vfat', 'nls_ascii', 'nls_cp437', 'nls_iso8859-1', 'nls_utf8'],
  ...['virtio_net', 'net_failover', 'failover', 'virtio-rng', 'virtio_rng', 'af_packet', 'autofs4'],
  ...['i6300esb', 'watchdog', 'efi-pstore', 'efi_pstore', 'overlay'],
];

const MASKED = [
  ...['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'fstrim.timer', 'e2scrub_all.timer'],
  ...['e2scrub_reap.service', 'getty@tty1.service', 'serial-getty@ttyS0.service', 'systemd-timesyncd.service'],
  ...['systemd-boot-update.service', 'systemd-boot-random-seed.service', 'systemd-hwdb-update.service'],
  ...['ldconfig.service', 'systemd-journal-catalog-update.service', 'systemd-pcrphase.service'],
  ...['dev-hugepages.mount', 'dev-mqueue.mount', 'sys-kernel-debug.mount', 'sys-kernel-tracing.mount'],
  ...['sys-fs-fuse-connections.mount', 'modprobe@drm.service', 'modprobe@fuse.service'],
];

const NETWORK = `[Match]
Type=ether

[Network]
Address=${DEVICE_ADDRESS}/24
Gateway=10.0.2.2
LinkLocalAddressing=no
IPv6AcceptRA=no
`;

const CONSOLE = `# Root's shell for the test: never a way for the product.
[Unit]
Description=Test console on ttyS1
DefaultDependencies=no
After=local-fs.target
Conflicts=shutdown.target
Before=shutdown.target

[Service]
ExecStart=/bin/sh -c 'stty raw -echo; cat | /bin/bash'
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS1
Environment=HOME=/root TERM=dumb
Restart=always
RestartSec=0
KillSignal=SIGHUP
TimeoutStopSec=2

[Install]
WantedBy=multi-user.target
`;

/** Says on the serial line that the system is up, which one it is, and in which boot. */
const ANNOUNCE = `[Unit]
Description=Tell the test that the system is up
After=test-console.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/lib/test-board/announce

[Install]
WantedBy=multi-user.target
`;

const ANNOUNCE_SCRIPT = `#!/bin/sh
. /usr/lib/os-release
echo "TEST-BOARD up version=$VERSION_ID boot=$(cat /proc/sys/kernel/random/boot_id)" >/dev/ttyS0
`;

/** The board's application: the fleet's health check asks for it. */
const APPLICATION = `[Unit]
Description=The board's application

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/lib/test-board/application

[Install]
WantedBy=multi-user.target
`;

const OSTREE_WRAPPER = `#!/bin/sh
# libostree on a FAT /boot, as the boards' own build of it does it.
LD_PRELOAD=/usr/lib/test-board/ostree-vfat.so exec /usr/bin/ostree.stock "$@"
`;

export interface BoardFile {
  readonly content: string;
  /** Default: 0644. */
  readonly mode?: number;
}

/** By path in the root, before OSTree moves etc to usr/etc. */
export const BOARD_FILES: Readonly<Record<string, BoardFile>> = {
  'etc/hostname': { content: 'test-board\n' },
  'etc/machine-id': { content: '' },
  'etc/fstab': { content: 'PARTLABEL=ESP /boot vfat umask=0022,quiet,flush 0 0\n' },
  'etc/systemd/network/10-board.network': { content: NETWORK },
  'etc/systemd/journald.conf.d/serial.conf': {
    content: '[Journal]\nStorage=volatile\nForwardToConsole=yes\nTTYPath=/dev/ttyS0\nMaxLevelConsole=info\n',
  },
  'etc/systemd/system.conf.d/test.conf': { content: '[Manager]\nDefaultTimeoutStopSec=20s\n' },
  'etc/modules-load.d/board.conf': { content: 'i6300esb\n' },
  'etc/systemd/system/test-console.service': { content: CONSOLE },
  'etc/systemd/system/test-announce.service': { content: ANNOUNCE },
  'etc/systemd/system/application.service': { content: APPLICATION },
  'usr/lib/test-board/announce': { content: ANNOUNCE_SCRIPT, mode: 0o755 },
  'usr/lib/ostree/prepare-root.conf': { content: '[sysroot]\nreadonly=false\n' },
  'usr/bin/ostree': { content: OSTREE_WRAPPER, mode: 0o755 },
};

export const ENABLED_UNITS = [
  ...['test-console.service', 'test-announce.service', 'application.service'],
  ...['systemd-networkd.service'],
];

export const maskedUnits = (): readonly string[] => MASKED;

/** Minutes instead of hours; everything else as on a board in the field. */
export const agentConfig = (device: DeviceId, fwClass: Guid): string => `device: ${device}
broker:
  urls: ["mqtt://${HOST_ADDRESS}:${MQTT_PORT}"]
  keepAlive: 60s
commands:
  blessBoot: [/usr/lib/seatrial/bless-boot]
intervals:
  poll: 3s
  heartbeat: 60s
  progress: 2s
  retryFirst: 1s
  retryLongest: 10s
  stall: 30s
  healthRetry: 2s
  rebootGrace: 3m
board:
  fwClass: ${fwClass}
`;
