// The trust root as a file: JSON with `version`, `keys` (id to raw Ed25519 key in base64) and `roles`.
// Touches: the file that `trustRoot` of the configuration names (read). Privileges: none.

import { type KeyId, type PublicKey, parseKeyId, parsePublicKey, type SigningRole } from '@seatrial/spec';
import { z } from 'zod';
import { PortError } from '../errors.ts';
import type { TrustSource } from '../ports/trust-source.ts';
import { readTextIfThere } from './durable-file.ts';

const CONTROLLER = 'controller';

const TrustRootFile = z.object({
  version: z.int().min(1),
  keys: z.record(z.string(), z.string()),
  roles: z.record(z.string(), z.object({ threshold: z.int().min(1), keys: z.array(z.string()) })),
});

export const trustRootFile = (path: string): TrustSource => ({
  controller: async () => {
    const text = await readTextIfThere(path).catch((error: unknown) => {
      throw new PortError('trust-malformed', path, { cause: error });
    });
    if (text === undefined) throw new PortError('trust-missing', path);
    const role = controllerRole(text);
    if (role === undefined) throw new PortError('trust-malformed', path);
    return role;
  },
});

/** Undefined unless the whole file is in order and has a controller role with keys that exist. */
export function controllerRole(text: string): SigningRole | undefined {
  const file = TrustRootFile.safeParse(jsonOf(text)).data;
  const role = file?.roles[CONTROLLER];
  if (file === undefined || role === undefined) return undefined;
  const keys = new Map<KeyId, PublicKey>();
  for (const name of role.keys) {
    const keyId = parseKeyId(name);
    const key = parsePublicKey(file.keys[name] ?? '');
    if (keyId === undefined || key === undefined) return undefined;
    keys.set(keyId, key);
  }
  return { role: CONTROLLER, threshold: role.threshold, keys };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
