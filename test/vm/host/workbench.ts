// What all scenarios of one run share: the image, a firmware vendor and a stranger, and the disk that boards start from.

import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DeviceId,
  type FirmwareVersion,
  firmwareVersion,
  type Guid,
  parseDeviceId,
  parseGuid,
} from '@seatrial/spec';
import { type CapsuleFactory, createCapsuleFactory } from '@seatrial/virtual-board';
import { firmwareStage } from '../image/firmware.ts';
import { buildImage, type Image } from '../image/image.ts';
import { diskWithFirmware } from '../machine/real-board.ts';
import { RUNS } from '../places.ts';

/** 0.0.1.n */
export const v = (n: number): FirmwareVersion => firmwareVersion(0x1_0000 + n);
export const FACTORY_FIRMWARE = { version: v(1), lowestSupported: v(0) };

const known = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('a constant is malformed');
  return value;
};

export const DEVICE: DeviceId = known(parseDeviceId('hub-01'));
export const FW_CLASS: Guid = known(parseGuid('78462415-6133-431C-9FAE-48F2BAFD5C71'));
export const OTHER_FW_CLASS: Guid = known(parseGuid('6F25BFD2-A165-468B-980F-AC51A0A45C52'));

export interface Workbench {
  readonly image: Image;
  readonly vendor: CapsuleFactory;
  readonly stranger: CapsuleFactory;
  /** A factory disk with the vendor's firmware on it. */
  readonly disk: string;
  /** The firmware's own verifier, for this machine. */
  readonly verifier: string;
  /** Of this run; scenarios keep their logs below it. */
  readonly directory: string;
}

export async function openWorkbench(tell: (what: string) => void): Promise<Workbench> {
  const image = await buildImage({ device: DEVICE, fwClass: FW_CLASS, tell });
  const [vendor, stranger] = [createCapsuleFactory('Vendor'), createCapsuleFactory('Stranger')];
  const firmware = await firmwareStage(
    { fwClass: FW_CLASS, ...FACTORY_FIRMWARE, trustAnchor: vendor.trustAnchor },
    tell,
  );
  const directory = ownDirectory();
  const disk = join(directory, 'disk.img');
  await diskWithFirmware({ disk: image.disk, firmware: firmware.directory, to: disk });
  return { image, vendor, stranger, disk, verifier: join(firmware.directory, 'verify-on-host'), directory };
}

/** Named after this process; those of processes that are gone are removed. */
function ownDirectory(): string {
  mkdirSync(RUNS, { recursive: true });
  for (const name of readdirSync(RUNS)) {
    if (!existsSync(`/proc/${name}`)) rmSync(join(RUNS, name), { recursive: true, force: true });
  }
  const directory = join(RUNS, String(process.pid));
  mkdirSync(directory);
  return directory;
}
