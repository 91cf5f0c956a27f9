// DeviceList: boards by name, in bulk.

import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { documentOf, list, mapping } from './document.ts';
import { deviceId, name, word } from './text.ts';

const labels = mapping(word, word, LIMITS.labels);

const Device = z.strictObject({
  id: deviceId.describe('The board’s identity: the common name of its client certificate, unique in the repository.'),
  labels: labels.optional().describe('On top of those of the list; the same key overrides.'),
  pin: name.optional().describe('A Release that this device stays on, whatever its fleet says.'),
});

export const DeviceList = documentOf(
  'DeviceList',
  z.strictObject({
    board: name.describe('The Board type of all devices in the list.'),
    labels: labels.optional().describe('Labels of every device in the list.'),
    devices: list(Device, LIMITS.devicesPerList).describe('Up to 100,000 devices.'),
  }),
);
/** Boards of one type; `labels` of the list are those of every device in it, a device's own come on top. */
export type DeviceList = z.output<typeof DeviceList>;
