// The four topics of a board [MQTT-5 4.7].

import { type DeviceId, parseDeviceId } from '@seatrial/spec';

export const TOPIC_ROOT = 'seatrial/v1';
/** plan: retained, controller to board. report, presence: retained, board to controller. event: progress, not retained. */
export type Channel = 'plan' | 'report' | 'event' | 'presence';

const CHANNELS: readonly Channel[] = ['plan', 'report', 'event', 'presence'];

export const topic = (device: DeviceId, channel: Channel): string => `${TOPIC_ROOT}/${device}/${channel}`;
/** The subscription that takes one channel of every board. */
export const topicOfAll = (channel: Channel): string => `${TOPIC_ROOT}/+/${channel}`;

/** Undefined for a topic that is not ours. */
export function parseTopic(text: string): { readonly device: DeviceId; readonly channel: Channel } | undefined {
  const [root, version, deviceText, channelText, ...rest] = text.split('/');
  const device = parseDeviceId(deviceText ?? '');
  const channel = CHANNELS.find(candidate => candidate === channelText);
  if (`${root}/${version}` !== TOPIC_ROOT || device === undefined || channel === undefined || rest.length > 0) {
    return undefined;
  }
  return { device, channel };
}
