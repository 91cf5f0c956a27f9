// `version-create` and `version-show`: SYSFW_VERSION.bin written and read.

import { resolve } from 'node:path';
import {
  parseVersionText,
  parseVersionTextAsReference,
  printVersionFields,
  readVersionFields,
  writeVersionFile,
} from '@seatrial/capsule-plan/capsule';
import { firmwareVersion, formatFirmwareVersion } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import { type Format, printJson } from '../output/format.ts';
import { CapsuleFailure, take } from './failure.ts';
import { writeBytes } from './output-file.ts';
import { readSmallFile } from './source-file.ts';

export interface VersionCreateOptions {
  readonly lowest: string;
  readonly out: string;
  readonly asReference?: boolean;
  readonly output: Format;
}

export async function runVersionCreate(cli: Cli, text: string, options: VersionCreateOptions): Promise<void> {
  const parse = options.asReference === true ? parseVersionTextAsReference : parseVersionText;
  const version = { fwVersion: take(parse(text)), lowestSupportedFwVersion: take(parse(options.lowest)) };
  if (options.asReference !== true && version.lowestSupportedFwVersion > version.fwVersion)
    throw new CapsuleFailure('LOW_ABOVE_FW', `(${options.lowest} above ${text})`);
  await writeBytes(resolve(cli.cwd, options.out), writeVersionFile(version));
  const shown = {
    file: options.out,
    version: formatFirmwareVersion(version.fwVersion),
    lowestSupported: formatFirmwareVersion(version.lowestSupportedFwVersion),
  };
  if (options.output === 'json') printJson(cli, shown);
  else cli.out.write(`${shown.file}: version ${shown.version}, lowest supported ${shown.lowestSupported}\n`);
}

export type VersionFormat = Format | 'reference';

export async function runVersionShow(cli: Cli, path: string, output: VersionFormat): Promise<void> {
  const fields = take(readVersionFields(await readSmallFile(resolve(cli.cwd, path))), path);
  const dotted = {
    version: formatFirmwareVersion(firmwareVersion(fields.fwVersion)),
    lowestSupported: formatFirmwareVersion(firmwareVersion(fields.lowestSupportedFwVersion)),
  };
  if (output === 'reference') cli.out.write(printVersionFields(fields));
  else if (output === 'json') printJson(cli, { file: path, ...fields, ...dotted });
  else cli.out.write(`${path}: version ${dotted.version}, lowest supported ${dotted.lowestSupported}\n`);
}
