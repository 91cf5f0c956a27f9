// Writes github.json anew: `node test/github/openapi/extract.ts [VERSION | FILE.tgz]`, the version of operations.ts by default.
// Needs npm, tar and the npm registry (none for a file); works in a temporary folder, which it removes.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InvariantError } from '@seatrial/spec';
import { isObject, type Json, type JsonObject, parseJson } from '../json.ts';
import { type Cut, cut, LEFT_OUT } from './cut.ts';
import { EXTRACT, type Provenance } from './description.ts';
import { OPERATIONS, SOURCE, WEBHOOKS } from './operations.ts';

function extract(version: string, folder: string): void {
  const tarball = fetchPackage(version, folder);
  const source = unpack(tarball, SOURCE.file);
  const whole = objectOf(source);
  const provenance = {
    package: SOURCE.package,
    version: textOf(objectOf(unpack(tarball, 'package.json')), 'version'),
    file: SOURCE.file,
    sha256: createHash('sha256').update(source).digest('hex'),
    openapi: textOf(whole, 'openapi'),
    license: 'MIT',
    extractedOn: new Date().toISOString().slice(0, 10),
    operations: OPERATIONS,
    webhooks: WEBHOOKS,
    leftOut: LEFT_OUT,
  } satisfies Provenance;
  writeFileSync(EXTRACT, layOut(provenance, cut(whole, { operations: OPERATIONS, webhooks: WEBHOOKS })));
}

/** The path of the package's tarball. */
function fetchPackage(wanted: string, folder: string): string {
  if (wanted.endsWith('.tgz')) return resolve(wanted);
  const args = ['pack', '--silent', '--pack-destination', folder, `${SOURCE.package}@${wanted}`];
  return join(folder, execFileSync('npm', args, { encoding: 'utf8' }).trim());
}

function unpack(tarball: string, file: string): Buffer {
  return execFileSync('tar', ['-xzOf', tarball, `package/${file}`], { maxBuffer: 2 ** 28 });
}

/** One operation, webhook or component a line: a refresh shows in a diff what GitHub changed. */
function layOut(provenance: Json, { operations, webhooks, components }: Cut): string {
  const lines = (entries: Readonly<Record<string, JsonObject>>): string =>
    Object.entries(entries)
      .map(([name, entry]) => `${JSON.stringify(name)}: ${JSON.stringify(entry)}`)
      .join(',\n');
  const kinds = Object.entries(components).map(([kind, entries]) => `"${kind}": {\n${lines(entries)}\n}`);
  return `{
"provenance": ${JSON.stringify(provenance, undefined, 1)},
"operations": {
${lines(operations)}
},
"webhooks": {
${lines(webhooks)}
},
"components": {
${kinds.join(',\n')}
}
}
`;
}

function objectOf(text: Buffer): JsonObject {
  const value = parseJson(text.toString('utf8'));
  if (!isObject(value)) throw new InvariantError('the package holds no such JSON');
  return value;
}

function textOf(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value !== 'string') throw new InvariantError(`no ${name}`);
  return value;
}

const temporary = mkdtempSync(join(tmpdir(), 'github-description-'));
try {
  extract(process.argv[2] ?? SOURCE.version, temporary);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
