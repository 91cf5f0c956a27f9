// The limit of validation: every YAML file below a directory, read and parsed by the `yaml` library, and nothing else.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const [directory = '.'] = process.argv.slice(2);
let documents = 0;
for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
  if (name.endsWith('.yaml') && parse(readFileSync(join(directory, name), 'utf8')) !== null) documents += 1;
}
console.log(documents);
process.exitCode = documents > 0 ? 0 : 1;
