// Adapter: the settings of the user who runs the command. Reads $SEATRIAL_CONFIG, else $XDG_CONFIG_HOME/seatrial/config.yaml,
// else ~/.config/seatrial/config.yaml.

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';

export const SettingsFile = z.strictObject({
  /** Address of the controller's API. */
  server: z.string().optional(),
  /** What proves to the controller that its user may give orders. */
  token: z.string().min(1).optional(),
});
export type SettingsFile = z.output<typeof SettingsFile>;

export const settingsPath = ({ env }: Pick<Cli, 'env'>): string =>
  env['SEATRIAL_CONFIG'] ||
  join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'seatrial/config.yaml');

/** Empty where there is no file, unless it was named. Fails with `config-unreadable` or `config-malformed`. */
export function readSettings(cli: Pick<Cli, 'env'>): SettingsFile {
  const path = settingsPath(cli);
  const text = readText(path, { mayBeMissing: !cli.env['SEATRIAL_CONFIG'] });
  if (text === undefined) return {};
  const parsed = SettingsFile.safeParse(parseYaml(path, text) ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CliError('config-malformed', `${path}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
}

function readText(path: string, { mayBeMissing }: { readonly mayBeMissing: boolean }): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (mayBeMissing && cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new CliError('config-unreadable', `${path} can not be read`, { cause });
  }
}

/** The message names the place, never the text: it may hold the token. */
function parseYaml(path: string, text: string): unknown {
  try {
    return parse(text, { prettyErrors: true, maxAliasCount: 0 });
  } catch (cause) {
    throw new CliError('config-malformed', `${path} is not YAML`, { cause });
  }
}
