// DeviceList: boards by name, in bulk.

import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { documentOf, list, mapping } from './document.ts';
import { deviceId, name, word } from './text.ts';

const labels = mapping(word, word, LIMITS.labels);

const Device = z.strictObject({ id: deviceId, labels: labels.optional(), pin: name.optional() });

export const DeviceList = documentOf(
  'DeviceList',
  z.strictObject({
    board: name,
    labels: labels.optional(),
    devices: list(Device, LIMITS.devicesPerList),
  }),
);
/** Boards of one type; `labels` of the list are those of every device in it, a device's own come on top. */
export type DeviceList = z.output<typeof DeviceList>;
