// The operating systems that the scenarios roll out: one tree, and what each version adds to it.

import type { BoardFile } from './board-files.ts';

/**
 * good: comes up, healthy. sick: comes up, its application does not. panicking: dies in the initramfs. hanging: comes up so
 * far that systemd feeds the watchdog, then nothing runs any more. forgetful: good, but its first blessing is lost.
 */
export const VARIANTS = ['factory', 'good', 'better', 'sick', 'panicking', 'hanging', 'forgetful'] as const;
export type Variant = (typeof VARIANTS)[number];

interface Addition {
  readonly version: string;
  readonly files?: Readonly<Record<string, BoardFile>>;
  /** Shell that runs first thing in the initramfs. */
  readonly early?: string;
}

const NOTHING_RUNS = `[Unit]
Description=Keeps the only processor for itself
DefaultDependencies=no
After=sysinit.target test-announce.service

[Service]
ExecStartPre=/bin/sh -c 'echo -1 >/proc/sys/kernel/sched_rt_runtime_us'
ExecStartPre=/bin/sh -c 'echo "TEST-BOARD hangs on purpose" >/dev/ttyS0'
ExecStart=/usr/bin/chrt --fifo 99 /bin/sh -c 'while :; do :; done'
`;

/** As after a power cut between the rename and the disk: the name with the counter is back once. */
const LOSES_BLESSING = `#!/bin/sh
before=$(echo /boot/loader/entries/*+*.conf)
/usr/lib/systemd/systemd-bless-boot "$@" || exit
if [ "$1" = good ] && [ ! -e /var/lib/lost-blessing ] && [ -e "\${before%%+*}.conf" ]; then
  : >/var/lib/lost-blessing
  mv "\${before%%+*}.conf" "$before"
  echo "TEST-BOARD loses a blessing on purpose" >/dev/ttyS0
fi
`;

export const ADDITIONS = {
  factory: { version: '1.0.0' },
  good: { version: '1.1.0' },
  better: { version: '1.2.0' },
  sick: { version: '2.0.0', files: application('exit 1') },
  panicking: { version: '2.1.0', early: 'echo "TEST-BOARD panics on purpose" >/dev/ttyS0; exit 1' },
  hanging: {
    version: '2.2.0',
    files: {
      'usr/lib/systemd/system/hang.service': { content: NOTHING_RUNS },
      'usr/lib/systemd/system/multi-user.target.d/hang.conf': { content: '[Unit]\nWants=hang.service\n' },
    },
  },
  forgetful: {
    version: '1.3.0',
    files: {
      'usr/lib/test-board/lose-blessing': { content: LOSES_BLESSING, mode: 0o755 },
      'usr/lib/systemd/system/systemd-bless-boot.service.d/lost.conf': {
        content: '[Service]\nExecStart=\nExecStart=/usr/lib/test-board/lose-blessing good\n',
      },
    },
  },
} satisfies Record<Variant, Addition>;

function application(body: string): Readonly<Record<string, BoardFile>> {
  return { 'usr/lib/test-board/application': { content: `#!/bin/sh\n${body}\n`, mode: 0o755 } };
}

/** Everything that a version adds to the tree. */
export function filesOf(variant: Variant): Readonly<Record<string, BoardFile>> {
  const addition: Addition = ADDITIONS[variant];
  return {
    'usr/lib/os-release': { content: osRelease(addition.version) },
    ...application('exit 0'),
    ...addition.files,
  };
}

export const earlyOf = (variant: Variant): string | undefined => {
  const addition: Addition = ADDITIONS[variant];
  return addition.early;
};

export const versionOf = (variant: Variant): string => ADDITIONS[variant].version;

const osRelease = (version: string): string =>
  `NAME="Test Board Linux"\nID=testboard\nVERSION_ID=${version}\nPRETTY_NAME="Test Board Linux ${version}"\n`;
