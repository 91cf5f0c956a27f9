// Asks systemd to reboot. What for stands in the journal already; what came of it is seen at the next boot.

import type { Executor } from './executor.ts';

export const reboot: Executor<'reboot'> = async (_step, { ports }) => {
  await ports.services.reboot();
  return undefined;
};
