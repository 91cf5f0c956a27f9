// Blesses the running system: from here on the boot loader boots it without counting.
//
// It is the one step after which the old system is no longer where the board wakes up by itself, so it comes after the
// health checks of this very boot and before the firmware is committed. A blessing is one rename, `name+LEFT-DONE.conf`
// to `name.conf`:
//
//   power fails before it    the entry is still counted; the next boot proves the system again and blesses it then
//   power fails after it     the system is blessed; the next look finds nothing to bless

import { bootedDeployment } from '@seatrial/capsule-plan';
import { PortError } from '../errors.ts';
import type { Executor } from './executor.ts';

export const blessBoot: Executor<'bless-boot'> = async (_step, { ports, observed }) => {
  const running = bootedDeployment(observed.os.deployments)?.entry;
  if (running === undefined) throw new PortError('loader-entry-missing', 'the running system');
  await ports.bootAssessment.markGood(running);
  return undefined;
};
