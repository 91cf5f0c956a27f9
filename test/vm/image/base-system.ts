// The board's operating system as Debian makes it: trixie, with libostree from forky, the first that counts boots.
// Runs mmdebstrap, which asks the machine's own Debian mirror.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../run-program.ts';
import { type Built, builtStage } from './stage.ts';

const PACKAGES = [
  ...['systemd', 'systemd-sysv', 'systemd-boot', 'systemd-boot-efi', 'udev', 'dbus', 'kmod'],
  ...['linux-image-cloud-amd64', 'busybox-static', 'e2fsprogs', 'iproute2', 'ca-certificates'],
  ...['ostree', 'ostree-boot', 'nodejs'],
];

const PREFERENCES = `Package: *
Pin: release n=forky
Pin-Priority: 50

Package: ostree ostree-boot libostree-1-1
Pin: release n=forky
Pin-Priority: 995
`;

/** forky moves: its Release file may be older than it says it may be. */
const sources = (mirror: string): string =>
  `deb ${mirror} trixie main\ndeb [check-valid-until=no] ${mirror} forky main\n`;

const LEFT_OUT = ['man', 'doc', 'locale', 'info'].map(folder => `--dpkgopt=path-exclude=/usr/share/${folder}/*`);

/** `base.tar` in its directory. */
export const baseSystem = (tell: (what: string) => void): Promise<Built> =>
  builtStage(
    {
      name: 'base',
      inputs: [PACKAGES.join(' '), PREFERENCES, sources('mirror')],
      build: async directory => {
        const [mirror = ''] = (await run('apt-get', ['indextargets', '--format', '$(REPO_URI)'])).split('\n');
        const preferences = join(directory, 'preferences');
        const list = join(directory, 'sources.list');
        writeFileSync(preferences, PREFERENCES);
        writeFileSync(list, sources(mirror));
        const into = '"$1/etc/apt/preferences.d/forky"';
        await run('mmdebstrap', [
          ...['--mode=root', '--variant=minbase', '--architectures=amd64', '--aptopt=Apt::Install-Recommends "false"'],
          '--keyring=/usr/share/keyrings/debian-archive-keyring.gpg',
          `--setup-hook=mkdir -p "$1/etc/apt/preferences.d"; cp '${preferences}' ${into}`,
          `--include=${PACKAGES.join(',')}`,
          ...LEFT_OUT,
          ...['trixie', join(directory, 'base.tar'), list],
        ]);
      },
    },
    tell,
  );
