// The least that a review must do with a snapshot: read it and hand it to JSON.parse. Argument: the file.

import { readFileSync } from 'node:fs';

const [, , path = ''] = process.argv;
const { devices } = JSON.parse(readFileSync(path, 'utf8')) as { devices: readonly unknown[] };
process.stdout.write(`${devices.length}\n`);
