// The firmware versions of the demonstration: 0.0.1.n.

import { type FirmwareVersion, firmwareVersion } from '@seatrial/spec';

export const firmware = (n: number): FirmwareVersion => firmwareVersion(0x1_0000 + n);
