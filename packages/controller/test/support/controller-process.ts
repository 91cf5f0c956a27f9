// A controller as a process of its own, so that a test can kill it. Takes the configuration file as its argument.

import { runController } from '../../src/index.ts';

await runController(process.argv[2] ?? '');
