// The controller as its API sees it: questions, and the orders that engineers give.

import type { DeviceId, Name, Result } from '@seatrial/spec';
import type {
  DevicePage,
  DeviceView,
  EventView,
  FleetView,
  OrderBody,
  ReleaseView,
  RolloutView,
  SnapshotView,
  StatusView,
  WhyView,
} from '../domain/api.ts';
import type { DeviceQuery } from '../domain/device-views.ts';
import type { OrderKind } from '../domain/rollout-orders.ts';
import type { ControllerErrorCode } from '../errors.ts';
import type { EventQuery } from './store.ts';

export interface Office {
  status(): StatusView;
  fleets(): readonly FleetView[];
  releases(): readonly ReleaseView[];
  rollouts(): readonly RolloutView[];
  devices(query: DeviceQuery): DevicePage;
  device(id: DeviceId): Promise<DeviceView | undefined>;
  why(id: DeviceId): Promise<WhyView | undefined>;
  events(query: EventQuery): Promise<readonly EventView[]>;
  snapshot(): Promise<SnapshotView>;
  /** Fails with `fleet-unknown`, `rollout-unknown` or a refusal of the rollout. */
  order(kind: OrderKind, fleet: Name, order: OrderBody): Promise<Result<RolloutView, ControllerErrorCode>>;
  /** Has the repository looked at now. */
  lookAtGit(): void;
  /** Everything that happens from now on; returns how to stop. */
  follow(follower: Follower): () => void;
  /** In the text format of Prometheus. */
  metrics(): Promise<string>;
}

export interface Follower {
  readonly onEvent: (event: EventView) => void;
  /** What a board says of its step while it does it. */
  readonly onProgress: (progress: Progress) => void;
}

export interface Progress {
  readonly device: string;
  readonly atMs: number;
  readonly step: string;
  readonly state: string;
  readonly message: string;
  readonly progress?: { readonly done: number; readonly total: number; readonly unit: string };
}
