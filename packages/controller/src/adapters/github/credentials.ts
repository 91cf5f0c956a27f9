// Who the controller is on GitHub: an app with its key, or a person's token. Both are files that only it should be able to read.
//
// Touches: the file that is configured.

import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PortError } from '../../errors.ts';
import { readToken } from '../signing-key.ts';

export type Credentials =
  | {
      readonly kind: 'app';
      readonly appId: number;
      /** PEM, PKCS#8, whatever form the file has. */
      readonly privateKey: string;
      /** Found by the repository where it is not given. */
      readonly installation?: number;
    }
  | { readonly kind: 'token'; readonly token: string };

export interface CredentialFiles {
  readonly app?: { readonly id: number; readonly privateKeyFile: string; readonly installation?: number | undefined };
  readonly tokenFile?: string;
}

/** Throws PortError `forge-key-unreadable`, `config-unreadable` or `config-invalid`. */
export async function readCredentials({ app, tokenFile }: CredentialFiles): Promise<Credentials> {
  if (app !== undefined) {
    const { id, privateKeyFile, installation } = app;
    const privateKey = await readAppKey(privateKeyFile);
    return { kind: 'app', appId: id, privateKey, ...(installation !== undefined && { installation }) };
  }
  if (tokenFile !== undefined) return { kind: 'token', token: await readToken(tokenFile) };
  throw new PortError('config-invalid', 'github', { detail: 'neither app nor tokenFile is given' });
}

/** GitHub hands keys out as PKCS#1; its own libraries take PKCS#8 on every platform. */
async function readAppKey(file: string): Promise<string> {
  try {
    const key = createPrivateKey(await readFile(file));
    if (key.asymmetricKeyType !== 'rsa') throw new PortError('forge-key-unreadable', file);
    return key.export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch {
    // What OpenSSL says about a key file may quote it.
    throw new PortError('forge-key-unreadable', file);
  }
}

/** What must never be read in any message. */
export const secretsOf = (credentials: Credentials): readonly string[] =>
  credentials.kind === 'token' ? [credentials.token] : credentials.privateKey.split('\n').filter(isKeyLine);

const isKeyLine = (line: string): boolean => line.length >= 16 && !line.startsWith('-----');
