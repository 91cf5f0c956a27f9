// Installs what the tests and the demo run for real, where it is missing and apt may be used: Debian's ostree, mosquitto,
// strace, openssl, mkeficapsule, a C compiler and a software token.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, succeeds } from './run.mjs';

/** Each Debian package, and the program by which its presence is known. */
const TOOLS = [
  { name: 'ostree', program: 'ostree' },
  { name: 'mosquitto', program: 'mosquitto' },
  { name: 'mosquitto-clients', program: 'mosquitto_pub' },
  { name: 'strace', program: 'strace' },
  { name: 'openssl', program: 'openssl' },
  { name: 'u-boot-tools', program: 'mkeficapsule' },
  // The tracer of the crash tests is a C program.
  { name: 'gcc', program: 'gcc' },
  { name: 'libc6-dev', program: 'gcc' },
  { name: 'softhsm2', program: 'softhsm2-util' },
  // An engine of openssl is no program: it comes and goes with the token that it is tried with.
  { name: 'libengine-pkcs11-openssl', program: 'softhsm2-util' },
];

/** Returns what went wrong, or nothing. */
export function installTools() {
  const missing = TOOLS.filter(({ program }) => !isInstalled(program)).map(({ name }) => name);
  if (missing.length === 0) return undefined;
  const command = `sudo apt-get update && sudo apt-get install -y ${missing.join(' ')}`;
  const prefix = privilege();
  if (prefix === undefined || !isInstalled('apt-get')) {
    return [`missing: ${missing.join(', ')}. The tests and the demo need them. Install them with:\n  ${command}`];
  }
  const script = ['scripts/setup/install-debian-tools.sh', ...missing];
  return (prefix === '' ? run('sh', script) : run(prefix, ['-n', 'sh', ...script]))
    ? undefined
    : [`apt could not install ${missing.join(', ')}; try it yourself:\n  ${command}`];
}

/** The program that makes us root without a question: none, sudo, or undefined where it is not possible. */
function privilege() {
  if (process.getuid?.() === 0) return '';
  return isInstalled('sudo') && succeeds('sudo', ['-n', 'true']) ? 'sudo' : undefined;
}

/**
 * Looks where daemons live as well: a user's PATH often has no sbin.
 * @param {string} program
 */
function isInstalled(program) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.some(folder => folder !== '' && existsSync(join(folder, program)));
}
