// The marker: a retained message that counts our batches of plans. A broker that shows an older number, or none, has lost
// messages that it had acknowledged.

import { TOPIC_ROOT } from '@seatrial/capsule-plan';

/** Below a name that no device can have. */
const own = (storeId: string, what: string): string => `${TOPIC_ROOT}/_controller/${storeId}/${what}`;

export const markerTopic = (storeId: string): string => own(storeId, 'published');
/** What we send to ourselves to learn what a subscription is worth. */
export const probeTopic = (storeId: string): string => own(storeId, 'probe');

export const markerOf = (payload: Uint8Array): number => Number(Buffer.from(payload).toString('utf8', 0, 20));
