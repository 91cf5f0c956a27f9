// The image from the first Debian package to the disk, each part built once and kept.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DeviceId, type Guid, sha256Hex } from '@seatrial/spec';
import { run } from '../run-program.ts';
import { baseSystem } from './base-system.ts';
import { diskStage } from './disk.ts';
import { keysStage } from './keys.ts';
import { type Built, fromHouse } from './stage.ts';
import { readSystems, type Systems, systemsStage } from './systems.ts';
import { systemTree } from './tree.ts';

export interface Image {
  readonly disk: string;
  readonly keys: Built;
  readonly systems: Systems;
}

export interface ImageOptions {
  readonly device: DeviceId;
  readonly fwClass: Guid;
  readonly tell: (what: string) => void;
}

export async function buildImage({ device, fwClass, tell }: ImageOptions): Promise<Image> {
  const [path = ''] = (
    await run(process.execPath, [fromHouse('packages/device-reconciler/packaging/build-deb.ts')])
  ).split('\n');
  const deb = { path, sources: sha256Hex(readFileSync(path)) };
  const base = await baseSystem(tell);
  const tree = await systemTree({ base, deb }, tell);
  const systems = await systemsStage(tree, tell);
  const keys = await keysStage(tell);
  const disk = await diskStage({ tree, systems, keys, device, fwClass }, tell);
  return { disk: join(disk.directory, 'disk.img'), keys, systems: readSystems(systems) };
}
