// What is counted for whoever watches the controller itself.

import type { Channel } from '@seatrial/capsule-plan';
import type { FleetView, StatusView } from '../domain/api.ts';

export interface Metrics {
  countMessage(channel: Channel, result: string): void;
  countPublished(count: number): void;
  /** Everything counted, and the given state, in the text format of Prometheus. */
  text(state: { readonly fleets: readonly FleetView[]; readonly status: StatusView }): Promise<string>;
}
