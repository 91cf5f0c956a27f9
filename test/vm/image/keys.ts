// Keys for every role of the TrustRoot, made once by the command itself; they are worth nothing outside of these tests.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../run-program.ts';
import { type Built, builtStage, fromHouse } from './stage.ts';

export const ROLES = ['root', 'vendor', 'operator', 'controller'] as const;
export type Role = (typeof ROLES)[number];

export const SEATRIAL = fromHouse('packages/cli/bin/seatrial.js');

/** `k-ROLE.key` and `k-ROLE.pub` for each role. */
export const keysStage = (tell: (what: string) => void): Promise<Built> =>
  builtStage(
    {
      name: 'keys',
      inputs: [...ROLES],
      build: async directory => {
        for (const role of ROLES)
          await run(process.execPath, [SEATRIAL, 'keygen', `k-${role}`, '--directory', directory]);
      },
    },
    tell,
  );

export const keyFile = (keys: Built, role: Role): string => join(keys.directory, `k-${role}.key`);

const publicLine = (keys: Built, role: Role): string =>
  readFileSync(join(keys.directory, `k-${role}.pub`), 'utf8').trim();

/** Whom a board believes, as root.json. */
export function boardTrust(keys: Built): string {
  const [, publicKey] = /public: "([^"]+)"/.exec(publicLine(keys, 'controller')) ?? [];
  return JSON.stringify({
    version: 1,
    keys: { 'k-controller': publicKey },
    roles: { controller: { threshold: 1, keys: ['k-controller'] } },
  });
}

/** The TrustRoot of the fleet's repository. */
export const fleetTrust = (keys: Built): string => `apiVersion: seatrial.dev/v1alpha1
kind: TrustRoot
metadata: { name: root }
spec:
  version: 1
  expires: 2099-01-01T00:00:00Z
  keys:
${ROLES.map(role => `    ${publicLine(keys, role)}`).join('\n')}
  roles:
${ROLES.map(role => `    ${role}: { threshold: 1, keys: [k-${role}] }`).join('\n')}
`;
