// The port to the controller, over whatever carries messages.

import type { Channel } from '@seatrial/capsule-plan';

export interface LinkHandlers {
  /** The message counts as taken when this resolves; until then it may come again. */
  readonly plan: (message: Uint8Array) => Promise<void>;
  /** Called after every (re)connection, when the board is subscribed. */
  readonly connected: () => void;
  readonly disconnected: (why: string) => void;
}

export interface ControllerLink {
  /** Connects and stays connected, for ever, with growing pauses. */
  open(handlers: LinkHandlers): void;
  /** Resolves with whether the broker took it; while there is no connection nothing is queued. */
  send(channel: Exclude<Channel, 'plan' | 'presence'>, message: Uint8Array): Promise<boolean>;
  /** Says goodbye, so that the last will is not sent. */
  close(): Promise<void>;
}
