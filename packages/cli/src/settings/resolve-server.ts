// Which controller is asked, and as whom: flags first, then the environment, then the settings file.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import type { ServerOptions } from './server-options.ts';
import { readSettings, type SettingsFile } from './settings-file.ts';

export interface Server {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token?: string;
}

/** Where a controller listens that nobody has configured otherwise. */
const LOCAL_SERVER = 'http://127.0.0.1:8470';

/** Fails with `usage`, `config-unreadable` or `config-malformed`. */
export function resolveServer(cli: Cli, options: ServerOptions): Server {
  const settings = readSettings(cli);
  const url = options.server ?? (cli.env['SEATRIAL_SERVER'] || settings.server || LOCAL_SERVER);
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new CliError('usage', `${url} is not an http or https URL`);
  const token = tokenOf(cli, options, settings);
  return { url: url.replace(/\/+$/, ''), ...(token === undefined ? {} : { token }) };
}

/** A token never stands on the command line, where every user of the machine could read it. */
function tokenOf({ env, cwd }: Cli, { tokenFile }: ServerOptions, settings: SettingsFile): string | undefined {
  if (tokenFile === undefined) return env['SEATRIAL_TOKEN'] || settings.token;
  try {
    return readFileSync(resolve(cwd, tokenFile), 'utf8').trim();
  } catch (cause) {
    throw new CliError('config-unreadable', `${tokenFile} can not be read`, { cause });
  }
}
