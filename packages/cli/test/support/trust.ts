// Keys for every role and the TrustRoot that names them, made by the command itself.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from './run-cli.ts';

export const ROLES = ['root', 'vendor', 'operator', 'controller'] as const;

/** Writes k-root.key and the others into the directory; returns the TrustRoot as YAML. */
export async function makeKeys(directory: string): Promise<string> {
  for (const role of ROLES) await runCli(['keygen', `k-${role}`, '-d', directory]);
  const lines = ROLES.map(role => `    ${readFileSync(join(directory, `k-${role}.pub`), 'utf8').trim()}`);
  const roles = ROLES.map(role => `    ${role}: { threshold: 1, keys: [k-${role}] }`);
  return [
    'apiVersion: seatrial.dev/v1alpha1',
    'kind: TrustRoot',
    'metadata: { name: root }',
    'spec:',
    '  version: 1',
    '  expires: 2036-01-01T00:00:00Z',
    '  keys:',
    ...lines,
    '  roles:',
    ...roles,
    '',
  ].join('\n');
}
