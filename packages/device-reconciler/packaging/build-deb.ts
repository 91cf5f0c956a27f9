// Makes the agent's Debian package out of the bundle and the files in this directory: `node build-deb.ts [DIRECTORY]`.
// Runs esbuild through build.mjs, and dpkg-deb; writes below the directory (default: dist/deb) only.

import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AGENT_VERSION } from '../src/version.ts';
import { PACKAGED_FILES } from './packaged-files.ts';

const HERE = import.meta.dirname;
const PACKAGE = dirname(HERE);
/** Every file is as old as this, so that the same sources make the same package. */
const EPOCH_SECONDS = 1_767_225_600;

const control = (installedKiB: number): string => `Package: seatrial-agent
Version: ${AGENT_VERSION}
Section: admin
Priority: optional
Architecture: all
Depends: nodejs (>= 20), ostree (>= 2022.7), systemd-boot, e2fsprogs
Installed-Size: ${installedKiB}
Maintainer: The Seatrial authors <maintainers@seatrial.dev>
Homepage: https://seatrial.dev
Description: board-resident reconciler for UEFI capsules and OSTree
 Brings a board to the firmware and the operating system that its signed plan
 names: stages the capsule, deploys the tree, boots both on trial, proves them
 healthy, blesses them or goes back, and reports the evidence over MQTT.
`;

const changelog = `seatrial-agent (${AGENT_VERSION}) unstable; urgency=medium

  * The agent of this version; what changed stands in the repository's history.

 -- The Seatrial authors <maintainers@seatrial.dev>  ${new Date(EPOCH_SECONDS * 1000).toUTCString().replace('GMT', '+0000')}
`;

/** Returns the path of the package. */
export function buildDeb(directory: string): string {
  const scratch = mkdtempSync(join(tmpdir(), 'seatrial-deb-'));
  const root = join(scratch, 'root');
  try {
    // A bundle of its own: the one in dist may be in use.
    execFileSync(process.execPath, [join(PACKAGE, 'build.mjs'), `${scratch}/`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    mkdirSync(root, { mode: 0o755 });
    placeControl(root, placeFiles(root, join(scratch, 'agent.js')));
    mkdirSync(directory, { recursive: true });
    const deb = join(directory, `seatrial-agent_${AGENT_VERSION}_all.deb`);
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(EPOCH_SECONDS) };
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', root, deb], { stdio: 'ignore', env });
    return deb;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function placeFiles(root: string, bundle: string): number {
  let bytes = 0;
  for (const [from, { to, mode = 0o644 }] of Object.entries(PACKAGED_FILES)) {
    place(from === 'agent.js' ? bundle : join(HERE, from), join(root, to), mode);
    bytes += statSync(join(root, to)).size;
  }
  const doc = join(root, 'usr/share/doc/seatrial-agent');
  mkdirSync(doc, { recursive: true, mode: 0o755 });
  writeFileSync(join(doc, 'changelog.gz'), gzipSync(changelog, { level: 9 }), { mode: 0o644 });
  return bytes;
}

function placeControl(root: string, installedBytes: number): void {
  const debian = join(root, 'DEBIAN');
  mkdirSync(debian, { mode: 0o755 });
  writeFileSync(join(debian, 'control'), control(Math.ceil(installedBytes / 1024)), { mode: 0o644 });
  for (const script of ['postinst', 'prerm', 'postrm'])
    place(join(HERE, 'debian', script), join(debian, script), 0o755);
}

function place(from: string, to: string, mode: number): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  copyFileSync(from, to);
  chmodSync(to, mode);
}

if (import.meta.main) {
  process.stdout.write(`${buildDeb(resolve(process.argv[2] ?? join(PACKAGE, 'dist/deb')))}\n`);
}
