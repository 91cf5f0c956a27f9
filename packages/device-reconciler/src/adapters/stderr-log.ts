// The log on stderr, with the priority prefixes that journald understands (sd-daemon(3)).
// Touches: stderr.

import type { Log, LogLevel } from '../ports/log.ts';

const PRIORITY = { error: '<3>', warning: '<4>', info: '<6>' } satisfies Record<LogLevel, string>;

export const stderrLog: Log = {
  write: (level, message) => {
    process.stderr.write(`${PRIORITY[level]}${message.replaceAll('\n', ' ')}\n`);
  },
};
